//! Contracts: what a shipper and the tenant have agreed, and what that makes of a price. Pure but for [`agreement`].

use cloud::{Entity, Tally, Transaction};
use config_client::{Document, Scope};
use garde::Validate;
use operation::Context;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::types::{GeoPoint, Timestamp};

use crate::Booking;
use crate::domain::{BASIS, Discount, Freight, Items, Place, rounded};

/// A contract's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct ContractId(#[garde(pattern("^CT-[0-9A-F]{16}$"))] pub String);

/// Where one contract is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContractPath {
    /// The contract.
    #[garde(dive)]
    pub contract_id: ContractId,
}

/// What was agreed: exactly one of the four.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["fixedMonthly"], "properties": { "fixedMonthly": { "type": "object" } } },
    { "required": ["volumeBased"], "properties": { "volumeBased": { "type": "object" } } },
    { "required": ["routeSpecific"], "properties": { "routeSpecific": { "type": "object" } } },
    { "required": ["dedicatedFleet"], "properties": { "dedicatedFleet": { "type": "object" } } },
]))]
pub struct Terms {
    /// A monthly fee that covers so many tonnes.
    #[garde(dive)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_monthly: Option<FixedMonthly>,
    /// A discount that grows with what a month carries.
    #[garde(dive)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_based: Option<VolumeBased>,
    /// One rate for one route.
    #[garde(dive)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_specific: Option<RouteSpecific>,
    /// Vehicles kept for this shipper: a monthly fee, and each kilometre.
    #[garde(dive)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedicated_fleet: Option<DedicatedFleet>,
}

/// A monthly fee that covers so many tonnes. The fee is billed apart from the bookings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FixedMonthly {
    /// Per month, in paise.
    #[garde(range(min = 0, max = 1_000_000_000_000_i64))]
    pub monthly_amount: i64,
    /// How many tonnes of a month it covers; what goes beyond costs what the price list says.
    #[garde(range(min = 0.1, max = 1_000_000.0))]
    pub included_tonnes: f64,
}

/// A discount that grows with what a month carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VolumeBased {
    /// In any order; the largest discount that is reached counts.
    #[garde(length(min = 1, max = 10), dive)]
    pub tiers: Vec<VolumeTier>,
}

/// From so many tonnes a month, so much off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VolumeTier {
    /// Counted with the transport itself.
    #[garde(range(min = 0.0, max = 1_000_000.0))]
    pub from_tonnes: f64,
    /// Of the price before tax, in hundredths of a per cent.
    #[garde(range(min = 0, max = 10_000))]
    pub discount_basis_points: i64,
}

/// One rate for one route, whatever material, vehicle or scarcity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteSpecific {
    /// Pickups near here.
    #[garde(dive)]
    pub origin: GeoPoint,
    /// To drops near here.
    #[garde(dive)]
    pub destination: GeoPoint,
    /// How near, in kilometres.
    #[garde(range(min = 0.1, max = 100.0))]
    pub radius_kilometres: f64,
    /// Per tonne, in paise.
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub per_tonne: i64,
}

/// Vehicles kept for this shipper. The fee is billed apart from the bookings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DedicatedFleet {
    /// Whose vehicles they are. No other vehicle carries what is booked under the contract.
    #[garde(length(chars, min = 1, max = 100))]
    pub fleet_owner_id: String,
    /// Per month, in paise.
    #[garde(range(min = 0, max = 1_000_000_000_000_i64))]
    pub monthly_amount: i64,
    /// Per kilometre, in paise; it replaces all that the price list says.
    #[garde(range(min = 0, max = 100_000_000))]
    pub per_kilometre: i64,
}

/// The kinds of contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContractType {
    /// A monthly fee that covers so many tonnes.
    FixedMonthly,
    /// A discount that grows with what a month carries.
    VolumeBased,
    /// One rate for one route.
    RouteSpecific,
    /// Vehicles kept for the shipper.
    DedicatedFleet,
}

/// A contract as its callers see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContractView {
    /// Its id.
    pub contract_id: ContractId,
    /// Whose freight it is for.
    pub shipper_id: String,
    /// Which of the four it is.
    pub contract_type: ContractType,
    /// What was agreed.
    pub terms: Terms,
    /// Pickups from then on.
    pub starts_at: Timestamp,
    /// And before this.
    pub ends_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When and why it was ended before its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<ContractEnd>,
}

