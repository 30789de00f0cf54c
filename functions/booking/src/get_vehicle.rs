//! Reads one vehicle. For its fleet owner and for administrators; to everybody else it does not exist. Emits nothing.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Booking;
use crate::fleet::{FLEET, VEHICLE_NOT_FOUND, VehiclePath, VehicleRecord, VehicleView};

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads one vehicle",
    policy: Policy::roles(FLEET).and(&["own-fleet"]),
    errors: &[VEHICLE_NOT_FOUND],
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("getVehicle", "/booking/v1/vehicles/{vehicleId}")
};

pub async fn handle(cx: Context<Booking>, input: Input<VehiclePath>) -> Result<Data<VehicleView>, Error> {
    let vehicle = cx.state.table.get::<VehicleRecord>(&cx.tenant, &input.path.vehicle_id.0).await?;

    let vehicle = vehicle.filter(|vehicle| cx.principal.owns(&vehicle.value.view.fleet_owner_id));

    Ok(Data::new(vehicle.ok_or(VEHICLE_NOT_FOUND)?.value.view))
}
