//! Vehicles: what is kept of them, what may be registered, and which of them suit a freight.

use std::collections::{BTreeMap, BTreeSet};

use cloud::Entity;
use config_client::{Document, Scope};
use garde::Validate;
use policy::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::types::{GeoPoint, Timestamp};

use crate::records::BookingId;

/// A vehicle's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct VehicleId(#[garde(pattern("^VH-[0-9A-F]{16}$"))] pub String);

/// Where one vehicle is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VehiclePath {
    /// The vehicle.
    #[garde(dive)]
    pub vehicle_id: VehicleId,
}

/// How large a vehicle is. What each class may carry is configuration (`business/fleet`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VehicleClass {
    /// A light truck.
    Light,
    /// A medium truck.
    Medium,
    /// A heavy rigid truck.
    Heavy,
    /// A tractor with a trailer.
    Articulated,
}

/// What a permit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PermitKind {
    /// To carry goods for hire.
    GoodsCarriage,
    /// To carry them across the borders of states.
    National,
    /// To carry what is dangerous.
    HazardousGoods,
}

/// A permit of a vehicle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Permit {
    /// What it allows.
    #[garde(skip)]
    pub kind: PermitKind,
    /// Its number, as the authority wrote it.
    #[garde(pattern("^[A-Z0-9/-]{1,40}$"))]
    pub number: String,
    /// From then on it allows nothing.
    #[garde(skip)]
    pub expires_at: Timestamp,
}

/// Whether a vehicle can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VehicleStatus {
    /// It waits for freight at its position.
    Available,
    /// It serves a booking.
    Assigned,
    /// Its owner keeps it back.
    Offline,
}

/// A vehicle as its callers see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VehicleView {
    /// Its id.
    pub vehicle_id: VehicleId,
    /// Whose it is.
    pub fleet_owner_id: String,
    /// Its number plate, without dashes.
    pub registration_number: String,
    /// How large it is.
    pub vehicle_class: VehicleClass,
    /// How much it may carry, in tonnes.
    pub capacity_tonnes: f64,
    /// What it is allowed to.
    pub permits: Vec<Permit>,
    /// Who drives it, or drove it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver_id: Option<String>,
    /// What its driver is rated, of five; before anybody was rated, what a new driver is.
    pub driver_rating: f64,
    /// Whether it can be had.
    pub status: VehicleStatus,
    /// Where it was last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPoint>,
    /// The booking it serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<BookingId>,
    /// When it was registered.
    pub registered_at: Timestamp,
}

/// A vehicle of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VehicleRecord {
    pub tenant: String,
    pub view: VehicleView,
    /// The cell its position lies in. The index has it only while the vehicle is available, whoever changes the status.
    pub cell: Option<String>,
}

impl Entity for VehicleRecord {
    const KIND: &'static str = "vehicle";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.view.vehicle_id.0
    }

    /// By owner, so that one owner's vehicles are a range of the list of all; `gsi2` is left to the cells.
    fn order(&self) -> String {
        format!("{}{}", orders_of(&self.view.fleet_owner_id), self.view.registration_number)
    }

    /// The cell, because a search asks for the available vehicles of one cell.
    fn owner(&self) -> Option<&str> {
        self.cell.as_deref().filter(|_| self.view.status == VehicleStatus::Available)
    }
}

/// What the orders of one owner's vehicles begin with.
pub fn orders_of(fleet_owner_id: &str) -> String {
    format!("{fleet_owner_id}#")
}

/// A number plate that is taken, so that a tenant has each vehicle once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationRecord {
    pub tenant: String,
    pub registration_number: String,
    pub vehicle_id: VehicleId,
}

impl Entity for RegistrationRecord {
    const KIND: &'static str = "registration";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.registration_number
    }
}

/// `business/fleet`: which vehicles may serve.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FleetRules {
    /// What a vehicle of each class may carry.
    pub capacity_tonnes: BTreeMap<VehicleClass, Capacity>,
    /// What every vehicle needs.
    pub required_permits: BTreeSet<PermitKind>,
    /// How long each permit must still hold when a vehicle is registered.
    pub minimum_permit_days: i64,
    /// What a driver is rated whom nobody has rated yet, of five.
    pub new_driver_rating: f64,
}

/// From and to how many tonnes.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Capacity {
    pub minimum: f64,
    pub maximum: f64,
}

impl Document for FleetRules {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "business/fleet";
}

/// No such vehicle, or not one this caller may see.
pub const VEHICLE_NOT_FOUND: Refusal = Refusal::new(Kind::NotFound, "VEHICLE_NOT_FOUND", "There is no such vehicle.");
/// The capacity is not one of the vehicle's class.
pub const CAPACITY_OUT_OF_CLASS: Refusal =
    Refusal::rule("CAPACITY_OUT_OF_CLASS", "A vehicle of this class does not have this capacity.");
/// A permit that every vehicle needs is not there.
pub const PERMIT_MISSING: Refusal = Refusal::rule("PERMIT_MISSING", "A permit that every vehicle needs is missing.");
/// A permit has run out, or is about to.
pub const PERMIT_EXPIRED: Refusal = Refusal::rule("PERMIT_EXPIRED", "A permit has expired or does so too soon.");