/// How a contract was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractEnd {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A contract of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContractRecord {
    pub tenant: String,
    pub view: ContractView,
}

impl Entity for ContractRecord {
    const KIND: &'static str = "contract";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.view.contract_id.0
    }

    fn order(&self) -> String {
        self.view.created_at.sortable()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.view.shipper_id)
    }
}

/// `business/contracts`: what may be agreed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContractRules {
    /// The longest.
    pub maximum_days: i64,
    /// The largest discount, in hundredths of a per cent.
    pub maximum_discount_basis_points: i64,
}

impl Document for ContractRules {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "business/contracts";
}

/// No such contract, or not one of this shipper.
pub const CONTRACT_NOT_FOUND: Refusal =
    Refusal::new(Kind::NotFound, "CONTRACT_NOT_FOUND", "There is no such contract.");
/// The pickup is before its start or after its end.
pub const CONTRACT_NOT_IN_FORCE: Refusal =
    Refusal::rule("CONTRACT_NOT_IN_FORCE", "The contract is not in force at the time of the pickup.");
/// The contract is for another route.
pub const ROUTE_NOT_COVERED: Refusal = Refusal::rule("ROUTE_NOT_COVERED", "The contract is for another route.");
/// What the month has carried decides the price, and it has carried more since.
pub const CONTRACT_USED_SINCE: Refusal = Refusal::new(
    Kind::Conflict,
    "CONTRACT_USED_SINCE",
    "The contract was used for another booking since this was priced: ask again.",
);

/// What was found of a contract for one freight.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    pub terms: Terms,
    /// For contracts whose price depends on it.
    pub usage: Option<ContractUse>,
}

/// What a month has carried under a contract when a price was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContractUse {
    pub contract_id: ContractId,
    /// `2026-11`, in UTC.
    pub month: String,
    pub used_kilograms: i64,
    pub kilograms: i64,
}

impl ContractUse {
    fn tally(&self, tenant: &str) -> Tally {
        Tally::new(tenant, &format!("contract#{}#{}", self.contract_id.0, self.month))
    }

    /// Counts the freight, unless another was counted since the price was made.
    pub fn count<'a>(&self, tenant: &str, change: Transaction<'a>) -> Transaction<'a> {
        let ceiling = self.used_kilograms.saturating_add(self.kilograms);
        change.add_within(&self.tally(tenant), self.kilograms, ceiling, CONTRACT_USED_SINCE)
    }

    /// Takes the freight out again.
    pub fn take_back<'a>(&self, tenant: &str, change: Transaction<'a>) -> Transaction<'a> {
        change.add(&self.tally(tenant), -self.kilograms)
    }
}

/// The contract a freight names: the caller's own, in force at the pickup, and for its route.
pub async fn agreement(cx: &Context<Booking>, freight: &Freight) -> Result<Option<Agreement>, Error> {
    let Some(id) = &freight.contract_id else { return Ok(None) };
    let contract = cx.state.table.get::<ContractRecord>(&cx.tenant, &id.0).await?;
    let own = contract.filter(|contract| contract.value.view.shipper_id == cx.principal.id());
    let contract = own.ok_or(CONTRACT_NOT_FOUND)?.value.view;
    contract.check(freight)?;

    let mut usage = None;
    if contract.terms.counts() {
        let month = cx.now.to_string().get(..7).unwrap_or_default().to_owned();
        let kilograms = freight.kilograms();
        let mut used = ContractUse { contract_id: id.clone(), month, used_kilograms: 0, kilograms };
        used.used_kilograms = cx.state.table.sum(&used.tally(&cx.tenant)).await?;
        usage = Some(used);
    }
    Ok(Some(Agreement { terms: contract.terms, usage }))
}

/// The fleet that the contract of a freight keeps for its shipper, if it keeps one; what was priced under a contract is
/// carried under it, also when it has ended since.
pub async fn dedicated_fleet(cx: &Context<Booking>, freight: &Freight) -> Result<Option<DedicatedFleet>, Error> {
    let Some(id) = &freight.contract_id else { return Ok(None) };
    let contract = cx.state.table.get::<ContractRecord>(&cx.tenant, &id.0).await?;
    Ok(contract.and_then(|contract| contract.value.view.terms.dedicated_fleet))
}

