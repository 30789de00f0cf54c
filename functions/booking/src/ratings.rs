//! What shippers think of their trips, and how a driver is rated for it.

use cloud::{Entity, Stored};
use operation::Context;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::types::Timestamp;

use crate::Booking;

/// What the shipper thought of a trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TripRating {
    /// When it was said.
    pub at: Timestamp,
    /// Of five.
    #[schemars(range(min = 1, max = 5))]
    pub stars: u8,
    /// Why, in the shipper's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub remark: Option<String>,
}

/// What all trips of one driver were rated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DriverRecord {
    pub tenant: String,
    pub driver_id: String,
    /// How many trips were rated, and the stars of all.
    pub trips: u32,
    pub stars: u32,
}

impl Entity for DriverRecord {
    const KIND: &'static str = "driver";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.driver_id
    }

    fn order(&self) -> String {
        self.driver_id.clone()
    }
}

impl DriverRecord {
    /// The driver after one more trip, the first if there was none `before`.
    pub fn rated(before: Option<&Self>, tenant: &str, driver_id: &str, stars: u8) -> Self {
        let (trips, sum) = before.map_or((0, 0), |before| (before.trips, before.stars));
        Self {
            tenant: tenant.to_owned(),
            driver_id: driver_id.to_owned(),
            trips: trips.saturating_add(1),
            stars: sum.saturating_add(stars.into()),
        }
    }

    /// The mean of all ratings, of five.
    pub fn mean(&self) -> f64 {
        f64::from(self.stars) / f64::from(self.trips.max(1))
    }
}

/// What is known of a driver; nothing before their first rating.
pub async fn driver(cx: &Context<Booking>, id: &str) -> Result<Option<Stored<DriverRecord>>, Error> {
    cx.state.table.get::<DriverRecord>(&cx.tenant, id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_is_rated_the_mean_of_their_trips() {
        let first = DriverRecord::rated(None, "acme", "deepak", 5);
        let second = DriverRecord::rated(Some(&first), "acme", "deepak", 2);

        assert_eq!((first.mean(), second.mean()), (5.0, 3.5));
        assert_eq!((second.trips, second.driver_id.as_str()), (2, "deepak"));
    }
}
