//! Pure decisions: what a transport costs, when it may be booked, and what cancelling it costs.

use std::collections::BTreeMap;

use config_client::{Document, Scope};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Refusal};
use validation::types::{GeoPoint, Timestamp};

use crate::contracts::{Agreement, ContractId};
use crate::fleet::VehicleClass;

/// A place with an address a driver can find.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Latitude in degrees (WGS 84).
    #[garde(range(min = -90.0, max = 90.0))]
    pub lat: f64,
    /// Longitude in degrees (WGS 84).
    #[garde(range(min = -180.0, max = 180.0))]
    pub lng: f64,
    /// The address in words.
    #[garde(length(chars, min = 1, max = 200))]
    pub address: String,
}

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Material {
    /// Coal.
    Coal,
    /// Iron ore.
    IronOre,
    /// Limestone.
    Limestone,
    /// Fertilizer.
    Fertilizer,
}

/// One transport: what, how much, from where to where, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Freight {
    /// Where it is loaded.
    #[garde(dive)]
    pub pickup: Place,
    /// Where it is unloaded.
    #[garde(dive)]
    pub drop: Place,
    /// What is carried.
    #[garde(skip)]
    pub material: Material,
    /// How much, in tonnes.
    #[garde(range(min = 0.1, max = 1000.0))]
    pub tonnes: f64,
    /// When it is loaded.
    #[garde(skip)]
    pub pickup_at: Timestamp,
    /// The distance by road in kilometres; the great-circle distance when it is not given.
    #[garde(inner(range(min = 0.1, max = 10000.0)))]
    #[schemars(range(min = 0.1, max = 10000.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<f64>,
    /// With a vehicle of this class; with any, when nothing is said.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle_class: Option<VehicleClass>,
    /// Under this contract of the same caller.
    #[garde(dive)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_id: Option<ContractId>,
}

/// `business/pricing`: prices in the smallest unit of the currency.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pricing {
    /// ISO 4217.
    pub currency: String,
    /// Per tonne.
    pub base_per_tonne: i64,
    /// Per tonne and kilometre.
    pub per_tonne_kilometre: i64,
    /// Per material.
    pub material_multipliers: BTreeMap<Material, f64>,
    /// Per vehicle class; a class that is not named costs no more and no less.
    #[serde(default)]
    pub vehicle_class_multipliers: BTreeMap<VehicleClass, f64>,
    /// When trucks are scarce.
    pub surge_multiplier: f64,
    /// Of the price before tax, in hundredths of a per cent.
    pub tax_basis_points: i64,
    /// How long a quote holds.
    pub quote_validity_seconds: i64,
}

impl Document for Pricing {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "business/pricing";
}

/// `business/rules`: what may be booked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rules {
    /// A pickup must be at least this far ahead.
    pub earliest_pickup_hours: i64,
    /// And at most this far.
    pub latest_pickup_days: i64,
    /// The longest transport.
    pub maximum_kilometres: f64,
    /// The heaviest.
    pub maximum_tonnes: f64,
}

impl Document for Rules {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "business/rules";
}

impl Rules {
    /// Whether a truck may be booked at `now` for this pickup: not too soon and not too far ahead.
    pub fn check_pickup(&self, pickup_at: &Timestamp, now: &Timestamp) -> Result<(), Error> {
        let ahead = pickup_at.unix_seconds() - now.unix_seconds();
        if !(self.earliest_pickup_hours * HOUR..=self.latest_pickup_days * 24 * HOUR).contains(&ahead) {
            return Err(BOOKING_WINDOW_CLOSED.with(serde_json::json!({
                "earliestPickupHours": self.earliest_pickup_hours,
                "latestPickupDays": self.latest_pickup_days,
            })));
        }
        Ok(())
    }
}

/// `business/cancellation`: until when, and for how much.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancellation {
    /// Nearer to the pickup than this, it can no longer be cancelled.
    pub latest_hours_before_pickup: i64,
    /// Nearer than this, it costs a fee.
    pub free_hours_before_pickup: i64,
    /// The fee, of the total, in hundredths of a per cent.
    pub late_fee_basis_points: i64,
    /// The fee at any time once a vehicle is kept for the booking; the larger of the two counts.
    #[serde(default)]
    pub assigned_fee_basis_points: i64,
}

impl Document for Cancellation {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "business/cancellation";
}

/// `business/rescheduling`: until when, and how often.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rescheduling {
    /// Nearer to the pickup than this, it can no longer be moved.
    pub latest_hours_before_pickup: i64,
    /// How often one booking can be moved.
    pub maximum_times: usize,
}