/// Who keeps vehicles: fleet owners their own, administrators all.
pub const FLEET: &[Role] = &[Role::FleetOwner, Role::TenantAdmin];

impl FleetRules {
    /// Whether a vehicle of this class, capacity and permits may be registered at `now`.
    pub fn check(&self, class: VehicleClass, tonnes: f64, permits: &[Permit], now: &Timestamp) -> Result<(), Error> {
        const DAY: i64 = 24 * 3600;
        let capacity = self.capacity_tonnes.get(&class).copied().unwrap_or(Capacity { minimum: 0.0, maximum: 0.0 });
        if !(capacity.minimum..=capacity.maximum).contains(&tonnes) {
            return Err(CAPACITY_OUT_OF_CLASS.with(serde_json::json!({
                "minimumTonnes": capacity.minimum, "maximumTonnes": capacity.maximum,
            })));
        }
        if let Some(missing) = self.required_permits.iter().find(|kind| permits.iter().all(|p| p.kind != **kind)) {
            return Err(PERMIT_MISSING.with(serde_json::json!({ "kind": missing })));
        }
        let last = now.unix_seconds() + self.minimum_permit_days * DAY;
        if let Some(expired) = permits.iter().find(|permit| permit.expires_at.unix_seconds() <= last) {
            return Err(PERMIT_EXPIRED.with(serde_json::json!({ "number": expired.number })));
        }
        Ok(())
    }

    /// Whether these permits are all that a vehicle needs at that time.
    pub fn permit(&self, permits: &[Permit], at: &Timestamp) -> bool {
        self.required_permits
            .iter()
            .all(|kind| permits.iter().any(|permit| permit.kind == *kind && permit.expires_at > *at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn rules() -> FleetRules {
        FleetRules {
            capacity_tonnes: [(VehicleClass::Medium, Capacity { minimum: 5.0, maximum: 15.0 })].into(),
            required_permits: [PermitKind::GoodsCarriage].into(),
            minimum_permit_days: 1,
            new_driver_rating: 4.5,
        }
    }

    fn permit(kind: PermitKind, seconds: i64) -> Permit {
        Permit { kind, number: "GC-1".into(), expires_at: Timestamp::from_unix_millis(NOW + seconds * 1000) }
    }

    #[test]
    fn only_an_available_vehicle_is_found_by_its_cell() {
        let mut vehicle = VehicleRecord {
            tenant: "acme".into(),
            cell: Some("85603e6bfffffff".into()),
            view: VehicleView {
                vehicle_id: VehicleId("VH-1".into()),
                fleet_owner_id: "owner".into(),
                registration_number: "TS05AB0001".into(),
                vehicle_class: VehicleClass::Medium,
                capacity_tonnes: 10.0,
                permits: vec![],
                driver_id: None,
                driver_rating: 4.5,
                status: VehicleStatus::Available,
                position: None,
                booking_id: None,
                registered_at: Timestamp::from_unix_millis(NOW),
            },
        };

        assert_eq!(vehicle.owner(), Some("85603e6bfffffff"));
        for status in [VehicleStatus::Assigned, VehicleStatus::Offline] {
            vehicle.view.status = status;
            assert_eq!(vehicle.owner(), None, "{status:?}");
        }
    }

    #[test]
    fn a_capacity_must_be_one_of_the_class() {
        let now = Timestamp::from_unix_millis(NOW);
        let check = |class, tonnes| {
            rules().check(class, tonnes, &[permit(PermitKind::GoodsCarriage, 200_000)], &now).map_err(|e| e.code())
        };

        assert_eq!(check(VehicleClass::Medium, 5.0), Ok(()));
        assert_eq!(check(VehicleClass::Medium, 15.0), Ok(()));
        for (class, tonnes) in [(VehicleClass::Medium, 4.9), (VehicleClass::Medium, 15.1), (VehicleClass::Light, 1.0)] {
            assert_eq!(check(class, tonnes), Err("CAPACITY_OUT_OF_CLASS"), "{class:?} {tonnes}");
        }
    }

    #[test]
    fn a_permit_must_be_there_and_last() {
        let now = Timestamp::from_unix_millis(NOW);
        let check =
            |permits: &[Permit]| rules().check(VehicleClass::Medium, 10.0, permits, &now).map_err(|error| error.code());

        assert_eq!(check(&[permit(PermitKind::GoodsCarriage, 86_401)]), Ok(()));
        assert_eq!(check(&[permit(PermitKind::National, 200_000)]), Err("PERMIT_MISSING"));
        assert_eq!(check(&[permit(PermitKind::GoodsCarriage, 86_400)]), Err("PERMIT_EXPIRED"));
        let also_expired = [permit(PermitKind::GoodsCarriage, 200_000), permit(PermitKind::National, -1)];
        assert_eq!(check(&also_expired), Err("PERMIT_EXPIRED"));
    }

    #[test]
    fn a_permit_allows_nothing_from_its_last_moment_on() {
        let permits = [permit(PermitKind::GoodsCarriage, 10)];
        let at = |seconds: i64| Timestamp::from_unix_millis(NOW + seconds * 1000);

        assert!(rules().permit(&permits, &at(9)));
        assert!(!rules().permit(&permits, &at(10)));
        assert!(!rules().permit(&[], &at(9)));
    }
}
