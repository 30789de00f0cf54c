//! Gives a booking a vehicle and a driver: a vehicle that is available, of the fleet that the booking's contract keeps if
//! it keeps one, of the class that was priced, large enough and permitted at the pickup, and somebody of whom the auth
//! service says that they drive. For administrators. Emits `booking.assigned`.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{Policy, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Booking;
use crate::contracts::{DedicatedFleet, dedicated_fleet};
use crate::fleet::{FleetRules, PERMIT_EXPIRED, VEHICLE_NOT_FOUND, VehicleId, VehicleRecord, VehicleStatus};
use crate::lifecycle::Action;
use crate::ratings::driver;
use crate::records::{
    Assignment, BOOKING_ASSIGNED, BOOKING_NOT_FOUND, BookingEvent, BookingPath, BookingView, INVALID_BOOKING_STATUS,
    booking, books,
};
use crate::trip;
use crate::upstreams::auth::{TenantUser, TenantUserStatus, USER_NOT_FOUND};

/// What is to carry a booking.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAssignment {
    /// The vehicle.
    #[garde(dive)]
    pub vehicle_id: VehicleId,
    /// Who drives it: somebody whom the auth service knows.
    #[garde(pattern("^[0-9A-Za-z_-]{1,100}$"))]
    pub driver_id: String,
    /// Why this one, for the history.
    #[garde(inner(length(chars, min = 1, max = 500)))]
    #[schemars(length(min = 1, max = 500))]
    pub reason: Option<String>,
}

/// The vehicle serves another booking, or is kept back.
pub const VEHICLE_UNAVAILABLE: Refusal =
    Refusal::new(Kind::Conflict, "VEHICLE_UNAVAILABLE", "The vehicle is not available.");
/// Nobody of the tenant is known under that id.
pub const DRIVER_NOT_FOUND: Refusal = Refusal::new(Kind::NotFound, "DRIVER_NOT_FOUND", "There is no such driver.");
/// The person is shut out.
pub const DRIVER_SUSPENDED: Refusal = Refusal::rule("DRIVER_SUSPENDED", "The driver is suspended.");
/// The person has other roles.
pub const NOT_A_DRIVER: Refusal = Refusal::rule("NOT_A_DRIVER", "The person is no driver.");
/// The freight is heavier than the vehicle takes.
pub const CAPACITY_EXCEEDED: Refusal =
    Refusal::rule("CAPACITY_EXCEEDED", "The freight is heavier than the vehicle takes.");
/// The booking's contract keeps the vehicles of one fleet for its shipper.
pub const OUTSIDE_DEDICATED_FLEET: Refusal =
    Refusal::rule("OUTSIDE_DEDICATED_FLEET", "The booking's contract is for the vehicles of another fleet.");
/// The price was made for a vehicle of another class.
pub const WRONG_VEHICLE_CLASS: Refusal =
    Refusal::rule("WRONG_VEHICLE_CLASS", "The booking is for a vehicle of another class.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Gives a booking a vehicle and a driver",
    success: 200,
    policy: Policy::ADMIN,
    errors: &[
        BOOKING_NOT_FOUND,
        CAPACITY_EXCEEDED,
        DRIVER_NOT_FOUND,
        DRIVER_SUSPENDED,
        INVALID_BOOKING_STATUS,
        NOT_A_DRIVER,
        OUTSIDE_DEDICATED_FLEET,
        PERMIT_EXPIRED,
        VEHICLE_NOT_FOUND,
        VEHICLE_UNAVAILABLE,
        WRONG_VEHICLE_CLASS,
    ],
    emits: &[BOOKING_ASSIGNED],
    audit: Some("booking.assign"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("business/fleet")],
    lifecycle: Action::Assign.lifecycle(Some(INVALID_BOOKING_STATUS)),
    idempotent: true,
    ..Declaration::post("assignVehicle", "/booking/v1/bookings/{bookingId}/assignment")
};

type Request = Input<BookingPath, Nothing, NewAssignment>;

