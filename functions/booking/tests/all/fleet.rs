//! GET /booking/v1/vehicles and nearest-vehicles, PUT /booking/v1/vehicles/{vehicleId}/availability

use cloud::Entity;
use operation::{Call, NoContent};
use policy::Role;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use testing::{Answer, Caller, World};
use validation::types::{GeoPoint, Timestamp};

use crate::vehicles::{admin, fleet_owner, register, truck};
use crate::world;

/// Registers a truck at a place and says its id.
async fn park(world: &World, number: &str, lat: f64, lng: f64) -> String {
    let mut vehicle = truck(world, number);
    vehicle["position"] = json!({ "lat": lat, "lng": lng });
    let answer = register(world, &fleet_owner(world), &vehicle).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["data"]["vehicleId"].as_str().expect("an id").to_owned()
}

/// Who is near Nalgonda and takes these tonnes.
async fn nearest(world: &World, caller: &Caller, tonnes: f64) -> Answer {
    let path = format!("/booking/v1/nearest-vehicles?lat=17.05&lng=79.27&tonnes={tonnes}");
    world.ask("GET", &path).by(caller).send().await
}

fn numbers(answer: &Answer) -> Vec<String> {
    let vehicles = answer.body["data"]["vehicles"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    let number = |near: &Value| near["vehicle"]["registrationNumber"].as_str().expect("a number").to_owned();
    vehicles.iter().map(number).collect()
}

async fn set(world: &World, caller: &Caller, vehicle: &str, body: Value) -> Answer {
    let path = format!("/booking/v1/vehicles/{vehicle}/availability");
    world.ask("PUT", &path).by(caller).json(&body).send().await
}

#[tokio::test]
async fn a_fleet_owner_sees_their_own_vehicles_an_administrator_all_and_nobody_another_tenants() {
    let world = world().await;
    let own = park(&world, "TS05AB0001", 17.0, 79.0).await;
    let second = world.caller_named("acme", "acme-fleet_owner-2", &[Role::FleetOwner]);
    register(&world, &second, &truck(&world, "TS05AB0002")).await;
    let list = async |caller: &Caller| {
        let page = world.ask("GET", "/booking/v1/vehicles").by(caller).send().await;
        let vehicles = page.body["data"].as_array().expect("a page").clone();
        vehicles.iter().map(|one| one["registrationNumber"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };

    assert_eq!(list(&fleet_owner(&world)).await, ["TS05AB0001"]);
    assert_eq!(list(&second).await, ["TS05AB0002"]);
    assert_eq!(list(&admin(&world)).await.len(), 2);
    assert!(list(&world.caller("other", Role::TenantAdmin)).await.is_empty());
    let path = format!("/booking/v1/vehicles/{own}");
    for (caller, status) in [
        (fleet_owner(&world), 200),
        (admin(&world), 200),
        (second, 404),
        (world.caller_named("other", "acme-fleet_owner", &[Role::FleetOwner]), 404),
        (world.caller("acme", Role::Shipper), 403),
    ] {
        assert_eq!(world.ask("GET", &path).by(&caller).send().await.status, status);
        assert_eq!(set(&world, &caller, &own, json!({ "available": true })).await.status, status);
    }
}

#[tokio::test]
async fn an_owners_list_is_read_page_by_page() {
    let world = world().await;
    for number in 1..=5 {
        park(&world, &format!("TS05AB000{number}"), 17.0, 79.0).await;
    }

    let mut read = 0;
    let mut path = "/booking/v1/vehicles?pageSize=2".to_owned();
    loop {
        let page = world.ask("GET", &path).by(&fleet_owner(&world)).send().await;
        read += page.body["data"].as_array().expect("a page").len();
        let Some(cursor) = page.body["pagination"]["nextCursor"].as_str() else { break };
        path = format!("/booking/v1/vehicles?pageSize=2&cursor={cursor}");
    }

    assert_eq!(read, 5);
}

#[tokio::test]
async fn the_nearest_come_first_and_those_too_far_away_not_at_all() {
    let world = world().await;
    park(&world, "TS05AB0003", 17.05, 79.57).await;
    park(&world, "TS05AB0001", 17.06, 79.27).await;
    park(&world, "TS05AB0004", 17.05, 79.80).await;
    park(&world, "TS05AB0002", 17.25, 79.27).await;

    let answer = nearest(&world, &admin(&world), 10.0).await;

    assert_eq!(numbers(&answer), ["TS05AB0001", "TS05AB0002", "TS05AB0003"]);
    assert_eq!(answer.body["data"]["complete"], true);
    let distance = answer.body["data"]["vehicles"][0]["distanceKm"].as_f64().unwrap();
    assert!((1.1..1.2).contains(&distance), "{distance}");
}

#[tokio::test]
async fn what_is_found_is_what_a_look_at_every_vehicle_finds() {
    let world = world().await;
    let centre = GeoPoint { lat: 17.05, lng: 79.27 };
    let mut parked = Vec::new();
    for step in 0..40_u32 {
        // A spiral outwards, in steps that never repeat a direction.
        let (angle, reach) = (f64::from(step) * 2.4, f64::from(step) * 0.02);
        let place = GeoPoint { lat: centre.lat + reach * angle.sin(), lng: centre.lng + reach * angle.cos() };
        let number = format!("TS05AB{step:04}");
        park(&world, &number, place.lat, place.lng).await;
        parked.push((place.kilometres_to(centre), number));
    }
    parked.retain(|(distance, _)| *distance <= 50.0);
    parked.sort_by(|one, other| one.0.total_cmp(&other.0));
    let expected = |most: usize| parked.iter().take(most).map(|(_, number)| number.clone()).collect::<Vec<_>>();

    assert_eq!(numbers(&nearest(&world, &admin(&world), 10.0).await), expected(10));
    world.configure("services.booking.dev.business.matching", "/mostResults", json!(50));
    assert!(parked.len() > 15);
    assert_eq!(numbers(&nearest(&world, &admin(&world), 10.0).await), expected(50));
}

#[tokio::test]
async fn only_vehicles_that_suit_the_freight_are_found() {
    let world = world().await;
    let owner = fleet_owner(&world);
    let add = async |number: &str, field: &str, value: Value| {
        let mut vehicle = truck(&world, number);
        vehicle[field] = value;
        let answer = register(&world, &owner, &vehicle).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    };
    let permit = json!([{ "kind": "goods_carriage", "number": "G", "expiresAt": world.in_seconds(2 * 86_400) }]);
    add("TS05AB0001", "capacityTonnes", json!(11)).await;
    add("TS05AB0002", "capacityTonnes", json!(11.1)).await;
    add("TS05AB0003", "capacityTonnes", json!(9.9)).await;
    add("TS05AB0004", "permits", permit).await;
    add("TS05AB0005", "vehicleClass", json!("heavy")).await;
    world.configure("services.booking.dev.business.fleet", "/newDriverRating", json!(4.0));
    add("TS05AB0006", "capacityTonnes", json!(11)).await;
    let found = async |more: &str| {
        let path = format!("/booking/v1/nearest-vehicles?lat=17.05&lng=79.27&tonnes=10{more}");
        let mut found = numbers(&world.ask("GET", &path).by(&admin(&world)).send().await);
        found.sort();
        found
    };

    assert_eq!(found("").await, ["TS05AB0001", "TS05AB0004", "TS05AB0005"]);
    assert_eq!(found("&vehicleClass=heavy").await, ["TS05AB0005"]);
    let later = world.in_seconds(3 * 86_400);
    assert_eq!(found(&format!("&pickupAt={later}")).await, ["TS05AB0001", "TS05AB0005"]);
    let second = world.caller_named("acme", "acme-second-owner", &[Role::FleetOwner]);
    assert!(numbers(&nearest(&world, &second, 10.0).await).is_empty());
}

#[tokio::test]
async fn a_vehicle_is_found_where_it_went_and_not_while_it_is_kept_back() {
    let world = world().await;
    let vehicle = park(&world, "TS05AB0001", 28.6, 77.2).await;
    let near = async || numbers(&nearest(&world, &admin(&world), 10.0).await).len();

    assert_eq!(near().await, 0);
    let arrived = json!({ "available": true, "position": { "lat": 17.0, "lng": 79.2 } });
    let answer = set(&world, &fleet_owner(&world), &vehicle, arrived).await;
    assert_eq!((answer.status, &answer.body["data"]["status"]), (200, &json!("available")));
    assert_eq!(near().await, 1);
    set(&world, &fleet_owner(&world), &vehicle, json!({ "available": false })).await;
    assert_eq!(near().await, 0);
    set(&world, &fleet_owner(&world), &vehicle, json!({ "available": true })).await;
    assert_eq!(near().await, 1);
}

#[tokio::test]
async fn a_vehicle_that_stands_nowhere_is_not_available() {
    let world = world().await;
    let mut nowhere = truck(&world, "TS05AB0001");
    nowhere.as_object_mut().unwrap().remove("position");
    let answer = register(&world, &fleet_owner(&world), &nowhere).await;
    let vehicle = answer.body["data"]["vehicleId"].as_str().unwrap().to_owned();

    let answer = set(&world, &fleet_owner(&world), &vehicle, json!({ "available": true })).await;

    assert_eq!((answer.status, answer.code()), (422, "POSITION_MISSING"));
}

#[tokio::test]
async fn an_impossible_place_or_freight_is_refused() {
    let world = world().await;

    for query in [
        "lat=NaN&lng=79&tonnes=10",
        "lat=17&lng=inf&tonnes=10",
        "lat=17&lng=180.1&tonnes=10",
        "lat=17&lng=79&tonnes=0",
        "lat=17&lng=79&tonnes=nan",
        "lat=17&lng=79",
        "lat=17&lng=79&tonnes=10&vehicleClass=bicycle",
        "lat=17&lng=79&tonnes=10&pickupAt=tomorrow",
    ] {
        let path = format!("/booking/v1/nearest-vehicles?{query}");
        let answer = world.ask("GET", &path).by(&admin(&world)).send().await;
        assert_eq!(answer.code(), "VALIDATION_ERROR", "{query}");
    }
}

#[tokio::test]
async fn a_search_among_more_vehicles_than_it_looks_at_says_so() {
    let world = world().await;
    world.configure("services.booking.dev.business.matching", "/mostCandidates", json!(3));
    for number in 1..=5 {
        park(&world, &format!("TS05AB000{number}"), 17.05, 79.27).await;
    }

    let answer = nearest(&world, &admin(&world), 10.0).await;

    assert_eq!(numbers(&answer).len(), 3);
    assert_eq!(answer.body["data"]["complete"], false);
}

/// A vehicle as the table keeps it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Kept(Value);

impl Entity for Kept {
    const KIND: &'static str = "vehicle";

    fn tenant(&self) -> &str {
        self.0["tenant"].as_str().expect("a tenant")
    }

    fn id(&self) -> &str {
        self.0["view"]["vehicleId"].as_str().expect("an id")
    }

    fn order(&self) -> String {
        String::new()
    }
}

/// Writes into the table that a vehicle serves a booking.
pub async fn keep_assigned(world: &World, vehicle: &str) {
    let table = world.platform.table("booking");
    let read = table.get::<Kept>("acme", vehicle).await.expect("a table").expect("a vehicle");
    let mut assigned = read.value.0.clone();
    assigned["view"]["status"] = json!("assigned");
    let call = Call::of_platform("booking", "test", world.platform.environment, Timestamp::from_unix_millis(0));
    table
        .transaction(&call)
        .update(&read, &Kept(assigned))
        .commit(&NoContent)
        .await
        .expect("a vehicle that is written");
}

#[tokio::test]
async fn a_vehicle_that_serves_a_booking_is_not_taken_away_from_it() {
    let world = world().await;
    let vehicle = park(&world, "TS05AB0001", 17.05, 79.27).await;
    keep_assigned(&world, &vehicle).await;

    for available in [true, false] {
        let answer = set(&world, &fleet_owner(&world), &vehicle, json!({ "available": available })).await;
        assert_eq!((answer.status, answer.code()), (409, "VEHICLE_ASSIGNED"));
    }
}
