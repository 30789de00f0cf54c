//! What every service keeps, kept by this one.

use serde_json::json;
use testing::{World, promises};

use crate::contracts::{agree, agreed, dedicated, end, route, under};
use crate::fleet::keep_assigned;
use crate::journey::{assign, book_class, confirm, driver, reschedule, step, vehicle};
use crate::vehicles::{admin, fleet_owner, register, truck};
use crate::{book, freight, quote, shipper, world};

#[test]
fn declarations_are_whole() {
    promises::declarations_are_whole(&booking::service());
}

#[test]
fn validators_and_schemas_agree() {
    promises::validators_and_schemas_agree(&booking::service());
}

#[tokio::test]
async fn every_declared_error_can_be_met_and_exactly_the_declared_resources_are_touched() {
    let world = world().await;
    let shipper = shipper(&world);
    let post =
        async |path: &str, body: serde_json::Value| world.ask("POST", path).by(&shipper).json(&body).send().await;
    let cancel = json!({ "reason": "plans have changed" });

    let quoted = quote(&world, &shipper).await;
    post("/booking/v1/bookings", json!({ "quoteToken": quoted })).await;
    post("/booking/v1/bookings", json!({ "quoteToken": quoted })).await;
    post("/booking/v1/bookings", json!({ "quoteToken": "QT-0000000000000000" })).await;
    for (field, value) in
        [("tonnes", json!(999)), ("distanceKm", json!(9_999)), ("pickupAt", world.in_seconds(60).into())]
    {
        let mut freight = freight(&world);
        freight[field] = value;
        post("/booking/v1/quotes", freight.clone()).await;
        post("/booking/v1/bookings", json!({ "freight": freight })).await;
    }
    let booked = book(&world, &shipper).await;
    let late = book(&world, &shipper).await;
    let expiring = quote(&world, &shipper).await;
    world.ask("GET", &format!("/booking/v1/bookings/{booked}")).by(&shipper).send().await;
    world.ask("GET", "/booking/v1/bookings/BK-0000000000000000").by(&shipper).send().await;
    world.ask("GET", "/booking/v1/bookings").by(&shipper).send().await;
    post(&format!("/booking/v1/bookings/{booked}/cancellation"), cancel.clone()).await;
    post(&format!("/booking/v1/bookings/{booked}/cancellation"), cancel.clone()).await;
    post("/booking/v1/bookings/BK-0000000000000000/cancellation", cancel.clone()).await;
    world.settle().await;
    world.ask("GET", "/booking/v1/summary").by(&shipper).send().await;
    world.advance(3_600);
    let shipper = crate::shipper(&world);
    let body = json!({ "quoteToken": expiring });
    world.ask("POST", "/booking/v1/bookings").by(&shipper).json(&body).send().await;
    world.advance(22 * 3_600);
    let shipper = crate::shipper(&world);
    let path = format!("/booking/v1/bookings/{late}/cancellation");
    world.ask("POST", &path).by(&shipper).json(&cancel).send().await;

    walk_the_fleet(&world).await;
    walk_the_contracts(&world).await;
    walk_a_life(&world).await;
    walk_the_credit(&world).await;

    promises::the_walk_was_complete(&world);
}

/// Every step of a booking's life, and every refusal of one.
async fn walk_a_life(world: &World) {
    const HOUR: i64 = 3_600;
    const NONE: &str = "BK-0000000000000000";
    let shipper = || shipper(world);
    let [booked, other] = [book(world, &shipper()).await, book(world, &shipper()).await];
    let usual = vehicle(world, "TS09AB0001").await;
    let special = async |number: &str, field: &str, value: serde_json::Value| {
        let mut vehicle = truck(world, number);
        *vehicle.pointer_mut(field).expect("a field") = value;
        let answer = register(world, &fleet_owner(world), &vehicle).await;
        answer.body["data"]["vehicleId"].as_str().expect("an id").to_owned()
    };
    let small = special("TS09AB0002", "/capacityTonnes", json!(5)).await;
    let expiring = special("TS09AB0003", "/permits/0/expiresAt", json!(world.in_seconds(25 * HOUR))).await;
    let (admin, driver) = (|| admin(world), || driver(world));

    for missing in ["confirmation", "start", "completion"] {
        step(world, &admin(), NONE, missing, json!({})).await;
        step(world, &admin(), &booked, missing, json!({})).await;
    }
    confirm(world, &booked).await;
    reschedule(world, &shipper(), NONE, 30 * HOUR).await;
    reschedule(world, &shipper(), &other, 0).await;
    for _ in 0..4 {
        reschedule(world, &shipper(), &other, 26 * HOUR).await;
    }
    assign(world, &other, &usual).await;
    confirm(world, &other).await;
    assign(world, NONE, &usual).await;
    assign(world, &other, "VH-0000000000000000").await;
    assign(world, &other, &small).await;
    assign(world, &other, &expiring).await;
    let heavy = book_class(world, "heavy").await;
    confirm(world, &heavy).await;
    assign(world, &heavy, &usual).await;
    let kept = under(world, &agreed(world, dedicated("acme-second-owner")).await);
    let ask = world.ask("POST", "/booking/v1/bookings").by(&shipper()).json(&json!({ "freight": kept }));
    let kept = ask.send().await.body["data"]["bookingId"].as_str().expect("an id").to_owned();
    confirm(world, &kept).await;
    assign(world, &kept, &usual).await;
    for (person, role, status) in [("nobody", "", ""), ("asha", "driver", "suspended"), ("ravi", "shipper", "active")] {
        if !role.is_empty() {
            world.set_person("acme", person, &[role], status);
        }
        let body = json!({ "vehicleId": usual, "driverId": person });
        step(world, &admin(), &booked, "assignment", body).await;
    }
    assign(world, &booked, &usual).await;
    assign(world, &other, &usual).await;
    step(world, &driver(), &booked, "start", json!({})).await;
    let late = book(world, &shipper()).await;
    world.advance(23 * HOUR);
    reschedule(world, &shipper(), &late, 30 * HOUR).await;
    step(world, &driver(), &booked, "start", json!({})).await;
    reschedule(world, &shipper(), &booked, 30 * HOUR).await;
    let rate = async |booking: &str| step(world, &shipper(), booking, "rating", json!({ "stars": 5 })).await;
    rate(&booked).await;
    step(world, &driver(), &booked, "completion", json!({})).await;
    for booking in [NONE, &booked, &booked] {
        rate(booking).await;
    }
    for booking in [NONE, &booked] {
        let path = format!("/booking/v1/bookings/{booking}/history");
        world.ask("GET", &path).by(&shipper()).send().await;
    }
    world.settle().await;
}

