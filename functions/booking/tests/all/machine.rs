//! Random sequences of steps, by anybody and at any time, against a model of the life of a booking that was written
//! apart from the service.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use testing::{Answer, Caller, World};

use crate::journey::{cancel, driver, read, reschedule, step, vehicle, vehicle_status};
use crate::vehicles::admin;
use crate::{book, shipper, world};

const HOUR: i64 = 3_600;

#[derive(Debug, Clone, Copy)]
enum By {
    Administrator,
    Driver,
    OtherShipper,
    Shipper,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Assign { truck: usize },
    Cancel,
    Complete,
    Confirm,
    Reschedule { hours: i64 },
    Start,
}

#[derive(Debug, Clone, Copy)]
enum Move {
    Book,
    Take { by: By, booking: usize, step: Step },
    Wait { hours: i64 },
}

const TRUCKS: [&str; 2] = ["TS05AB0001", "TS05AB0002"];

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let by = prop_oneof![
        6 => Just(By::Administrator), 3 => Just(By::Driver), 1 => Just(By::OtherShipper), 2 => Just(By::Shipper),
    ];
    let hours = prop_oneof![2 => 1_i64..14, 1 => -5_i64..200];
    let step = prop_oneof![
        6 => (0..TRUCKS.len()).prop_map(|truck| Step::Assign { truck }),
        1 => Just(Step::Cancel),
        4 => Just(Step::Complete),
        6 => Just(Step::Confirm),
        2 => hours.prop_map(|hours| Step::Reschedule { hours }),
        6 => Just(Step::Start),
    ];
    let one = prop_oneof![
        1 => Just(Move::Book),
        12 => (by, 0_usize..3, step).prop_map(|(by, booking, step)| Move::Take { by, booking, step }),
        1 => (1_i64..20).prop_map(|hours| Move::Wait { hours }),
    ];
    vec(one, 30..80)
}

/// A booking as the model sees it.
#[derive(Debug, Clone)]
struct Modelled {
    id: String,
    status: &'static str,
    pickup: i64,
    truck: Option<usize>,
    moved: usize,
    steps: usize,
}

#[derive(Debug, Default)]
struct Model {
    now: i64,
    bookings: Vec<Modelled>,
}

impl Model {
    /// Whether an open trip holds this truck.
    fn is_taken(&self, truck: usize) -> bool {
        self.bookings.iter().any(|it| it.truck == Some(truck) && ["assigned", "in_transit"].contains(&it.status))
    }

    /// Takes a step, or says the code of the refusal.
    fn take(&mut self, by: By, booking: usize, step: Step) -> Result<(), &'static str> {
        let is_free = |truck| !self.is_taken(truck);
        let before = &self.bookings[booking];
        let ahead = before.pickup - self.now;
        let mut after = before.clone();
        match (step, by) {
            (Step::Confirm | Step::Assign { .. }, By::Administrator)
            | (Step::Cancel | Step::Reschedule { .. }, By::Administrator | By::Shipper)
            | (Step::Start | Step::Complete, By::Administrator) => {}
            (Step::Start | Step::Complete, By::Driver) if before.truck.is_some() => {}
            (Step::Start | Step::Complete, By::Driver) => return Err("BOOKING_NOT_FOUND"),
            (Step::Cancel | Step::Reschedule { .. }, By::OtherShipper) => return Err("BOOKING_NOT_FOUND"),
            _ => return Err("FORBIDDEN"),
        }
        after.status = match (before.status, step) {
            ("created", Step::Confirm) => "confirmed",
            ("created", Step::Reschedule { .. }) => "created",
            ("confirmed", Step::Assign { .. }) => "assigned",
            ("confirmed" | "assigned", Step::Reschedule { .. }) => "confirmed",
            ("assigned", Step::Start) => "in_transit",
            ("in_transit", Step::Complete) => "completed",
            ("created" | "confirmed" | "assigned", Step::Cancel) => "cancelled",
            (_, Step::Cancel) => return Err("BOOKING_NOT_OPEN"),
            _ => return Err("INVALID_BOOKING_STATUS"),
        };
        let too_late = matches!(by, By::Shipper) && ahead < 2 * HOUR;
        match step {
            Step::Assign { truck } if is_free(truck) => after.truck = Some(truck),
            Step::Assign { .. } => return Err("VEHICLE_UNAVAILABLE"),
            Step::Cancel if too_late => return Err("CANCELLATION_TOO_LATE"),
            Step::Start if ahead > 12 * HOUR => return Err("TRIP_TOO_EARLY"),
            Step::Reschedule { .. } if before.moved == 3 => return Err("RESCHEDULED_TOO_OFTEN"),
            Step::Reschedule { .. } if too_late => return Err("RESCHEDULING_TOO_LATE"),
            Step::Reschedule { hours } if !(1..=7 * 24).contains(&hours) => return Err("BOOKING_WINDOW_CLOSED"),
            Step::Reschedule { hours } => {
                after.pickup = self.now + hours * HOUR;
                after.truck = None;
                after.moved += 1;
            }
            Step::Cancel | Step::Complete | Step::Confirm | Step::Start => {}
        }
        after.steps += 1;
        self.bookings[booking] = after;
        Ok(())
    }
}