pub async fn handle(cx: Context<Booking>, input: Request) -> Result<Data<BookingView>, Error> {
    let read = booking(&cx, &input.path.booking_id, books).await?;
    let vehicle = cx.state.table.get::<VehicleRecord>(&cx.tenant, &input.body.vehicle_id.0).await?;
    let vehicle = vehicle.ok_or(VEHICLE_NOT_FOUND)?;
    let rules = cx.state.config.get::<FleetRules>(&cx.tenant).await?;
    let fleet = dedicated_fleet(&cx, &read.value.view.freight).await?;
    let rated = driver(&cx, &input.body.driver_id).await?;
    let person = person(&cx, &input.body.driver_id).await?;

    let mut booking = read.value.after(Action::Assign, &cx, input.body.reason, INVALID_BOOKING_STATUS)?;
    suits(&vehicle.value, &booking.view, fleet.as_ref(), &rules)?;
    drives(person.as_ref())?;
    let driver_rating = rated.map_or(rules.new_driver_rating, |driver| driver.value.mean());
    let taken = trip::taken(&vehicle.value, &booking.view.booking_id, &input.body.driver_id, driver_rating);
    booking.view.assignment = Some(Assignment {
        vehicle_id: input.body.vehicle_id,
        driver_id: input.body.driver_id,
        fleet_owner_id: vehicle.value.view.fleet_owner_id.clone(),
    });

    let answer = Data::new(booking.view.clone());
    let event = BookingEvent::of(Some(&read.value), &booking);
    cx.state
        .table
        .transaction(&cx)
        .update(&read, &booking)
        .or(INVALID_BOOKING_STATUS)
        .update(&vehicle, &taken)
        .or(VEHICLE_UNAVAILABLE)
        .event(&BOOKING_ASSIGNED, &booking.view.booking_id.0, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}

/// What the auth service says of somebody of the tenant; `None` when it knows nobody of that id.
async fn person(cx: &Context<Booking>, id: &str) -> Result<Option<TenantUser>, Error> {
    match cx.state.auth.read_tenant_user(&cx.request_id, &cx.tenant, id).await {
        Ok(answer) => Ok(Some(answer.body.data)),
        Err(failure) if failure.is(USER_NOT_FOUND) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

/// Whether this person may drive.
fn drives(person: Option<&TenantUser>) -> Result<(), Error> {
    let person = person.ok_or(DRIVER_NOT_FOUND)?;
    if person.status == TenantUserStatus::Suspended {
        return Err(DRIVER_SUSPENDED.into());
    }
    if !person.roles.iter().any(|role| role == Role::Driver.name()) {
        return Err(NOT_A_DRIVER.into());
    }
    Ok(())
}

/// Whether this vehicle can carry this booking, for which a contract may keep a fleet.
fn suits(
    vehicle: &VehicleRecord,
    booking: &BookingView,
    fleet: Option<&DedicatedFleet>,
    rules: &FleetRules,
) -> Result<(), Error> {
    let vehicle = &vehicle.view;
    if vehicle.status != VehicleStatus::Available {
        return Err(VEHICLE_UNAVAILABLE.with(serde_json::json!({ "status": vehicle.status })));
    }
    if let Some(fleet) = fleet.filter(|fleet| fleet.fleet_owner_id != vehicle.fleet_owner_id) {
        return Err(OUTSIDE_DEDICATED_FLEET.with(serde_json::json!({ "fleetOwnerId": fleet.fleet_owner_id })));
    }
    if let Some(class) = booking.freight.vehicle_class.filter(|class| *class != vehicle.vehicle_class) {
        return Err(WRONG_VEHICLE_CLASS.with(serde_json::json!({ "vehicleClass": class })));
    }
    if booking.freight.tonnes > vehicle.capacity_tonnes {
        return Err(CAPACITY_EXCEEDED.with(serde_json::json!({ "capacityTonnes": vehicle.capacity_tonnes })));
    }
    if !rules.permit(&vehicle.permits, &booking.freight.pickup_at) {
        return Err(PERMIT_EXPIRED.with(serde_json::json!({ "pickupAt": booking.freight.pickup_at })));
    }
    Ok(())
}
