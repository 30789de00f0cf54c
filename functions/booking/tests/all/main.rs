//! The booking service over HTTP, on its own embedded cloud.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod access;
mod bookings;
mod cancellation;
mod configuration;
mod contracts;
mod credit;
mod drivers;
mod fleet;
mod journey;
mod life;
mod lists;
mod machine;
mod messages;
mod promises;
mod quotes;
mod races;
mod ratings;
mod tenants;
mod vehicles;

use policy::Role;
use serde_json::{Value, json};
use testing::{Caller, World};

/// A world with the booking service, where acme has a driver.
pub async fn world() -> World {
    let world = World::start(&["booking"], async |platform| booking::mount(platform)).await;
    journey::driver(&world);
    world
}

/// A shipper of acme.
pub fn shipper(world: &World) -> Caller {
    world.caller("acme", Role::Shipper)
}

/// A transport tomorrow, over a hundred kilometres: 5,000 + 15,000 rupees and tax for ten tonnes of coal.
pub fn freight(world: &World) -> Value {
    json!({
        "pickup": { "lat": 17.05, "lng": 79.27, "address": "Nalgonda" },
        "drop": { "lat": 16.87, "lng": 79.56, "address": "Miryalguda" },
        "material": "coal", "tonnes": 10, "pickupAt": world.in_seconds(86_400), "distanceKm": 100,
    })
}

/// Asks for a quote and says its token.
pub async fn quote(world: &World, caller: &Caller) -> String {
    let answer = world.ask("POST", "/booking/v1/quotes").by(caller).json(&freight(world)).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["data"]["quoteToken"].as_str().expect("a token").to_owned()
}

/// Books the usual transport and says the booking's id.
pub async fn book(world: &World, caller: &Caller) -> String {
    let body = json!({ "freight": freight(world) });
    let answer = world.ask("POST", "/booking/v1/bookings").by(caller).json(&body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["data"]["bookingId"].as_str().expect("an id").to_owned()
}
