//! Every number comes from the configuration, and its absence is survived.

use serde_json::json;

use crate::{freight, shipper, world};

const PRICING: &str = "services.booking.dev.business.pricing";

#[tokio::test]
async fn a_changed_price_is_charged_at_once() {
    let world = world().await;
    let total = async || {
        let ask = world.ask("POST", "/booking/v1/quotes").by(&shipper(&world)).json(&freight(&world));
        ask.send().await.body["data"]["price"]["totalAmount"].clone()
    };

    assert_eq!(total().await, 2_360_000);
    world.configure(PRICING, "/perTonneKilometre", json!(3_000));
    world.configure(PRICING, "/taxBasisPoints", json!(0));
    assert_eq!(total().await, 3_500_000);
}

#[tokio::test]
async fn the_last_known_good_document_is_used_while_the_configuration_is_down() {
    let world = world().await;
    let ask = || world.ask("POST", "/booking/v1/quotes").by(&shipper(&world)).json(&freight(&world)).send();

    assert_eq!(ask().await.status, 201);
    world.set_outside_down(true);
    world.advance(600);
    assert_eq!(ask().await.status, 201);
}

#[tokio::test]
async fn without_any_known_document_the_answer_is_503() {
    let world = world().await;
    world.set_outside_down(true);

    let answer = world.ask("POST", "/booking/v1/quotes").by(&shipper(&world)).json(&freight(&world)).send().await;

    assert_eq!((answer.status, answer.code(), answer.header("retry-after")), (503, "UNAVAILABLE", "1"));
}
