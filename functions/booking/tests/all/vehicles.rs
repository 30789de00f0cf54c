//! POST /booking/v1/vehicles

use policy::Role;
use serde_json::{Value, json};
use testing::{Answer, Caller, World};

use crate::world;

/// A fleet owner of acme.
pub fn fleet_owner(world: &World) -> Caller {
    world.caller("acme", Role::FleetOwner)
}

/// An administrator of acme.
pub fn admin(world: &World) -> Caller {
    world.caller("acme", Role::TenantAdmin)
}

/// A medium truck for eleven tonnes with the permit it needs, in Nalgonda.
pub fn truck(world: &World, number: &str) -> Value {
    json!({
        "registrationNumber": number, "vehicleClass": "medium", "capacityTonnes": 11,
        "permits": [{ "kind": "goods_carriage", "number": "GC/2026-17", "expiresAt": world.in_seconds(90 * 86_400) }],
        "position": { "lat": 17.05, "lng": 79.27 },
    })
}

/// Registers a vehicle and says what came back.
pub async fn register(world: &World, caller: &Caller, vehicle: &Value) -> Answer {
    world.ask("POST", "/booking/v1/vehicles").by(caller).json(vehicle).send().await
}

#[tokio::test]
async fn a_vehicle_with_a_position_is_registered_as_available_and_without_one_as_offline() {
    let world = world().await;
    let mut parked = truck(&world, "TS05AB0002");
    parked.as_object_mut().unwrap().remove("position");

    let answer = register(&world, &fleet_owner(&world), &truck(&world, "TS-05-AB-0001")).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let vehicle = &answer.body["data"];
    assert_eq!(vehicle["registrationNumber"], "TS05AB0001");
    assert_eq!((&vehicle["fleetOwnerId"], &vehicle["status"]), (&json!("acme-fleet_owner"), &json!("available")));
    assert_eq!(vehicle["driverRating"], 4.5);
    let answer = register(&world, &fleet_owner(&world), &parked).await;
    assert_eq!(answer.body["data"]["status"], "offline");
}

#[tokio::test]
async fn a_number_is_registered_once_in_a_tenant_however_it_is_written() {
    let world = world().await;
    let elsewhere = world.caller("other", Role::FleetOwner);
    let second = world.caller_named("acme", "acme-second-owner", &[Role::FleetOwner]);

    assert_eq!(register(&world, &fleet_owner(&world), &truck(&world, "TS-05-A-0001")).await.status, 201);
    let again = register(&world, &second, &truck(&world, "TS05A0001")).await;
    assert_eq!((again.status, again.code()), (409, "DUPLICATE_VEHICLE"));
    assert_eq!(register(&world, &elsewhere, &truck(&world, "TS05A0001")).await.status, 201);
}

#[tokio::test]
async fn of_two_registrations_of_one_number_exactly_one_wins() {
    let world = world().await;
    let owner = fleet_owner(&world);
    let vehicle = truck(&world, "TS05AB0001");

    let (one, other) = tokio::join!(register(&world, &owner, &vehicle), register(&world, &owner, &vehicle));

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_vehicle_that_may_not_serve_is_refused() {
    let world = world().await;
    let refused = async |field: &str, value: Value| {
        let mut vehicle = truck(&world, "TS05AB0001");
        vehicle[field] = value;
        register(&world, &fleet_owner(&world), &vehicle).await.code().to_owned()
    };
    let permit = |kind: &str, days: i64| json!([{ "kind": kind, "number": "GC/2026-17", "expiresAt": world.in_seconds(days * 86_400) }]);

    assert_eq!(refused("capacityTonnes", json!(15.1)).await, "CAPACITY_OUT_OF_CLASS");
    assert_eq!(refused("permits", json!([])).await, "PERMIT_MISSING");
    assert_eq!(refused("permits", permit("national", 90)).await, "PERMIT_MISSING");
    assert_eq!(refused("permits", permit("goods_carriage", 1)).await, "PERMIT_EXPIRED");
    for (field, value) in [
        ("registrationNumber", json!("TS05AB001")),
        ("registrationNumber", json!("ts05ab0001")),
        ("registrationNumber", json!("TS05AB0001#")),
        ("position", json!({ "lat": 90.1, "lng": 0 })),
        ("capacityTonnes", json!(-1)),
        ("vehicleClass", json!("bicycle")),
    ] {
        assert_eq!(refused(field, value.clone()).await, "VALIDATION_ERROR", "{value}");
    }
}

#[tokio::test]
async fn a_fleet_owner_registers_their_own_and_an_administrator_says_whose() {
    let world = world().await;
    let mut named = truck(&world, "TS05AB0001");
    named["fleetOwnerId"] = json!("acme-second-owner");

    assert_eq!(register(&world, &fleet_owner(&world), &named).await.code(), "FORBIDDEN");
    let unnamed = truck(&world, "TS05AB0002");
    assert_eq!(register(&world, &admin(&world), &unnamed).await.code(), "FLEET_OWNER_MISSING");
    let answer = register(&world, &admin(&world), &named).await;
    assert_eq!(answer.body["data"]["fleetOwnerId"], "acme-second-owner");
    for role in [Role::Shipper, Role::Driver] {
        assert_eq!(register(&world, &world.caller("acme", role), &unnamed).await.code(), "FORBIDDEN");
    }
}