impl Document for Rescheduling {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "business/rescheduling";
}

/// `business/trips`: when one may set out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trips {
    /// Nobody sets out earlier than this before the pickup.
    pub earliest_start_hours_before_pickup: i64,
}

impl Document for Trips {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "business/trips";
}

/// A price, itemised. All amounts are in the smallest unit of the currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// ISO 4217.
    pub currency: String,
    /// Tonnes times the base rate.
    pub base_amount: i64,
    /// Tonnes times kilometres times the distance rate.
    pub distance_charge: i64,
    /// What the material adds; negative when it takes away.
    pub material_surcharge: i64,
    /// What the class of the vehicle adds; negative when it takes away.
    #[serde(default)]
    pub vehicle_surcharge: i64,
    /// What scarcity adds.
    pub surge_amount: i64,
    /// What a contract takes away.
    #[serde(default)]
    pub discounts: Vec<Discount>,
    /// Taxes, each on the sum above less the discounts.
    pub taxes: Vec<Tax>,
    /// What is paid.
    pub total_amount: i64,
    /// The version of the pricing document it was made with.
    pub price_version: String,
}

/// One discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Discount {
    /// `VOLUME_BASED`.
    pub name: String,
    /// In the smallest unit; it is taken away.
    pub amount: i64,
}

/// The items of a price before discounts and taxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Items {
    pub base: i128,
    pub distance: i128,
    pub material: i128,
    pub vehicle: i128,
    pub surge: i128,
}

/// One tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tax {
    /// `GST`.
    pub name: String,
    /// In hundredths of a per cent.
    pub basis_points: i64,
    /// In the smallest unit.
    pub amount: i64,
}

/// The pickup is too soon or too far ahead.
pub const BOOKING_WINDOW_CLOSED: Refusal =
    Refusal::rule("BOOKING_WINDOW_CLOSED", "The pickup is outside the window in which trucks can be booked.");
/// The freight is heavier than any truck takes.
pub const TOO_HEAVY: Refusal = Refusal::rule("TOO_HEAVY", "The freight is heavier than can be carried.");
/// The transport is longer than is offered.
pub const TOO_FAR: Refusal = Refusal::rule("TOO_FAR", "The distance is longer than is offered.");
/// The distance is given, and shorter than the way of a bird.
pub const DISTANCE_TOO_SHORT: Refusal =
    Refusal::rule("DISTANCE_TOO_SHORT", "The distance is shorter than the great circle between pickup and drop.");
/// No amount of money that is told anywhere holds it.
pub const PRICE_TOO_HIGH: Refusal = Refusal::rule("PRICE_TOO_HIGH", "The price is higher than can be booked.");
/// The pickup is too near.
pub const CANCELLATION_TOO_LATE: Refusal =
    Refusal::rule("CANCELLATION_TOO_LATE", "The pickup is too near for the booking to be cancelled.");

/// The pickup is too near.
pub const RESCHEDULING_TOO_LATE: Refusal =
    Refusal::rule("RESCHEDULING_TOO_LATE", "The pickup is too near for it to be moved.");
/// It was moved as often as it may be.
pub const RESCHEDULED_TOO_OFTEN: Refusal =
    Refusal::rule("RESCHEDULED_TOO_OFTEN", "The pickup was moved as often as it may be.");
/// The pickup is too far ahead.
pub const TRIP_TOO_EARLY: Refusal = Refusal::rule("TRIP_TOO_EARLY", "The pickup is too far ahead to set out.");

const HOUR: i64 = 3600;

/// A whole, in hundredths of a per cent.
pub const BASIS: i128 = 10_000;

/// The largest amount that an event can tell, in the smallest unit.
pub const LARGEST_AMOUNT: i64 = 1_000_000_000_000_000;

impl Freight {
    /// The distance in metres.
    pub fn metres(&self) -> i64 {
        (self.distance_km.unwrap_or_else(|| self.great_circle_kilometres()) * 1000.0).round() as i64
    }

    /// The weight in kilograms.
    pub fn kilograms(&self) -> i64 {
        (self.tonnes * 1000.0).round() as i64
    }

    fn great_circle_kilometres(&self) -> f64 {
        let point = |place: &Place| GeoPoint { lat: place.lat, lng: place.lng };
        point(&self.pickup).kilometres_to(point(&self.drop))
    }