impl ContractView {
    /// Whether the freight may be priced by this contract.
    pub fn check(&self, freight: &Freight) -> Result<(), Error> {
        let pickup_at = &freight.pickup_at;
        if self.ended.is_some() || *pickup_at < self.starts_at || *pickup_at >= self.ends_at {
            return Err(CONTRACT_NOT_IN_FORCE.with(serde_json::json!({
                "startsAt": self.starts_at, "endsAt": self.ended.as_ref().map_or(&self.ends_at, |ended| &ended.at),
            })));
        }
        match &self.terms.route_specific {
            Some(route) if !route.covers(freight) => Err(ROUTE_NOT_COVERED.into()),
            _ => Ok(()),
        }
    }
}

impl RouteSpecific {
    fn covers(&self, freight: &Freight) -> bool {
        let near = |place: &Place, point: GeoPoint| {
            GeoPoint { lat: place.lat, lng: place.lng }.kilometres_to(point) <= self.radius_kilometres
        };
        near(&freight.pickup, self.origin) && near(&freight.drop, self.destination)
    }
}

impl Terms {
    /// How many of the four are given.
    pub fn count(&self) -> usize {
        let given = [
            self.fixed_monthly.is_some(),
            self.volume_based.is_some(),
            self.route_specific.is_some(),
            self.dedicated_fleet.is_some(),
        ];
        given.into_iter().filter(|given| *given).count()
    }

    /// Which of the four it is.
    pub fn contract_type(&self) -> ContractType {
        match self {
            Self { fixed_monthly: Some(_), .. } => ContractType::FixedMonthly,
            Self { volume_based: Some(_), .. } => ContractType::VolumeBased,
            Self { route_specific: Some(_), .. } => ContractType::RouteSpecific,
            Self { .. } => ContractType::DedicatedFleet,
        }
    }

    /// Whether the price depends on what the month has carried.
    fn counts(&self) -> bool {
        self.fixed_monthly.is_some() || self.volume_based.is_some()
    }

    /// What the contract makes of the items of the price list, when the month has carried so much before. `None` when
    /// no amount holds it.
    pub fn apply(&self, freight: &Freight, used: i64, usual: Items) -> Option<(Items, Option<Discount>)> {
        if let Some(fixed) = &self.fixed_monthly {
            return Some((usual, fixed.discount(freight.kilograms(), used, usual.sum()?)?));
        }
        if let Some(volume) = &self.volume_based {
            return Some((usual, volume.discount(freight.kilograms(), used, usual.sum()?)?));
        }
        let (kilograms, metres) = (i128::from(freight.kilograms()), i128::from(freight.metres()));
        let items = match (&self.route_specific, &self.dedicated_fleet) {
            (Some(route), _) => Items { base: rounded(kilograms * i128::from(route.per_tonne), 1000), ..Items::NONE },
            (_, Some(fleet)) => {
                Items { distance: rounded(metres * i128::from(fleet.per_kilometre), 1000), ..Items::NONE }
            }
            (None, None) => usual,
        };
        Some((items, None))
    }
}

impl FixedMonthly {
    /// The covered part of the freight costs nothing more.
    fn discount(&self, kilograms: i64, used: i64, net: i128) -> Option<Option<Discount>> {
        let left = tonnes_in_kilograms(self.included_tonnes).saturating_sub(used).clamp(0, kilograms);
        discount("FIXED_MONTHLY", rounded(net.checked_mul(left.into())?, i128::from(kilograms.max(1))))
    }
}

impl VolumeBased {
    /// The largest discount of the tiers that the month reaches with this freight.
    fn discount(&self, kilograms: i64, used: i64, net: i128) -> Option<Option<Discount>> {
        let carried = used.saturating_add(kilograms);
        let reached = self.tiers.iter().filter(|tier| tonnes_in_kilograms(tier.from_tonnes) <= carried);
        let points = reached.map(|tier| tier.discount_basis_points).max().unwrap_or(0);
        discount("VOLUME_BASED", rounded(net.checked_mul(points.into())?, BASIS))
    }
}

fn tonnes_in_kilograms(tonnes: f64) -> i64 {
    (tonnes * 1000.0).round() as i64
}

