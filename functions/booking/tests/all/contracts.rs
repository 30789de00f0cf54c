//! POST, GET /booking/v1/contracts, and what they make of a price

use policy::Role;
use serde_json::{Value, json};
use testing::{Answer, Caller, World};

use crate::journey::{assign, confirm, vehicle, vehicle_status};
use crate::vehicles::{admin, register, truck};
use crate::{freight, shipper, world};

/// Makes a contract with acme's shipper for the next thirty days.
pub async fn agree(world: &World, terms: Value) -> Answer {
    let body = json!({
        "shipperId": "acme-shipper", "terms": terms,
        "startsAt": world.in_seconds(0), "endsAt": world.in_seconds(30 * 86_400),
    });
    world.ask("POST", "/booking/v1/contracts").by(&admin(world)).json(&body).send().await
}

/// The id of a contract on these terms.
pub async fn agreed(world: &World, terms: Value) -> String {
    let answer = agree(world, terms).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["data"]["contractId"].as_str().expect("an id").to_owned()
}

/// The usual transport under a contract.
pub fn under(world: &World, contract: &str) -> Value {
    let mut freight = freight(world);
    freight["contractId"] = json!(contract);
    freight
}

/// A rate of 1,200 rupees per tonne between the places of the usual transport.
pub fn route() -> Value {
    json!({ "routeSpecific": {
        "origin": { "lat": 17.06, "lng": 79.27 }, "destination": { "lat": 16.87, "lng": 79.57 },
        "radiusKilometres": 10, "perTonne": 120_000,
    }})
}

/// The vehicles of one owner, kept for the shipper at 40 rupees per kilometre.
pub fn dedicated(owner: &str) -> Value {
    json!({ "dedicatedFleet": { "fleetOwnerId": owner, "monthlyAmount": 90_000_000, "perKilometre": 4_000 } })
}

/// Ends a contract.
pub async fn end(world: &World, contract: &str) -> Answer {
    let path = format!("/booking/v1/contracts/{contract}/termination");
    let body = json!({ "reason": "both sides agreed to" });
    world.ask("POST", &path).by(&admin(world)).json(&body).send().await
}

async fn quote(world: &World, freight: &Value) -> Answer {
    world.ask("POST", "/booking/v1/quotes").by(&shipper(world)).json(freight).send().await
}

async fn book(world: &World, body: Value) -> Answer {
    world.ask("POST", "/booking/v1/bookings").by(&shipper(world)).json(&body).send().await
}

fn total(answer: &Answer) -> &Value {
    &answer.body["data"]["price"]["totalAmount"]
}

#[tokio::test]
async fn a_monthly_fee_covers_its_tonnes_and_a_cancelled_booking_gives_them_back() {
    let world = world().await;
    let terms = json!({ "fixedMonthly": { "monthlyAmount": 50_000_000, "includedTonnes": 15 } });
    let freight = under(&world, &agreed(&world, terms).await);

    let booked = book(&world, json!({ "freight": freight })).await;
    assert_eq!((booked.status, total(&booked)), (201, &json!(0)));
    let partly = quote(&world, &freight).await;
    assert_eq!(total(&partly), &json!(1_180_000));
    assert_eq!(partly.body["data"]["price"]["discounts"], json!([{ "name": "FIXED_MONTHLY", "amount": 1_000_000 }]));

    let id = booked.body["data"]["bookingId"].as_str().unwrap();
    let path = format!("/booking/v1/bookings/{id}/cancellation");
    let reason = json!({ "reason": "plans have changed" });
    assert_eq!(world.ask("POST", &path).by(&shipper(&world)).json(&reason).send().await.status, 200);
    world.settle().await;
    assert_eq!(total(&quote(&world, &freight).await), &json!(0));
}

#[tokio::test]
async fn a_volume_discount_begins_with_the_booking_that_reaches_its_tier() {
    let world = world().await;
    let tiers = json!([{ "fromTonnes": 20, "discountBasisPoints": 1_000 }]);
    let freight = under(&world, &agreed(&world, json!({ "volumeBased": { "tiers": tiers } })).await);

    assert_eq!(total(&book(&world, json!({ "freight": freight })).await), &json!(2_360_000));
    assert_eq!(total(&book(&world, json!({ "freight": freight })).await), &json!(2_124_000));
}

#[tokio::test]
async fn a_route_and_a_dedicated_fleet_have_their_own_rates() {
    let world = world().await;
    let by_route = quote(&world, &under(&world, &agreed(&world, route()).await)).await;
    assert_eq!(by_route.body["data"]["price"]["baseAmount"], 1_200_000);
    assert_eq!(total(&by_route), &json!(1_416_000));
    let by_kilometre = quote(&world, &under(&world, &agreed(&world, dedicated("acme-fleet_owner")).await)).await;
    assert_eq!(by_kilometre.body["data"]["price"]["distanceCharge"], 400_000);
    assert_eq!(total(&by_kilometre), &json!(472_000));
}

