//! A vehicle's part in the life of a booking: it is taken by an assignment, and given back when the trip ends or does
//! not come about. Both are written in one transaction with the booking.

use cloud::{Stored, Transaction};
use operation::Context;
use service_errors::{Error, Kind, Refusal};

use crate::Booking;
use crate::fleet::{VehicleRecord, VehicleStatus};
use crate::records::{BookingId, BookingView};

/// A vehicle as it was read, and as it is to be written.
pub type Change = (Stored<VehicleRecord>, VehicleRecord);

/// The vehicle was changed while this was asked, perhaps by its next position.
pub const VEHICLE_CHANGED: Refusal = Refusal::of(Kind::Conflict, "The vehicle has changed meanwhile: try again.");

/// The vehicle while it serves this booking, with a driver who is rated like this.
pub fn taken(vehicle: &VehicleRecord, booking: &BookingId, driver_id: &str, driver_rating: f64) -> VehicleRecord {
    let mut taken = vehicle.clone();
    taken.view.status = VehicleStatus::Assigned;
    taken.view.booking_id = Some(booking.clone());
    taken.view.driver_id = Some(driver_id.to_owned());
    taken.view.driver_rating = driver_rating;
    taken
}

/// The vehicle that serves this booking, if one does, as it becomes free again.
pub async fn given_back(cx: &Context<Booking>, booking: &BookingView) -> Result<Option<Change>, Error> {
    let Some(assignment) = &booking.assignment else { return Ok(None) };
    let vehicle = cx.state.table.get::<VehicleRecord>(&cx.tenant, &assignment.vehicle_id.0).await?;
    let serving = vehicle.filter(|vehicle| vehicle.value.view.booking_id.as_ref() == Some(&booking.booking_id));
    Ok(serving.map(|read| {
        let mut free = read.value.clone();
        free.view.status = VehicleStatus::Available;
        free.view.booking_id = None;
        (read, free)
    }))
}

/// Adds the vehicle to the change of its booking.
pub fn give_back<'a>(change: Transaction<'a>, vehicle: Option<&Change>) -> Transaction<'a> {
    match vehicle {
        Some((read, free)) => change.update(read, free).or(VEHICLE_CHANGED),
        None => change,
    }
}
