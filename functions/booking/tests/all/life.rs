//! The life of a booking, step by step, and who may take which.

use policy::Role;
use serde_json::{Value, json};

use crate::journey::{
    assign, book_class, cancel, complete, confirm, driver, read, reschedule, start, step, vehicle, vehicle_status,
};
use crate::vehicles::{admin, fleet_owner};
use crate::{book, shipper, world};

const HOUR: i64 = 3_600;

#[tokio::test]
async fn a_booking_is_confirmed_assigned_started_and_completed() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let truck = vehicle(&world, "TS05AB0001").await;
    let status = |answer: &testing::Answer| answer.body["data"]["status"].as_str().unwrap_or_default().to_owned();

    assert_eq!(status(&confirm(&world, &booked).await), "confirmed");
    let assigned = assign(&world, &booked, &truck).await;
    assert_eq!(status(&assigned), "assigned");
    assert_eq!(
        assigned.body["data"]["assignment"],
        json!({ "vehicleId": truck, "driverId": "acme-driver", "fleetOwnerId": "acme-fleet_owner" })
    );
    assert_eq!(vehicle_status(&world, &truck).await, "assigned");
    world.advance(12 * HOUR);
    assert_eq!(status(&start(&world, &booked).await), "in_transit");
    assert_eq!(vehicle_status(&world, &truck).await, "assigned");
    assert_eq!(status(&complete(&world, &booked).await), "completed");
    assert_eq!(vehicle_status(&world, &truck).await, "available");
}

#[tokio::test]
async fn its_history_says_who_did_what_when_from_where_to_where_and_why() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let path = format!("/booking/v1/bookings/{booked}/history");
    let began = world.in_seconds(0);

    world.advance(HOUR);
    let body = json!({ "reason": "known customer" });
    step(&world, &admin(&world), &booked, "confirmation", body).await;
    confirm(&world, &booked).await;
    world.advance(HOUR);
    cancel(&world, &shipper(&world), &booked).await;

    let history = world.ask("GET", &path).by(&shipper(&world)).send().await;
    assert_eq!(
        history.body["data"],
        json!({ "bookingId": booked, "status": "cancelled", "entries": [
            { "at": began, "by": "acme-shipper", "action": "create", "to": "created" },
            { "at": world.in_seconds(-HOUR), "by": "acme-tenant_admin", "action": "confirm", "from": "created",
              "to": "confirmed", "reason": "known customer" },
            { "at": world.in_seconds(0), "by": "acme-shipper", "action": "cancel", "from": "confirmed",
              "to": "cancelled", "reason": "plans have changed" },
        ]})
    );
    let elsewhere = world.caller("other", Role::TenantAdmin);
    assert_eq!(world.ask("GET", &path).by(&elsewhere).send().await.code(), "BOOKING_NOT_FOUND");
}

#[tokio::test]
async fn a_step_that_is_not_in_the_table_is_refused_and_says_where_the_booking_stands() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let truck = vehicle(&world, "TS05AB0001").await;

    let early = assign(&world, &booked, &truck).await;
    assert_eq!((early.status, early.code()), (409, "INVALID_BOOKING_STATUS"));
    assert_eq!(early.body["error"]["details"]["status"], "created");
    assert_eq!(vehicle_status(&world, &truck).await, "available");
    cancel(&world, &shipper(&world), &booked).await;
    for answer in [
        confirm(&world, &booked).await,
        reschedule(&world, &shipper(&world), &booked, 30 * HOUR).await,
        step(&world, &admin(&world), &booked, "start", json!({})).await,
        step(&world, &admin(&world), &booked, "completion", json!({})).await,
    ] {
        assert_eq!((answer.status, answer.code()), (409, "INVALID_BOOKING_STATUS"));
    }
    assert_eq!(cancel(&world, &shipper(&world), &booked).await.code(), "BOOKING_NOT_OPEN");
}

#[tokio::test]
async fn a_moved_booking_has_its_new_pickup_its_old_price_and_no_vehicle() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let truck = vehicle(&world, "TS05AB0001").await;
    confirm(&world, &booked).await;
    let before = assign(&world, &booked, &truck).await.body["data"].clone();

    let moved = reschedule(&world, &shipper(&world), &booked, 48 * HOUR).await;

    assert_eq!(moved.status, 200, "{}", moved.body);
    let moved = &moved.body["data"];
    assert_eq!(moved["freight"]["pickupAt"], world.in_seconds(48 * HOUR));
    assert_eq!((&moved["price"], &moved["status"]), (&before["price"], &json!("confirmed")));
    assert_eq!(moved["assignment"], Value::Null);
    assert_eq!(vehicle_status(&world, &truck).await, "available");
    assert_eq!(assign(&world, &booked, &truck).await.status, 200);
}

