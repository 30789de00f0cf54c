//! Says whether a vehicle can be had and where it stands. For its fleet owner and for administrators. Emits nothing.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;
use validation::types::GeoPoint;

use crate::Booking;
use crate::cells::cell_of;
use crate::fleet::{FLEET, VEHICLE_NOT_FOUND, VehiclePath, VehicleRecord, VehicleStatus, VehicleView};

/// Whether a vehicle can be had, and where.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Availability {
    /// Whether it waits for freight.
    #[garde(skip)]
    pub available: bool,
    /// Where it stands; where it stood last when nothing is said.
    #[garde(dive)]
    pub position: Option<GeoPoint>,
}

/// Nobody could find it.
pub const POSITION_MISSING: Refusal =
    Refusal::rule("POSITION_MISSING", "A vehicle is available somewhere: say where it stands.");
/// It serves a booking.
pub const VEHICLE_ASSIGNED: Refusal =
    Refusal::new(Kind::Conflict, "VEHICLE_ASSIGNED", "The vehicle serves a booking until that is over.");
/// It was changed while this was asked.
const VEHICLE_CHANGED: Refusal =
    Refusal::of(Kind::Conflict, "Somebody else has changed this vehicle meanwhile: read it again.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Says whether a vehicle can be had and where it stands",
    policy: Policy::roles(FLEET).and(&["own-fleet"]),
    errors: &[POSITION_MISSING, VEHICLE_ASSIGNED, VEHICLE_CHANGED, VEHICLE_NOT_FOUND],
    audit: Some("vehicle.availability"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::put("setVehicleAvailability", "/booking/v1/vehicles/{vehicleId}/availability")
};

type Request = Input<VehiclePath, Nothing, Availability>;

pub async fn handle(cx: Context<Booking>, input: Request) -> Result<Data<VehicleView>, Error> {
    let read = cx.state.table.get::<VehicleRecord>(&cx.tenant, &input.path.vehicle_id.0).await?;
    let read = read.filter(|vehicle| cx.principal.owns(&vehicle.value.view.fleet_owner_id)).ok_or(VEHICLE_NOT_FOUND)?;

    let mut vehicle = read.value.clone();
    let position = input.body.position.or(vehicle.view.position);
    vehicle.view.status = match (vehicle.view.status, input.body.available) {
        (VehicleStatus::Assigned, _) => return Err(VEHICLE_ASSIGNED.into()),
        (_, true) if position.is_none() => return Err(POSITION_MISSING.into()),
        (_, true) => VehicleStatus::Available,
        (_, false) => VehicleStatus::Offline,
    };
    vehicle.view.position = position;
    vehicle.cell = position.map(cell_of).transpose()?;

    let answer = Data::new(vehicle.view.clone());
    cx.state.table.transaction(&cx).update(&read, &vehicle).or(VEHICLE_CHANGED).commit(&answer).await?;

    Ok(answer)
}