async fn take(world: &World, by: By, booking: &str, what: Step, trucks: &[String]) -> Answer {
    let by: Caller = match by {
        By::Administrator => admin(world),
        By::Driver => driver(world),
        By::OtherShipper => world.caller_named("acme", "acme-second-shipper", &[policy::Role::Shipper]),
        By::Shipper => shipper(world),
    };
    match what {
        Step::Assign { truck } => {
            let body = json!({ "vehicleId": trucks[truck], "driverId": "acme-driver" });
            step(world, &by, booking, "assignment", body).await
        }
        Step::Cancel => cancel(world, &by, booking).await,
        Step::Complete => step(world, &by, booking, "completion", json!({})).await,
        Step::Confirm => step(world, &by, booking, "confirmation", json!({})).await,
        Step::Reschedule { hours } => reschedule(world, &by, booking, hours * HOUR).await,
        Step::Start => step(world, &by, booking, "start", json!({})).await,
    }
}

/// Makes the moves in the service and in the model, and compares after each one. Says which statuses were reached.
async fn play(moves: Vec<Move>) -> BTreeSet<&'static str> {
    let world = world().await;
    let mut trucks = Vec::new();
    for number in TRUCKS {
        trucks.push(vehicle(&world, number).await);
    }
    let mut model = Model::default();
    let mut reached = BTreeSet::new();
    for next in [Move::Book, Move::Book].into_iter().chain(moves) {
        match next {
            Move::Wait { hours } => {
                world.advance(hours * HOUR);
                model.now += hours * HOUR;
            }
            Move::Book => {
                let id = book(&world, &shipper(&world)).await;
                let pickup = model.now + 24 * HOUR;
                model.bookings.push(Modelled { id, status: "created", pickup, truck: None, moved: 0, steps: 1 });
            }
            Move::Take { by, booking, step } => {
                // Counted from the newest, because the old ones have come to their end.
                let booking = model.bookings.len() - 1 - booking.min(model.bookings.len() - 1);
                let id = model.bookings[booking].id.clone();
                let answer = take(&world, by, &id, step, &trucks).await;
                let expected = model.take(by, booking, step).err().unwrap_or_default();
                assert_eq!(answer.code(), expected, "{next:?}: {} of {:?}", answer.body, model);
                let found = read(&world, &id).await;
                let truck = model.bookings[booking].truck.map(|truck| json!(trucks[truck])).unwrap_or_default();
                assert_eq!(found["status"], model.bookings[booking].status, "{next:?}");
                assert_eq!(found["assignment"]["vehicleId"], truck, "{next:?}");
            }
        }
        reached.extend(model.bookings.iter().map(|booking| booking.status));
    }
    agree(&world, &model, &trucks).await;
    reached
}