/// `None` when no amount holds it; `Some(None)` when it takes nothing away.
fn discount(name: &str, amount: i128) -> Option<Option<Discount>> {
    let amount = i64::try_from(amount).ok()?;
    Some((amount != 0).then(|| Discount { name: name.to_owned(), amount }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Material;

    const USUAL: Items = Items { base: 500_000, distance: 1_500_000, material: 0, vehicle: 0, surge: 1_000_000 };

    /// Ten tonnes over a hundred kilometres.
    fn freight() -> Freight {
        let place = |lat, lng| Place { lat, lng, address: "somewhere".into() };
        Freight {
            pickup: place(17.05, 79.27),
            drop: place(16.87, 79.56),
            material: Material::Coal,
            tonnes: 10.0,
            pickup_at: Timestamp::from_unix_millis(1_800_000_000_000),
            distance_km: Some(100.0),
            vehicle_class: None,
            contract_id: None,
        }
    }

    fn apply(terms: &Terms, used: i64) -> (Items, i64) {
        let (items, discount) = terms.apply(&freight(), used, USUAL).unwrap();
        (items, discount.map_or(0, |discount| discount.amount))
    }

    #[test]
    fn a_monthly_fee_covers_its_tonnes_and_the_rest_costs_what_the_list_says() {
        let fixed = FixedMonthly { monthly_amount: 10_000_000, included_tonnes: 25.0 };
        let terms = Terms { fixed_monthly: Some(fixed), ..Terms::default() };

        assert_eq!(apply(&terms, 0), (USUAL, 3_000_000));
        assert_eq!(apply(&terms, 15_000), (USUAL, 3_000_000));
        assert_eq!(apply(&terms, 20_000), (USUAL, 1_500_000));
        assert_eq!(apply(&terms, 25_000), (USUAL, 0));
        assert_eq!(apply(&terms, 99_000), (USUAL, 0));
    }

    #[test]
    fn a_volume_discount_is_that_of_the_highest_tier_the_month_reaches_with_this_freight() {
        let tier = |from_tonnes, discount_basis_points| VolumeTier { from_tonnes, discount_basis_points };
        let volume = VolumeBased { tiers: vec![tier(100.0, 1_000), tier(20.0, 500)] };
        let terms = Terms { volume_based: Some(volume), ..Terms::default() };

        assert_eq!(apply(&terms, 9_999).1, 0);
        assert_eq!(apply(&terms, 10_000).1, 150_000);
        assert_eq!(apply(&terms, 89_999).1, 150_000);
        assert_eq!(apply(&terms, 90_000).1, 300_000);
    }

    #[test]
    fn a_route_has_one_rate_per_tonne() {
        let route = route();
        let terms = Terms { route_specific: Some(route), ..Terms::default() };

        assert_eq!(apply(&terms, 0), (Items { base: 1_200_000, ..Items::NONE }, 0));
    }

    #[test]
    fn a_dedicated_fleet_costs_its_kilometres() {
        let fleet = DedicatedFleet { fleet_owner_id: "f".into(), monthly_amount: 1, per_kilometre: 4_000 };
        let terms = Terms { dedicated_fleet: Some(fleet), ..Terms::default() };

        assert_eq!(apply(&terms, 0), (Items { distance: 400_000, ..Items::NONE }, 0));
    }

    #[test]
    fn a_route_is_covered_when_both_ends_are_near() {
        let elsewhere = GeoPoint { lat: 17.35, lng: 79.27 };

        assert!(route().covers(&freight()));
        assert!(!RouteSpecific { origin: elsewhere, ..route() }.covers(&freight()));
        assert!(!RouteSpecific { destination: elsewhere, ..route() }.covers(&freight()));
    }

    #[test]
    fn no_contract_takes_more_away_than_there_is_nor_overflows() {
        let huge = Items { base: i128::MAX, ..Items::NONE };
        let fixed = FixedMonthly { monthly_amount: 0, included_tonnes: 1_000_000.0 };
        let terms = Terms { fixed_monthly: Some(fixed), ..Terms::default() };

        assert_eq!(terms.apply(&freight(), 0, huge), None);
        assert_eq!(apply(&terms, i64::MIN / 2).1, 3_000_000);
    }

    fn route() -> RouteSpecific {
        RouteSpecific {
            origin: GeoPoint { lat: 17.06, lng: 79.27 },
            destination: GeoPoint { lat: 16.87, lng: 79.57 },
            radius_kilometres: 10.0,
            per_tonne: 120_000,
        }
    }
}