#[tokio::test]
async fn a_pickup_is_moved_into_the_window_in_time_and_so_often() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let moved = async |seconds: i64| reschedule(&world, &shipper(&world), &booked, seconds).await.code().to_owned();

    assert_eq!(moved(HOUR - 1).await, "BOOKING_WINDOW_CLOSED");
    assert_eq!(moved(7 * 24 * HOUR + 1).await, "BOOKING_WINDOW_CLOSED");
    assert_eq!(moved(-HOUR).await, "BOOKING_WINDOW_CLOSED");
    for hours in [30, 36, 24] {
        assert_eq!(moved(hours * HOUR).await, "");
    }
    assert_eq!(moved(30 * HOUR).await, "RESCHEDULED_TOO_OFTEN");
    world.configure("services.booking.dev.business.rescheduling", "/maximumTimes", json!(4));
    world.advance(22 * HOUR + 1);
    assert_eq!(moved(30 * HOUR).await, "RESCHEDULING_TOO_LATE");
}

#[tokio::test]
async fn an_administrator_settles_a_booking_whose_pickup_has_passed() {
    let world = world().await;
    let [moved, cancelled] = [book(&world, &shipper(&world)).await, book(&world, &shipper(&world)).await];
    let truck = vehicle(&world, "TS05AB0001").await;
    confirm(&world, &cancelled).await;
    assign(&world, &cancelled, &truck).await;
    world.advance(25 * HOUR);

    assert_eq!(cancel(&world, &shipper(&world), &cancelled).await.code(), "CANCELLATION_TOO_LATE");
    let answer = cancel(&world, &admin(&world), &cancelled).await;
    assert_eq!((answer.status, &answer.body["data"]["cancellation"]["feeAmount"]), (200, &json!(236_000)));
    assert_eq!(vehicle_status(&world, &truck).await, "available");
    assert_eq!(reschedule(&world, &shipper(&world), &moved, 30 * HOUR).await.code(), "RESCHEDULING_TOO_LATE");
    assert_eq!(reschedule(&world, &admin(&world), &moved, 30 * HOUR).await.status, 200);
}

#[tokio::test]
async fn calling_off_costs_something_as_soon_as_a_vehicle_is_kept_for_it() {
    let world = world().await;
    let truck = vehicle(&world, "TS05AB0001").await;
    let fee = async |with_vehicle: bool| {
        let booked = book(&world, &shipper(&world)).await;
        confirm(&world, &booked).await;
        if with_vehicle {
            assert_eq!(assign(&world, &booked, &truck).await.status, 200);
        }
        let answer = cancel(&world, &shipper(&world), &booked).await;
        answer.body["data"]["cancellation"]["feeAmount"].clone()
    };

    assert_eq!([fee(false).await, fee(true).await], [json!(0), json!(118_000)]);
    world.configure("services.booking.dev.business.cancellation", "/assignedFeeBasisPoints", json!(0));
    assert_eq!(fee(true).await, json!(0));
}

#[tokio::test]
async fn a_trip_sets_out_not_long_before_its_pickup() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let truck = vehicle(&world, "TS05AB0001").await;
    confirm(&world, &booked).await;
    assign(&world, &booked, &truck).await;

    world.advance(12 * HOUR - 1);
    let early = start(&world, &booked).await;
    assert_eq!((early.status, early.code()), (422, "TRIP_TOO_EARLY"));
    world.advance(1);
    assert_eq!(start(&world, &booked).await.status, 200);
}

#[tokio::test]
async fn a_vehicle_is_assigned_only_if_it_is_free_large_enough_and_permitted() {
    let world = world().await;
    let [first, second] = [book(&world, &shipper(&world)).await, book(&world, &shipper(&world)).await];
    let truck = vehicle(&world, "TS05AB0001").await;
    confirm(&world, &first).await;
    confirm(&world, &second).await;
    let refused = async |booking: &str, vehicle: &str| {
        let answer = assign(&world, booking, vehicle).await;
        (answer.status, answer.code().to_owned())
    };

    assert_eq!(refused(&first, "VH-0000000000000000").await, (404, "VEHICLE_NOT_FOUND".into()));
    let mut small = crate::vehicles::truck(&world, "TS05AB0002");
    small["capacityTonnes"] = json!(9.9);
    let small = crate::vehicles::register(&world, &fleet_owner(&world), &small).await.body["data"].clone();
    let small = small["vehicleId"].as_str().expect("an id");
    assert_eq!(refused(&first, small).await, (422, "CAPACITY_EXCEEDED".into()));
    let mut old = crate::vehicles::truck(&world, "TS05AB0003");
    old["permits"][0]["expiresAt"] = json!(world.in_seconds(24 * HOUR + 1));
    let old = crate::vehicles::register(&world, &fleet_owner(&world), &old).await.body["data"].clone();
    let old = old["vehicleId"].as_str().expect("an id");
    reschedule(&world, &shipper(&world), &first, 25 * HOUR).await;
    assert_eq!(refused(&first, old).await, (422, "PERMIT_EXPIRED".into()));
    assert_eq!(refused(&first, &truck).await, (200, String::new()));
    assert_eq!(refused(&second, &truck).await, (409, "VEHICLE_UNAVAILABLE".into()));
    assert_eq!(read(&world, &second).await["status"], "confirmed");
}