/// Vehicles, histories, lists and the summary say what the model says.
async fn agree(world: &World, model: &Model, trucks: &[String]) {
    for (n, truck) in trucks.iter().enumerate() {
        let expected = if model.is_taken(n) { "assigned" } else { "available" };
        assert_eq!(vehicle_status(world, truck).await, expected, "{model:?}");
    }
    let mut by_status: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for booking in &model.bookings {
        let path = format!("/booking/v1/bookings/{}/history", booking.id);
        let history = world.ask("GET", &path).by(&admin(world)).send().await.body["data"]["entries"].clone();
        let entries = history.as_array().expect("entries");
        assert_eq!(entries.len(), booking.steps, "{history}");
        assert!(entries.windows(2).all(|two| two[0]["to"] == two[1]["from"]), "{history}");
        assert_eq!(entries[entries.len() - 1]["to"], booking.status);
        by_status.entry(booking.status).or_default().insert(&booking.id);
    }
    for status in ["created", "confirmed", "assigned", "in_transit", "completed", "cancelled"] {
        let path = format!("/booking/v1/bookings?pageSize=100&status={status}");
        let list = world.ask("GET", &path).by(&admin(world)).send().await.body["data"].clone();
        let found: BTreeSet<&str> =
            list.as_array().expect("a list").iter().filter_map(|booking| booking["bookingId"].as_str()).collect();
        assert_eq!(found, by_status.get(status).cloned().unwrap_or_default(), "{status}");
    }
    world.settle().await;
    let summary = world.ask("GET", "/booking/v1/summary").by(&shipper(world)).send().await.body["data"].clone();
    let counts: BTreeMap<&str, usize> = by_status.iter().map(|(status, ids)| (*status, ids.len())).collect();
    assert_eq!(summary["byStatus"], json!(counts));
}

#[tokio::test]
async fn every_step_from_every_status_is_taken_or_refused_as_the_model_says() {
    const ASSIGN: Step = Step::Assign { truck: 0 };
    const PATHS: [&[Step]; 6] = [
        &[],
        &[Step::Confirm],
        &[Step::Confirm, ASSIGN],
        &[Step::Confirm, ASSIGN, Step::Start],
        &[Step::Confirm, ASSIGN, Step::Start, Step::Complete],
        &[Step::Cancel],
    ];
    const STEPS: [Step; 6] =
        [ASSIGN, Step::Cancel, Step::Complete, Step::Confirm, Step::Reschedule { hours: 30 }, Step::Start];
    let world = world().await;
    let each = PATHS.iter().flat_map(|path| STEPS.iter().map(move |step| (path, step)));
    for (n, (path, step)) in each.enumerate() {
        let trucks = [vehicle(&world, &format!("TS05AB{n:04}")).await];
        let id = book(&world, &shipper(&world)).await;
        let booking =
            Modelled { id: id.clone(), status: "created", pickup: 24 * HOUR, truck: None, moved: 0, steps: 1 };
        let mut model = Model { now: 13 * HOUR, bookings: vec![booking] };
        world.advance(13 * HOUR);

        for step in path.iter().chain([step]) {
            let answer = take(&world, By::Administrator, &id, *step, &trucks).await;
            let expected = model.take(By::Administrator, 0, *step).err().unwrap_or_default();
            assert_eq!(answer.code(), expected, "{step:?} after {path:?}");
        }

        assert_eq!(read(&world, &id).await["status"], model.bookings[0].status, "{step:?} after {path:?}");
        let expected = if model.is_taken(0) { "assigned" } else { "available" };
        assert_eq!(vehicle_status(&world, &trucks[0]).await, expected, "{step:?} after {path:?}");
    }
}

#[test]
fn whatever_is_asked_in_whatever_order_the_service_does_what_the_model_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let reached = RefCell::new(BTreeSet::new());
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };

    // Moves that did not reach every status prove little: then others are drawn.
    for _ in 0..20 {
        let run = TestRunner::new(config.clone()).run(&moves(), |moves| {
            reached.borrow_mut().extend(runtime.block_on(play(moves)));
            Ok(())
        });
        assert!(run.is_ok(), "{}", run.unwrap_err());
        if reached.borrow().len() == 6 {
            return;
        }
    }

    panic!("the moves reached {:?} alone", reached.into_inner());
}
