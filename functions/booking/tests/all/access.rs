//! Who may call what, asked over HTTP: `access.md`.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use policy::Role;
use serde_json::{Value, json};
use testing::access::{Cast, Owner, matrix};
use testing::{Caller, World};

use crate::contracts::route;
use crate::journey::step;
use crate::vehicles::truck;
use crate::{book, world};

#[tokio::test]
async fn everybody_reaches_what_the_table_says_and_nothing_else() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("access.md");
    let company = Company { world: world().await, vehicles: AtomicU32::new(0) };
    matrix(&company, &booking::service(), &file).await;
}

/// Who books, drives and owns.
struct Company {
    world: World,
    vehicles: AtomicU32,
}

impl Cast for Company {
    fn world(&self) -> &World {
        &self.world
    }

    async fn body(&self, operation: &str, owner: Owner<'_>, mut body: Value) -> Value {
        if operation == "assignVehicle" {
            body["vehicleId"] = self.vehicle(Owner::SomebodyIn(owner.tenant())).await.into();
        }
        body
    }

    async fn record(&self, parameter: &str, owner: Owner<'_>) -> Option<String> {
        match parameter {
            "bookingId" => self.booking(owner).await,
            "contractId" => self.contract(owner).await,
            "vehicleId" => self.vehicle(owner).await,
            _ => panic!("no record is made for the path parameter {parameter}"),
        }
    }
}

impl Company {
    /// A booking of a shipper or an administrator, or one that a fleet owner's truck or a driver has been assigned to.
    async fn booking(&self, owner: Owner<'_>) -> Option<String> {
        let tenant = owner.tenant();
        let admin = self.world.caller(tenant, Role::TenantAdmin);
        let shipper = match owner {
            Owner::Caller(caller) if is(caller, &[Role::Shipper, Role::TenantAdmin]) => caller.clone(),
            _ => self.world.caller_named(tenant, "somebody", &[Role::Shipper]),
        };
        let booking = book(&self.world, &shipper).await;
        let Owner::Caller(caller) = owner else { return Some(booking) };
        let id = caller.claims.as_ref()?.sub.clone();
        if is(caller, &[Role::FleetOwner]) {
            self.world.caller_named(tenant, "another-driver", &[Role::Driver]);
            self.assign(&admin, &booking, caller, "another-driver").await;
        } else if is(caller, &[Role::Driver]) {
            let fleet_owner = self.world.caller_named(tenant, "somebody", &[Role::FleetOwner]);
            self.assign(&admin, &booking, &fleet_owner, &id).await;
        } else if !is(caller, &[Role::Shipper, Role::TenantAdmin]) {
            return None;
        }
        Some(booking)
    }

    async fn assign(&self, admin: &Caller, booking: &str, fleet_owner: &Caller, driver: &str) {
        let vehicle = self.vehicle(Owner::Caller(fleet_owner)).await.expect("a vehicle");
        let confirmed = step(&self.world, admin, booking, "confirmation", json!({})).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        let body = json!({ "vehicleId": vehicle, "driverId": driver });
        let assigned = step(&self.world, admin, booking, "assignment", body).await;
        assert_eq!(assigned.status, 200, "{}", assigned.body);
    }

    async fn vehicle(&self, owner: Owner<'_>) -> Option<String> {
        let fleet_owner = match owner {
            Owner::Caller(caller) if is(caller, &[Role::FleetOwner]) => caller.clone(),
            Owner::Caller(_) => return None,
            Owner::SomebodyIn(tenant) => self.world.caller_named(tenant, "somebody", &[Role::FleetOwner]),
        };
        let number = format!("TS05AB{:04}", self.vehicles.fetch_add(1, Ordering::Relaxed));
        self.made("/booking/v1/vehicles", &fleet_owner, &truck(&self.world, &number), "vehicleId").await
    }

    /// A contract of a shipper, as an administrator makes it.
    async fn contract(&self, owner: Owner<'_>) -> Option<String> {
        let shipper = match owner {
            Owner::Caller(caller) if is(caller, &[Role::Shipper]) => caller.claims.as_ref()?.sub.clone(),
            Owner::Caller(_) => return None,
            Owner::SomebodyIn(_) => "somebody".to_owned(),
        };
        let admin = self.world.caller(owner.tenant(), Role::TenantAdmin);
        let contract = json!({
            "shipperId": shipper, "terms": route(),
            "startsAt": self.world.in_seconds(0), "endsAt": self.world.in_seconds(86_400),
        });
        self.made("/booking/v1/contracts", &admin, &contract, "contractId").await
    }

    async fn made(&self, path: &str, caller: &Caller, body: &Value, id: &str) -> Option<String> {
        let answer = self.world.ask("POST", path).by(caller).json(body).send().await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        Some(answer.body["data"][id].as_str().expect("an id").to_owned())
    }
}

fn is(caller: &Caller, roles: &[Role]) -> bool {
    let has = |role: &Role| caller.claims.iter().any(|claims| claims.roles.iter().any(|name| name == role.name()));
    roles.iter().any(has)
}