#[tokio::test]
async fn a_booking_for_a_class_of_vehicle_gets_one_of_that_class() {
    let world = world().await;
    let truck = vehicle(&world, "TS05AB0001").await;
    for (class, code) in [("heavy", "WRONG_VEHICLE_CLASS"), ("medium", "")] {
        let booked = book_class(&world, class).await;
        confirm(&world, &booked).await;
        assert_eq!(assign(&world, &booked, &truck).await.code(), code);
    }
}

#[tokio::test]
async fn another_tenants_vehicle_does_not_exist() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    confirm(&world, &booked).await;
    let elsewhere = world.caller("other", Role::FleetOwner);
    let foreign = crate::vehicles::register(&world, &elsewhere, &crate::vehicles::truck(&world, "TS05AB0001")).await;

    let foreign = foreign.body["data"]["vehicleId"].as_str().expect("an id");
    assert_eq!(assign(&world, &booked, foreign).await.code(), "VEHICLE_NOT_FOUND");
}

#[tokio::test]
async fn a_step_is_taken_by_those_it_belongs_to() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let truck = vehicle(&world, "TS05AB0001").await;
    confirm(&world, &booked).await;
    assign(&world, &booked, &truck).await;
    let named = |id: &str, role| world.caller_named("acme", id, &[role]);
    let second_driver = named("acme-second-driver", Role::Driver);
    let second_owner = named("acme-second-owner", Role::FleetOwner);
    let second_shipper = named("acme-second-shipper", Role::Shipper);
    let former_driver = named("acme-driver", Role::FleetOwner);
    let foreign_driver = world.caller_named("other", "acme-driver", &[Role::Driver]);

    for (caller, name, code) in [
        (&shipper(&world), "confirmation", "FORBIDDEN"),
        (&shipper(&world), "start", "FORBIDDEN"),
        (&driver(&world), "cancellation", "FORBIDDEN"),
        (&fleet_owner(&world), "assignment", "FORBIDDEN"),
        (&second_driver, "start", "BOOKING_NOT_FOUND"),
        (&second_owner, "completion", "BOOKING_NOT_FOUND"),
        (&former_driver, "start", "BOOKING_NOT_FOUND"),
        (&foreign_driver, "start", "BOOKING_NOT_FOUND"),
        (&second_shipper, "cancellation", "BOOKING_NOT_FOUND"),
        (&second_shipper, "rescheduling", "BOOKING_NOT_FOUND"),
        (&world.caller("other", Role::TenantAdmin), "confirmation", "BOOKING_NOT_FOUND"),
        (&world.stranger(), "start", "UNAUTHORIZED"),
    ] {
        let body = match name {
            "cancellation" => json!({ "reason": "plans have changed" }),
            "rescheduling" => json!({ "pickupAt": world.in_seconds(30 * HOUR), "reason": "plans have changed" }),
            "assignment" => json!({ "vehicleId": truck, "driverId": "acme-driver" }),
            _ => json!({}),
        };
        assert_eq!(step(&world, caller, &booked, name, body).await.code(), code, "{name}");
    }
    world.advance(12 * HOUR);
    let owner = fleet_owner(&world);
    assert_eq!(step(&world, &owner, &booked, "start", json!({})).await.status, 200);
    assert_eq!(step(&world, &owner, &booked, "completion", json!({})).await.status, 200);
}

#[tokio::test]
async fn the_summary_follows_every_step() {
    let world = world().await;
    let truck = vehicle(&world, "TS05AB0001").await;
    let [delivered, cancelled, open] = [
        book(&world, &shipper(&world)).await,
        book(&world, &shipper(&world)).await,
        book(&world, &shipper(&world)).await,
    ];
    confirm(&world, &delivered).await;
    confirm(&world, &open).await;
    reschedule(&world, &shipper(&world), &open, 48 * HOUR).await;
    assign(&world, &delivered, &truck).await;
    world.advance(13 * HOUR);
    cancel(&world, &shipper(&world), &cancelled).await;
    start(&world, &delivered).await;
    complete(&world, &delivered).await;
    assign(&world, &open, &truck).await;

    world.settle().await;

    let summary = world.ask("GET", "/booking/v1/summary").by(&shipper(&world)).send().await;
    assert_eq!(
        summary.body["data"],
        json!({
            "openBookings": 1, "openAmount": 2_360_000, "cancelledBookings": 1,
            "byStatus": { "assigned": 1, "cancelled": 1, "completed": 1 },
            "completedAmount": 2_360_000, "cancellationFees": 236_000,
        })
    );
}
