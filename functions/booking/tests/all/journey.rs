//! The steps of a booking's life, as tests take them.

use policy::Role;
use serde_json::{Value, json};
use testing::{Answer, Caller, World};

use crate::vehicles::{admin, fleet_owner, register, truck};
use crate::{freight, shipper};

/// The driver of acme.
pub fn driver(world: &World) -> Caller {
    world.caller("acme", Role::Driver)
}

/// Registers a truck of acme's fleet owner and says its id.
pub async fn vehicle(world: &World, number: &str) -> String {
    let answer = register(world, &fleet_owner(world), &truck(world, number)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["data"]["vehicleId"].as_str().expect("an id").to_owned()
}

/// Books the usual transport for a vehicle of this class and says the booking's id.
pub async fn book_class(world: &World, class: &str) -> String {
    let mut freight = freight(world);
    freight["vehicleClass"] = json!(class);
    let body = json!({ "freight": freight });
    let answer = world.ask("POST", "/booking/v1/bookings").by(&shipper(world)).json(&body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["data"]["bookingId"].as_str().expect("an id").to_owned()
}

/// Takes one step: `confirmation`, `assignment`, …
pub async fn step(world: &World, caller: &Caller, booking: &str, step: &str, body: Value) -> Answer {
    world.ask("POST", &format!("/booking/v1/bookings/{booking}/{step}")).by(caller).json(&body).send().await
}

pub async fn confirm(world: &World, booking: &str) -> Answer {
    step(world, &admin(world), booking, "confirmation", json!({})).await
}

/// Assigns the vehicle and acme's driver.
pub async fn assign(world: &World, booking: &str, vehicle: &str) -> Answer {
    let body = json!({ "vehicleId": vehicle, "driverId": "acme-driver" });
    step(world, &admin(world), booking, "assignment", body).await
}

pub async fn start(world: &World, booking: &str) -> Answer {
    step(world, &driver(world), booking, "start", json!({})).await
}

pub async fn complete(world: &World, booking: &str) -> Answer {
    step(world, &driver(world), booking, "completion", json!({})).await
}

pub async fn cancel(world: &World, caller: &Caller, booking: &str) -> Answer {
    step(world, caller, booking, "cancellation", json!({ "reason": "plans have changed" })).await
}

/// Moves the pickup to that many seconds from now.
pub async fn reschedule(world: &World, caller: &Caller, booking: &str, seconds: i64) -> Answer {
    let body = json!({ "pickupAt": world.in_seconds(seconds), "reason": "the mine is flooded" });
    step(world, caller, booking, "rescheduling", body).await
}

/// What everybody who may see it reads of a booking.
pub async fn read(world: &World, booking: &str) -> Value {
    let answer = world.ask("GET", &format!("/booking/v1/bookings/{booking}")).by(&admin(world)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

/// Where a vehicle stands.
pub async fn vehicle_status(world: &World, vehicle: &str) -> String {
    let answer = world.ask("GET", &format!("/booking/v1/vehicles/{vehicle}")).by(&admin(world)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"]["status"].as_str().expect("a status").to_owned()
}