    /// Whether it may be booked at `now`: not too heavy, not too far, not too soon and not too far ahead.
    pub fn check(&self, rules: &Rules, now: &Timestamp) -> Result<(), Error> {
        if self.tonnes > rules.maximum_tonnes {
            return Err(TOO_HEAVY.with(serde_json::json!({ "maximumTonnes": rules.maximum_tonnes })));
        }
        if self.metres() as f64 > rules.maximum_kilometres * 1000.0 {
            return Err(TOO_FAR.with(serde_json::json!({ "maximumKilometres": rules.maximum_kilometres })));
        }
        // Distances are told to the tenth of a kilometre.
        let shortest = (self.great_circle_kilometres() * 10.0).floor() / 10.0;
        if self.distance_km.is_some_and(|given| given < shortest) {
            return Err(DISTANCE_TOO_SHORT.with(serde_json::json!({ "minimumKilometres": shortest })));
        }
        rules.check_pickup(&self.pickup_at, now)
    }

    /// What it costs, by the price list or as agreed. Every item is rounded half up to the smallest unit, and the
    /// total is the sum of the items less the discounts.
    pub fn price(&self, pricing: &Pricing, version: &str, agreed: Option<&Agreement>) -> Result<Price, Error> {
        let priced = || {
            let usual = self.items(pricing)?;
            let Some(agreed) = agreed else { return usual.priced(None, pricing, version) };
            let used = agreed.usage.as_ref().map_or(0, |usage| usage.used_kilograms);
            let (items, discount) = agreed.terms.apply(self, used, usual)?;
            items.priced(discount, pricing, version)
        };
        priced().ok_or_else(|| PRICE_TOO_HIGH.into())
    }

    /// The items of the price list; `None` when they cannot even be computed.
    fn items(&self, pricing: &Pricing) -> Option<Items> {
        let (kilograms, metres) = (i128::from(self.kilograms()), i128::from(self.metres()));
        let base = rounded(kilograms.checked_mul(pricing.base_per_tonne.into())?, 1000);
        let tonne_metres = kilograms.checked_mul(metres)?;
        let distance = rounded(tonne_metres.checked_mul(pricing.per_tonne_kilometre.into())?, 1_000_000);
        let added = |to: i128, multiplier: f64| {
            let points = ((multiplier * BASIS as f64).round() as i128).checked_sub(BASIS)?;
            Some(rounded(to.checked_mul(points)?, BASIS))
        };
        let carried = base.checked_add(distance)?;
        let material = added(carried, pricing.material_multipliers.get(&self.material).copied().unwrap_or(1.0))?;
        let class = self.vehicle_class.and_then(|class| pricing.vehicle_class_multipliers.get(&class));
        let vehicle = added(carried.checked_add(material)?, class.copied().unwrap_or(1.0))?;
        let surged = carried.checked_add(material)?.checked_add(vehicle)?;
        Some(Items { base, distance, material, vehicle, surge: added(surged, pricing.surge_multiplier)? })
    }
}

impl Items {
    /// Nothing is charged.
    pub const NONE: Self = Self { base: 0, distance: 0, material: 0, vehicle: 0, surge: 0 };

    /// What they are together.
    pub fn sum(&self) -> Option<i128> {
        let items = [self.base, self.distance, self.material, self.vehicle, self.surge];
        items.into_iter().try_fold(0_i128, i128::checked_add)
    }

    fn priced(self, discount: Option<Discount>, pricing: &Pricing, version: &str) -> Option<Price> {
        let told =
            |value: i128| i64::try_from(value).ok().filter(|value| (-LARGEST_AMOUNT..=LARGEST_AMOUNT).contains(value));
        let net = self.sum()?.checked_sub(discount.as_ref().map_or(0, |discount| discount.amount.into()))?;
        let tax = rounded(net.checked_mul(pricing.tax_basis_points.into())?, BASIS);
        Some(Price {
            currency: pricing.currency.clone(),
            base_amount: told(self.base)?,
            distance_charge: told(self.distance)?,
            material_surcharge: told(self.material)?,
            vehicle_surcharge: told(self.vehicle)?,
            surge_amount: told(self.surge)?,
            discounts: discount.into_iter().collect(),
            taxes: vec![Tax { name: "GST".into(), basis_points: pricing.tax_basis_points, amount: told(tax)? }],
            total_amount: told(net.checked_add(tax)?).filter(|total| *total >= 0)?,
            price_version: version.to_owned(),
        })
    }
}

impl Cancellation {
    /// Whether a shipper may still cancel at `now`.
    pub fn check(&self, pickup_at: &Timestamp, now: &Timestamp) -> Result<(), Error> {
        if is_nearer(pickup_at, now, self.latest_hours_before_pickup) {
            return Err(CANCELLATION_TOO_LATE.with(serde_json::json!({
                "latestHoursBeforePickup": self.latest_hours_before_pickup,
            })));
        }
        Ok(())
    }