/// Everything vehicles answer.
async fn walk_the_fleet(world: &World) {
    let owner = fleet_owner(world);
    register(world, &owner, &truck(world, "TS05AB0001")).await;
    register(world, &owner, &truck(world, "TS05AB0001")).await;
    register(world, &admin(world), &truck(world, "TS05AB0002")).await;
    let expired = json!([{ "kind": "goods_carriage", "number": "GC-1", "expiresAt": world.in_seconds(0) }]);
    for (field, value) in [("capacityTonnes", json!(100)), ("permits", json!([])), ("permits", expired)] {
        let mut vehicle = truck(world, "TS05AB0003");
        vehicle[field] = value;
        register(world, &owner, &vehicle).await;
    }

    let mut parked = truck(world, "TS05AB0004");
    parked.as_object_mut().unwrap().remove("position");
    let parked = register(world, &owner, &parked).await.body["data"]["vehicleId"].as_str().unwrap().to_owned();
    for id in [parked.as_str(), "VH-0000000000000000"] {
        world.ask("GET", &format!("/booking/v1/vehicles/{id}")).by(&owner).send().await;
        for available in [true, false] {
            let path = format!("/booking/v1/vehicles/{id}/availability");
            world.ask("PUT", &path).by(&owner).json(&json!({ "available": available })).send().await;
        }
    }
    keep_assigned(world, &parked).await;
    let path = format!("/booking/v1/vehicles/{parked}/availability");
    world.ask("PUT", &path).by(&owner).json(&json!({ "available": true })).send().await;
    world.ask("GET", "/booking/v1/vehicles").by(&owner).send().await;
    world.ask("GET", "/booking/v1/nearest-vehicles?lat=17.05&lng=79.27&tonnes=10").by(&owner).send().await;
}

/// Everything contracts answer, and what quotes and bookings answer because of them.
async fn walk_the_contracts(world: &World) {
    let admin = admin(world);
    let contract = agree(world, route()).await.body["data"]["contractId"].as_str().unwrap().to_owned();
    let tiers =
        |points: i64| json!({ "volumeBased": { "tiers": [{ "fromTonnes": 0, "discountBasisPoints": points }] } });
    agree(world, tiers(5_001)).await;
    let counted = agree(world, tiers(5_000)).await.body["data"]["contractId"].as_str().unwrap().to_owned();
    let now = world.in_seconds(0);
    let backwards = json!({ "shipperId": "s", "terms": route(), "startsAt": now, "endsAt": now });
    world.ask("POST", "/booking/v1/contracts").by(&admin).json(&backwards).send().await;
    world.ask("GET", "/booking/v1/contracts").by(&admin).send().await;
    for id in [contract.as_str(), "CT-0000000000000000"] {
        world.ask("GET", &format!("/booking/v1/contracts/{id}")).by(&admin).send().await;
    }

    let both = async |freight: serde_json::Value| {
        let shipper = shipper(world);
        world.ask("POST", "/booking/v1/quotes").by(&shipper).json(&freight).send().await;
        let body = json!({ "freight": freight });
        world.ask("POST", "/booking/v1/bookings").by(&shipper).json(&body).send().await;
    };
    let mut elsewhere = under(world, &contract);
    elsewhere["pickup"]["lat"] = json!(17.3);
    both(elsewhere).await;
    both(under(world, "CT-0000000000000000")).await;
    let mut beeline = freight(world);
    beeline["distanceKm"] = json!(1);
    both(beeline).await;
    let quotes = async || {
        let ask = world.ask("POST", "/booking/v1/quotes").by(&shipper(world)).json(&under(world, &counted));
        json!({ "quoteToken": ask.send().await.body["data"]["quoteToken"] })
    };
    for quote in [quotes().await, quotes().await] {
        world.ask("POST", "/booking/v1/bookings").by(&shipper(world)).json(&quote).send().await;
    }
    for id in [contract.as_str(), &contract, "CT-0000000000000000"] {
        end(world, id).await;
    }
    both(under(world, &contract)).await;

    let rate = "/perTonneKilometre";
    world.configure("services.booking.dev.business.pricing", rate, json!(i64::MAX));
    both(freight(world)).await;
    world.configure("services.booking.dev.business.pricing", rate, json!(1_500));
}

/// A shipper without credit.
async fn walk_the_credit(world: &World) {
    world.ask("GET", "/booking/v1/credit").by(&shipper(world)).send().await;
    world.configure("services.booking.dev.business.credit", "/limitAmount", json!(1));
    let body = json!({ "freight": freight(world) });
    world.ask("POST", "/booking/v1/bookings").by(&shipper(world)).json(&body).send().await;
}
