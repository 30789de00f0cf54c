//! Rates a trip that was delivered, and with it its driver. For its shipper and for administrators. Emits nothing.
//!
//! A trip is rated once. The driver's rating is the mean of all; the vehicle they drive carries it, because a search for
//! vehicles looks at it.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Booking;
use crate::fleet::VehicleRecord;
use crate::lifecycle::BookingStatus;
use crate::ratings::{DriverRecord, TripRating, driver};
use crate::records::{BOOKING_NOT_FOUND, BookingPath, BookingView, INVALID_BOOKING_STATUS, SHIPPERS, booking, books};
use crate::trip::VEHICLE_CHANGED;

/// What somebody thought of a trip.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRating {
    /// Of five.
    #[garde(range(min = 1, max = 5))]
    pub stars: u8,
    /// Why, in words.
    #[garde(inner(length(chars, min = 1, max = 500)))]
    #[schemars(length(min = 1, max = 500))]
    pub remark: Option<String>,
}

/// It was rated before.
pub const TRIP_RATED: Refusal = Refusal::new(Kind::Conflict, "TRIP_RATED", "The trip has been rated already.");
pub const DECLARATION: Declaration = Declaration {
    summary: "Rates a trip that was delivered, and with it its driver",
    success: 200,
    policy: Policy::roles(SHIPPERS).and(&["own-booking"]),
    errors: &[BOOKING_NOT_FOUND, INVALID_BOOKING_STATUS, TRIP_RATED, VEHICLE_CHANGED],
    audit: Some("trip.rate"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    idempotent: true,
    ..Declaration::post("rateTrip", "/booking/v1/bookings/{bookingId}/rating")
};

type Request = Input<BookingPath, Nothing, NewRating>;

pub async fn handle(cx: Context<Booking>, input: Request) -> Result<Data<BookingView>, Error> {
    let read = booking(&cx, &input.path.booking_id, books).await?;
    let status = read.value.view.status;
    let trip = read.value.view.assignment.as_ref().filter(|_| status == BookingStatus::Completed);
    let trip = trip.ok_or_else(|| INVALID_BOOKING_STATUS.with(serde_json::json!({ "status": status })))?;
    let before = driver(&cx, &trip.driver_id).await?;
    let vehicle = cx.state.table.get::<VehicleRecord>(&cx.tenant, &trip.vehicle_id.0).await?;
    let vehicle = vehicle.filter(|vehicle| vehicle.value.view.driver_id.as_ref() == Some(&trip.driver_id));

    if read.value.view.rating.is_some() {
        return Err(TRIP_RATED.into());
    }
    let NewRating { stars, remark } = input.body;
    let driver = DriverRecord::rated(before.as_ref().map(|before| &before.value), &cx.tenant, &trip.driver_id, stars);
    let mut booking = read.value.clone();
    booking.view.rating = Some(TripRating { at: cx.now.clone(), stars, remark });

    let answer = Data::new(booking.view.clone());
    let change = cx.state.table.transaction(&cx).update(&read, &booking).or(TRIP_RATED);
    let mut change = change.upsert(before.as_ref(), &driver);
    if let Some(vehicle) = &vehicle {
        let mut rated = vehicle.value.clone();
        rated.view.driver_rating = driver.mean();
        change = change.update(vehicle, &rated).or(VEHICLE_CHANGED);
    }
    change.commit(&answer).await?;

    Ok(answer)
}