    /// What cancelling costs at `now`, in the smallest unit, with or without a vehicle that is kept for it.
    pub fn fee(&self, pickup_at: &Timestamp, total: i64, now: &Timestamp, has_vehicle: bool) -> i64 {
        let late =
            if is_nearer(pickup_at, now, self.free_hours_before_pickup) { self.late_fee_basis_points } else { 0 };
        let assigned = if has_vehicle { self.assigned_fee_basis_points } else { 0 };
        amount(rounded(i128::from(total) * i128::from(late.max(assigned)), BASIS))
    }
}

impl Rescheduling {
    /// Whether a shipper may still move the pickup at `now`.
    pub fn check_time(&self, pickup_at: &Timestamp, now: &Timestamp) -> Result<(), Error> {
        if is_nearer(pickup_at, now, self.latest_hours_before_pickup) {
            return Err(RESCHEDULING_TOO_LATE.with(serde_json::json!({
                "latestHoursBeforePickup": self.latest_hours_before_pickup,
            })));
        }
        Ok(())
    }

    /// Whether a pickup that was moved so often may be moved again.
    pub fn check_times(&self, times: usize) -> Result<(), Error> {
        if times >= self.maximum_times {
            return Err(RESCHEDULED_TOO_OFTEN.with(serde_json::json!({ "maximumTimes": self.maximum_times })));
        }
        Ok(())
    }
}

impl Trips {
    /// Whether one may set out at `now`.
    pub fn check(&self, pickup_at: &Timestamp, now: &Timestamp) -> Result<(), Error> {
        let hours = self.earliest_start_hours_before_pickup;
        if pickup_at.unix_seconds() - now.unix_seconds() > hours * HOUR {
            return Err(TRIP_TOO_EARLY.with(serde_json::json!({ "earliestStartHoursBeforePickup": hours })));
        }
        Ok(())
    }
}

fn is_nearer(pickup_at: &Timestamp, now: &Timestamp, hours: i64) -> bool {
    pickup_at.unix_seconds() - now.unix_seconds() < hours * HOUR
}

/// `numerator / denominator`, half away from zero.
pub fn rounded(numerator: i128, denominator: i128) -> i128 {
    let half = if numerator < 0 { -denominator / 2 } else { denominator / 2 };
    numerator.saturating_add(half) / denominator
}

