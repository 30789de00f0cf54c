//! POST /booking/v1/quotes

use serde_json::json;
use testing::Caller;

use crate::{freight, shipper, world};

#[tokio::test]
async fn a_quote_is_itemised_in_paise_and_says_which_prices_it_was_made_with() {
    let world = world().await;

    let answer = world.ask("POST", "/booking/v1/quotes").by(&shipper(&world)).json(&freight(&world)).send().await;

    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.body["data"]["price"],
        json!({
            "currency": "INR", "baseAmount": 500_000, "distanceCharge": 1_500_000, "materialSurcharge": 0,
            "vehicleSurcharge": 0, "surgeAmount": 0, "discounts": [], "taxes": [{ "name": "GST", "basisPoints": 1_800, "amount": 360_000 }],
            "totalAmount": 2_360_000, "priceVersion": "1-0",
        })
    );
    assert_eq!(answer.body["data"]["expiresAt"], world.in_seconds(3_600));
    assert_eq!(answer.body["data"]["distanceKm"], 100.0);
}

#[tokio::test]
async fn strangers_and_drivers_get_no_quote() {
    let world = world().await;
    let ask = |caller: Caller| world.ask("POST", "/booking/v1/quotes").by(&caller).json(&freight(&world)).send();

    assert_eq!(ask(world.stranger()).await.code(), "UNAUTHORIZED");
    assert_eq!(ask(world.caller("acme", policy::Role::Driver)).await.code(), "FORBIDDEN");
}

#[tokio::test]
async fn impossible_freights_are_refused_with_every_issue() {
    let world = world().await;
    let mut freight = freight(&world);
    freight["pickup"]["lat"] = json!(90.1);
    freight["drop"]["address"] = json!("");
    freight["material"] = json!("plutonium");
    freight["tonnes"] = json!(-1);

    let answer = world.ask("POST", "/booking/v1/quotes").by(&shipper(&world)).json(&freight).send().await;

    let issues = answer.body["error"]["details"]["issues"].as_array().expect("issues").clone();
    let places: Vec<_> = issues.iter().map(|issue| issue["pointer"].as_str().expect("a pointer")).collect();
    assert_eq!(places, ["/drop/address", "/material", "/pickup/lat", "/tonnes"]);
}

#[tokio::test]
async fn a_price_that_no_amount_holds_is_refused() {
    let world = world().await;
    world.configure("services.booking.dev.business.pricing", "/perTonneKilometre", json!(i64::MAX));

    let answer = world.ask("POST", "/booking/v1/quotes").by(&shipper(&world)).json(&freight(&world)).send().await;

    assert_eq!((answer.status, answer.code()), (422, "PRICE_TOO_HIGH"));
}

#[tokio::test]
async fn impossible_places_distances_and_times_are_refused() {
    let world = world().await;
    let refused = async |pointer: &str, value: serde_json::Value| {
        let mut freight = freight(&world);
        *freight.pointer_mut(pointer).expect("a field") = value;
        let answer = world.ask("POST", "/booking/v1/quotes").by(&shipper(&world)).json(&freight).send().await;
        answer.code().to_owned()
    };

    for (pointer, value) in [
        ("/pickup/lat", json!(-90.5)),
        ("/drop/lng", json!(180.5)),
        ("/drop/lng", json!("79.5")),
        ("/drop/lat", json!(1e300)),
        ("/distanceKm", json!(0)),
        ("/distanceKm", json!(-5)),
    ] {
        assert_eq!(refused(pointer, value.clone()).await, "VALIDATION_ERROR", "{pointer} {value}");
    }
    assert_eq!(refused("/distanceKm", json!(36)).await, "DISTANCE_TOO_SHORT");
    assert_eq!(refused("/pickupAt", world.in_seconds(-1).into()).await, "BOOKING_WINDOW_CLOSED");
    assert_eq!(refused("/pickupAt", json!("0001-01-01T00:00:00Z")).await, "BOOKING_WINDOW_CLOSED");
}

#[tokio::test]
async fn the_class_of_the_vehicle_has_its_price() {
    let world = world().await;
    let pricing = "services.booking.dev.business.pricing";
    world.configure(pricing, "/vehicleClassMultipliers", json!({ "light": 1.25 }));
    let mut freight = freight(&world);
    freight["vehicleClass"] = json!("light");

    let answer = world.ask("POST", "/booking/v1/quotes").by(&shipper(&world)).json(&freight).send().await;

    assert_eq!(answer.body["data"]["price"]["vehicleSurcharge"], 500_000);
    assert_eq!(answer.body["data"]["freight"]["vehicleClass"], "light");
}
