//! Registers a vehicle: its number is the tenant's only one, its capacity fits its class, its permits hold. For fleet
//! owners and administrators. Emits nothing.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{Policy, Principal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;
use validation::types::GeoPoint;

use crate::Booking;
use crate::cells::cell_of;
use crate::fleet::{
    CAPACITY_OUT_OF_CLASS, FLEET, FleetRules, PERMIT_EXPIRED, PERMIT_MISSING, Permit, RegistrationRecord, VehicleClass,
    VehicleId, VehicleRecord, VehicleStatus, VehicleView,
};
use crate::records::new_id;

/// A vehicle to be registered.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewVehicle {
    /// Its number plate, with or without dashes: `TS-05-AB-1234`.
    #[garde(pattern("^[A-Z]{2}-?[0-9]{2}-?[A-Z]{1,2}-?[0-9]{4}$"))]
    pub registration_number: String,
    /// How large it is.
    #[garde(skip)]
    pub vehicle_class: VehicleClass,
    /// How much it may carry, in tonnes.
    #[garde(range(min = 0.1, max = 1000.0))]
    pub capacity_tonnes: f64,
    /// What it is allowed to.
    #[garde(length(max = 10), dive)]
    pub permits: Vec<Permit>,
    /// Where it stands. With a position it is available at once.
    #[garde(dive)]
    pub position: Option<GeoPoint>,
    /// Whose it is; only administrators say so, a fleet owner registers their own.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schemars(length(min = 1, max = 100))]
    pub fleet_owner_id: Option<String>,
}

/// The tenant has a vehicle of this number.
pub const DUPLICATE_VEHICLE: Refusal =
    Refusal::new(Kind::Conflict, "DUPLICATE_VEHICLE", "A vehicle with this registration number is there already.");
/// An administrator owns no fleet.
pub const FLEET_OWNER_MISSING: Refusal =
    Refusal::rule("FLEET_OWNER_MISSING", "An administrator says whose vehicle it is.");
/// Two vehicles drew the same id.
const VEHICLE_EXISTS: Refusal = Refusal::of(Kind::Conflict, "This vehicle was registered already.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Registers a vehicle",
    policy: Policy::roles(FLEET).and(&["own-fleet"]),
    errors: &[
        CAPACITY_OUT_OF_CLASS,
        DUPLICATE_VEHICLE,
        FLEET_OWNER_MISSING,
        PERMIT_EXPIRED,
        PERMIT_MISSING,
        VEHICLE_EXISTS,
    ],
    audit: Some("vehicle.register"),
    touches: &[Touch::writes(crate::NAME), Touch::configured_by("business/fleet")],
    idempotent: true,
    ..Declaration::post("registerVehicle", "/booking/v1/vehicles")
};

pub async fn handle(
    cx: Context<Booking>,
    input: Input<Nothing, Nothing, NewVehicle>,
) -> Result<Data<VehicleView>, Error> {
    let new = input.body;
    let fleet_owner_id = owner(&cx.principal, new.fleet_owner_id)?;
    let rules = cx.state.config.get::<FleetRules>(&cx.tenant).await?;

    rules.check(new.vehicle_class, new.capacity_tonnes, &new.permits, &cx.now)?;
    let vehicle = VehicleRecord {
        tenant: cx.tenant.clone(),
        cell: new.position.map(cell_of).transpose()?,
        view: VehicleView {
            vehicle_id: VehicleId(new_id("VH")),
            fleet_owner_id,
            registration_number: new.registration_number.replace('-', ""),
            vehicle_class: new.vehicle_class,
            capacity_tonnes: new.capacity_tonnes,
            permits: new.permits,
            driver_id: None,
            driver_rating: rules.new_driver_rating,
            status: if new.position.is_some() { VehicleStatus::Available } else { VehicleStatus::Offline },
            position: new.position,
            booking_id: None,
            registered_at: cx.now.clone(),
        },
    };
    let registration = RegistrationRecord {
        tenant: cx.tenant.clone(),
        registration_number: vehicle.view.registration_number.clone(),
        vehicle_id: vehicle.view.vehicle_id.clone(),
    };

    let answer = Data::new(vehicle.view.clone());
    cx.state
        .table
        .transaction(&cx)
        .create(&vehicle, VEHICLE_EXISTS)
        .create(&registration, DUPLICATE_VEHICLE)
        .commit(&answer)
        .await?;

    Ok(answer)
}

/// Whose vehicle it becomes.
fn owner(principal: &Principal, named: Option<String>) -> Result<String, Error> {
    match named {
        Some(named) if principal.owns(&named) => Ok(named),
        Some(_) => Err(Error::new(Kind::Forbidden)),
        None if principal.administers() => Err(FLEET_OWNER_MISSING.into()),
        None => Ok(principal.id().to_owned()),
    }
}
