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
            "surgeAmount": 0, "taxes": [{ "name": "GST", "basisPoints": 1_800, "amount": 360_000 }],
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
