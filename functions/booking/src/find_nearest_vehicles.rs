//! Finds the available vehicles nearest to a place that suit a freight. For administrators among all of the tenant's,
//! for fleet owners among their own. Emits nothing.

use cloud::Listing;
use config_client::{Document, Scope};
use futures_util::future::join_all;
use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;
use validation::types::{GeoPoint, PageQuery, Timestamp};

use crate::Booking;
use crate::cells::cells_within;
use crate::fleet::{FLEET, FleetRules, VehicleClass, VehicleRecord, VehicleView};

/// The freight that waits, and where.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waiting {
    /// Latitude in degrees (WGS 84).
    #[garde(range(min = -90.0, max = 90.0), custom(finite))]
    pub lat: f64,
    /// Longitude in degrees (WGS 84).
    #[garde(range(min = -180.0, max = 180.0), custom(finite))]
    pub lng: f64,
    /// How much is to be carried, in tonnes.
    #[garde(range(min = 0.1, max = 1000.0), custom(finite))]
    pub tonnes: f64,
    /// Only vehicles of this class.
    #[garde(skip)]
    pub vehicle_class: Option<VehicleClass>,
    /// When it is loaded; now, when nothing is said. Permits must hold then.
    #[garde(skip)]
    pub pickup_at: Option<Timestamp>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NearestVehicles {
    /// The nearest first.
    pub vehicles: Vec<NearVehicle>,
    /// Whether nothing nearer can have been missed: no, when more vehicles stand around than are looked at.
    pub complete: bool,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NearVehicle {
    /// The vehicle.
    pub vehicle: VehicleView,
    /// How far it is, on a great circle.
    pub distance_km: f64,
}

/// `business/matching`: which vehicles suit a freight.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Matching {
    /// Nothing farther away is found.
    pub radius_kilometres: f64,
    /// How much more than the freight a vehicle may carry, in hundredths of a per cent.
    pub spare_capacity_basis_points: i64,
    /// A driver must be rated above this, of five.
    pub driver_rating_above: f64,
    /// How many are found.
    pub most_results: usize,
    /// How many are looked at.
    pub most_candidates: usize,
}

impl Document for Matching {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "business/matching";
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Finds the nearest available vehicles that suit a freight",
    policy: Policy::roles(FLEET).and(&["own-fleet"]),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::configured_by("business/fleet"),
        Touch::configured_by("business/matching"),
    ],
    at_edge: true,
    ..Declaration::get("findNearestVehicles", "/booking/v1/nearest-vehicles")
};

pub async fn handle(cx: Context<Booking>, input: Input<Nothing, Waiting>) -> Result<Data<NearestVehicles>, Error> {
    let rules = cx.state.config.get::<FleetRules>(&cx.tenant).await?;
    let matching = cx.state.config.get::<Matching>(&cx.tenant).await?;

    let waiting = input.query;
    let place = GeoPoint { lat: waiting.lat, lng: waiting.lng };
    let at = waiting.pickup_at.clone().unwrap_or_else(|| cx.now.clone());
    let mut found: Vec<NearVehicle> = Vec::new();
    let mut left = matching.most_candidates;
    // As many cells as a search may ask for at once; the first of each wave says how near the rest can be. The nearest
    // is asked for alone: in a town it holds enough.
    const WAVE: usize = 8;
    let cells = cells_within(place, matching.radius_kilometres)?;
    let (nearest, around) = cells.split_at(cells.len().min(1));
    for wave in [nearest].into_iter().chain(around.chunks(WAVE)) {
        let nearest_unseen = wave.first().map_or(0.0, |(distance, _)| *distance);
        let enough =
            found.get(matching.most_results.saturating_sub(1)).is_some_and(|last| last.distance_km <= nearest_unseen);
        if enough || left == 0 {
            break;
        }
        for page in join_all(wave.iter().map(|(_, cell)| in_cell(&cx, cell, left))).await {
            let page = page?;
            left = left.saturating_sub(page.len());
            let seen = page.into_iter().filter(|vehicle| cx.principal.owns(&vehicle.fleet_owner_id));
            let suitable = seen.filter(|vehicle| matching.suits(vehicle, &waiting, &rules, &at));
            found.extend(suitable.filter_map(|vehicle| {
                let distance_km = vehicle.position?.kilometres_to(place);
                (distance_km <= matching.radius_kilometres).then_some(NearVehicle { vehicle, distance_km })
            }));
        }
        found.sort_by(|one, other| one.distance_km.total_cmp(&other.distance_km));
        found.truncate(matching.most_results);
    }

    Ok(Data::new(NearestVehicles { vehicles: found, complete: left > 0 }))
}

/// The available vehicles of a cell, but no more than so many.
async fn in_cell(cx: &Context<Booking>, cell: &str, most: usize) -> Result<Vec<VehicleView>, Error> {
    const PAGE: usize = 100;
    let mut vehicles = Vec::new();
    let mut cursor = None;
    loop {
        let size = PAGE.min(most - vehicles.len());
        let query = PageQuery { page_size: u32::try_from(size).ok(), cursor };
        let page = cx.state.table.list::<VehicleRecord>(&cx.tenant, Listing::Owner(cell), &query).await?;
        vehicles.extend(page.data.into_iter().map(|vehicle| vehicle.view));
        cursor = page.pagination.next_cursor;
        if cursor.is_none() || vehicles.len() >= most {
            return Ok(vehicles);
        }
    }
}

impl Matching {
    /// Whether a vehicle suits: large enough and not much larger, well driven, permitted, of the class asked for.
    fn suits(&self, vehicle: &VehicleView, waiting: &Waiting, rules: &FleetRules, at: &Timestamp) -> bool {
        const BASIS: f64 = 10_000.0;
        let largest = waiting.tonnes * (1.0 + self.spare_capacity_basis_points as f64 / BASIS);
        (waiting.tonnes..=largest).contains(&vehicle.capacity_tonnes)
            && vehicle.driver_rating > self.driver_rating_above
            && waiting.vehicle_class.is_none_or(|class| class == vehicle.vehicle_class)
            && rules.permit(&vehicle.permits, at)
    }
}

/// A query string can say `NaN`, which lies in every range.
fn finite(value: &f64, (): &()) -> garde::Result {
    if value.is_finite() { Ok(()) } else { Err(garde::Error::new("is not a number")) }
}