#[tokio::test]
async fn what_is_booked_for_a_dedicated_fleet_is_carried_by_no_other() {
    let world = world().await;
    let freight = under(&world, &agreed(&world, dedicated("acme-fleet_owner")).await);
    let booked = book(&world, json!({ "freight": freight })).await;
    let booking = booked.body["data"]["bookingId"].as_str().unwrap();
    assert_eq!(confirm(&world, booking).await.status, 200);
    let second = world.caller_named("acme", "acme-second-owner", &[Role::FleetOwner]);
    let other = register(&world, &second, &truck(&world, "TS09AB0002")).await;
    let other = other.body["data"]["vehicleId"].as_str().unwrap();
    let own = vehicle(&world, "TS09AB0001").await;

    let refused = assign(&world, booking, other).await;

    assert_eq!((refused.status, refused.code()), (422, "OUTSIDE_DEDICATED_FLEET"), "{}", refused.body);
    assert_eq!(refused.body["error"]["details"]["fleetOwnerId"], "acme-fleet_owner");
    assert_eq!(vehicle_status(&world, other).await, "available");
    assert_eq!(assign(&world, booking, &own).await.status, 200);
}

#[tokio::test]
async fn tonnes_that_two_quotes_were_promised_are_given_to_one() {
    let world = world().await;
    let terms = json!({ "fixedMonthly": { "monthlyAmount": 50_000_000, "includedTonnes": 10 } });
    let freight = under(&world, &agreed(&world, terms).await);
    let quotes = [quote(&world, &freight).await, quote(&world, &freight).await];
    let [one, other] = quotes.map(|quote| json!({ "quoteToken": quote.body["data"]["quoteToken"] }));

    assert_eq!(total(&book(&world, one).await), &json!(0));
    let late = book(&world, other).await;
    assert_eq!((late.status, late.code()), (409, "CONTRACT_USED_SINCE"));
}

#[tokio::test]
async fn of_two_bookings_at_once_one_takes_the_covered_tonnes() {
    let world = world().await;
    let terms = json!({ "fixedMonthly": { "monthlyAmount": 50_000_000, "includedTonnes": 10 } });
    let body = json!({ "freight": under(&world, &agreed(&world, terms).await) });

    let (one, other) = tokio::join!(book(&world, body.clone()), book(&world, body.clone()));

    let free = [&one, &other].into_iter().filter(|answer| *total(answer) == json!(0)).count();
    assert_eq!(free, 1, "{} {}", one.body, other.body);
}

#[tokio::test]
async fn a_contract_prices_only_what_it_is_for() {
    let world = world().await;
    let contract = agreed(&world, route()).await;
    let mut elsewhere = under(&world, &contract);
    elsewhere["drop"]["lat"] = json!(16.5);
    let second = world.caller_named("acme", "acme-second-shipper", &[Role::Shipper]);
    let abroad = world.caller_named("other", "acme-shipper", &[Role::Shipper]);
    let ask = async |caller: &Caller| {
        let freight = under(&world, &contract);
        world.ask("POST", "/booking/v1/quotes").by(caller).json(&freight).send().await.code().to_owned()
    };

    assert_eq!(quote(&world, &elsewhere).await.code(), "ROUTE_NOT_COVERED");
    assert_eq!(ask(&second).await, "CONTRACT_NOT_FOUND");
    assert_eq!(ask(&abroad).await, "CONTRACT_NOT_FOUND");
    assert_eq!(ask(&shipper(&world)).await, "");
    assert_eq!(end(&world, &contract).await.status, 200);
    assert_eq!(ask(&shipper(&world)).await, "CONTRACT_NOT_IN_FORCE");
}

#[tokio::test]
async fn a_contract_is_seen_by_its_shipper_and_administrators_and_nobody_else() {
    let world = world().await;
    let contract = agreed(&world, route()).await;
    let path = format!("/booking/v1/contracts/{contract}");
    let ids = |answer: &Answer| answer.body["data"].as_array().map_or(0, Vec::len);

    for caller in [shipper(&world), admin(&world)] {
        let read = world.ask("GET", &path).by(&caller).send().await;
        assert_eq!((read.status, &read.body["data"]["contractType"]), (200, &json!("route_specific")));
        assert_eq!(ids(&world.ask("GET", "/booking/v1/contracts").by(&caller).send().await), 1);
    }
    for caller in
        [world.caller_named("acme", "acme-second-shipper", &[Role::Shipper]), world.caller("other", Role::TenantAdmin)]
    {
        assert_eq!(world.ask("GET", &path).by(&caller).send().await.code(), "CONTRACT_NOT_FOUND");
        assert_eq!(ids(&world.ask("GET", "/booking/v1/contracts").by(&caller).send().await), 0);
    }
    let body = json!({ "reason": "I want it to be over" });
    let path = format!("{path}/termination");
    assert_eq!(world.ask("POST", &path).by(&shipper(&world)).json(&body).send().await.code(), "FORBIDDEN");
}

#[tokio::test]
async fn a_contract_has_exactly_one_kind_of_terms() {
    let world = world().await;
    let mut both = route();
    both["fixedMonthly"] = json!({ "monthlyAmount": 1, "includedTonnes": 1 });

    for terms in [json!({}), both, json!({ "routeSpecific": null }), json!({ "barter": {} })] {
        assert_eq!(agree(&world, terms.clone()).await.code(), "VALIDATION_ERROR", "{terms}");
    }
}

#[tokio::test]
async fn of_two_who_end_a_contract_exactly_one_wins() {
    let world = world().await;
    let contract = agreed(&world, route()).await;

    let (one, other) = tokio::join!(end(&world, &contract), end(&world, &contract));

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}