/// The schema and the rules keep amounts far below this; should they ever not, the price stops at the largest amount.
fn amount(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn pricing() -> Pricing {
        Pricing {
            currency: "INR".into(),
            base_per_tonne: 50_000,
            per_tonne_kilometre: 1_500,
            material_multipliers: [(Material::Coal, 1.0), (Material::IronOre, 1.1), (Material::Limestone, 0.9)].into(),
            vehicle_class_multipliers: [(VehicleClass::Light, 1.25)].into(),
            surge_multiplier: 1.0,
            tax_basis_points: 1_800,
            quote_validity_seconds: 3_600,
        }
    }

    fn freight(material: Material) -> Freight {
        let place = |lat, lng| Place { lat, lng, address: "somewhere".into() };
        Freight {
            pickup: place(17.05, 79.27),
            drop: place(16.87, 79.56),
            material,
            tonnes: 10.0,
            pickup_at: Timestamp::from_unix_millis(NOW + 24 * 3_600_000),
            distance_km: Some(100.0),
            vehicle_class: None,
            contract_id: None,
        }
    }

    fn price(freight: &Freight, pricing: &Pricing) -> Result<Price, &'static str> {
        freight.price(pricing, "1-0", None).map_err(|error| error.code())
    }

    #[test]
    fn the_total_is_the_sum_of_the_items_in_paise() {
        let price = price(&freight(Material::IronOre), &Pricing { surge_multiplier: 1.5, ..pricing() }).unwrap();

        assert_eq!((price.base_amount, price.distance_charge), (500_000, 1_500_000));
        assert_eq!((price.material_surcharge, price.surge_amount), (200_000, 1_100_000));
        assert_eq!(price.taxes[0].amount, 594_000);
        assert_eq!(price.total_amount, 500_000 + 1_500_000 + 200_000 + 1_100_000 + 594_000);
    }

    #[test]
    fn a_cheap_material_takes_away() {
        assert_eq!(price(&freight(Material::Limestone), &pricing()).unwrap().material_surcharge, -200_000);
    }

    #[test]
    fn a_vehicle_class_adds_to_what_is_carried_and_a_class_without_a_price_does_not() {
        let with = |class| Freight { vehicle_class: Some(class), ..freight(Material::IronOre) };

        assert_eq!(price(&with(VehicleClass::Light), &pricing()).unwrap().vehicle_surcharge, 550_000);
        assert_eq!(price(&with(VehicleClass::Heavy), &pricing()).unwrap().vehicle_surcharge, 0);
    }

    #[test]
    fn prices_that_no_amount_holds_are_refused() {
        let coal = freight(Material::Coal);
        for pricing in [
            Pricing { base_per_tonne: i64::MAX, ..pricing() },
            Pricing { per_tonne_kilometre: i64::MAX, ..pricing() },
            Pricing { per_tonne_kilometre: i64::MIN, ..pricing() },
            Pricing { surge_multiplier: f64::MAX, ..pricing() },
            Pricing { surge_multiplier: f64::INFINITY, ..pricing() },
            Pricing { surge_multiplier: -1.0, ..pricing() },
            Pricing { tax_basis_points: i64::MAX, ..pricing() },
            Pricing { base_per_tonne: LARGEST_AMOUNT / 10, ..pricing() },
        ] {
            assert_eq!(price(&coal, &pricing), Err("PRICE_TOO_HIGH"), "{pricing:?}");
        }
        let heaviest = Freight { tonnes: f64::MAX, ..coal };
        assert_eq!(price(&heaviest, &pricing()), Err("PRICE_TOO_HIGH"));
    }

    #[test]
    fn a_distance_shorter_than_the_great_circle_is_impossible() {
        let rules =
            Rules { earliest_pickup_hours: 1, latest_pickup_days: 7, maximum_kilometres: 4000.0, maximum_tonnes: 40.0 };
        let check = |kilometres| {
            let freight = Freight { distance_km: Some(kilometres), ..freight(Material::Coal) };
            freight.check(&rules, &Timestamp::from_unix_millis(NOW)).map_err(|error| error.code())
        };

        assert_eq!(check(36.9), Ok(()));
        assert_eq!(check(36.0), Err("DISTANCE_TOO_SHORT"));
    }

    #[test]
    fn without_a_given_distance_the_great_circle_counts() {
        let freight = Freight { distance_km: None, ..freight(Material::Coal) };

        assert!((36_000..37_500).contains(&freight.metres()), "{}", freight.metres());
    }

    #[test]
    fn a_pickup_outside_the_window_is_refused() {
        let rules =
            Rules { earliest_pickup_hours: 1, latest_pickup_days: 7, maximum_kilometres: 4000.0, maximum_tonnes: 40.0 };
        let now = Timestamp::from_unix_millis(NOW);
        let at = |seconds: i64| Freight {
            pickup_at: Timestamp::from_unix_millis(NOW + seconds * 1000),
            ..freight(Material::Coal)
        };

        assert!(at(3_600).check(&rules, &now).is_ok());
        assert!(at(7 * 86_400).check(&rules, &now).is_ok());
        for refused in [3_599, 7 * 86_400 + 1, -1] {
            assert_eq!(at(refused).check(&rules, &now).unwrap_err().code(), "BOOKING_WINDOW_CLOSED", "{refused}");
        }
        assert_eq!(Freight { tonnes: 40.1, ..at(3_600) }.check(&rules, &now).unwrap_err().code(), "TOO_HEAVY");
        assert_eq!(
            Freight { distance_km: Some(4_000.1), ..at(3_600) }.check(&rules, &now).unwrap_err().code(),
            "TOO_FAR"
        );
    }

    #[test]
    fn cancelling_is_free_then_costs_then_is_refused() {
        let rules = Cancellation {
            latest_hours_before_pickup: 2,
            free_hours_before_pickup: 24,
            late_fee_basis_points: 1_000,
            assigned_fee_basis_points: 500,
        };
        let now = Timestamp::from_unix_millis(NOW);
        let ahead = |hours: i64| Timestamp::from_unix_millis(NOW + hours * 3_600_000);
        let fee = |hours: i64, has_vehicle| rules.fee(&ahead(hours), 12_345, &now, has_vehicle);

        assert_eq!([24, 23, 2, -1].map(|hours| fee(hours, false)), [0, 1_235, 1_235, 1_235]);
        assert_eq!([24, 23].map(|hours| fee(hours, true)), [617, 1_235]);
        assert!(rules.check(&ahead(2), &now).is_ok());
        assert_eq!(rules.check(&ahead(1), &now).unwrap_err().code(), "CANCELLATION_TOO_LATE");
    }
}
