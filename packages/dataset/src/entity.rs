//! Entities: what the whole platform is about, each written once.
//!
//! ```yaml
//! # mock-data/entities/vehicles.yaml
//! about: What the fleets drive.
//! identity: vehicleId                 # the field that tells one from another, on the whole platform
//! shape: booking/VehicleView          # the components of published contracts that each of them is, if any
//! items:
//!   tata_407:
//!     about: The light truck of the fleet's owner.
//!     tenant: acme                    # whose it is: a key of entities/tenants.yaml
//!     value: { vehicleId: VH-…, registration: TS 09 UB 4071, … }
//! ```

use std::collections::BTreeMap;

use crate::fields::Report;
use crate::problem::Place;
use crate::yaml::Node;

/// All entities.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entities {
    /// By kind, which is the name of the file.
    pub kinds: BTreeMap<String, Kind>,
}

/// Entities of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    /// What they are.
    pub about: String,
    /// The field that tells one from another; none for plain values.
    pub identity: Option<String>,
    /// `booking/VehicleView`: what each of them is in published contracts.
    pub shapes: Vec<String>,
    /// By key.
    pub items: BTreeMap<String, Entity>,
    /// Where the file is.
    pub place: Place,
}

/// One entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// For people.
    pub about: String,
    /// Whose it is: a key of the tenants; nobody's own when absent.
    pub tenant: Option<String>,
    /// Its fields.
    pub value: Node,
    /// Where it stands.
    pub place: Place,
}

impl Entities {
    /// One entity.
    ///
    /// # Errors
    ///
    /// What there is instead.
    pub fn get(&self, kind: &str, key: &str) -> Result<&Entity, String> {
        let known = |names: Vec<&String>| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let kinds = || known(self.kinds.keys().collect());
        let of_kind = self.kinds.get(kind).ok_or_else(|| format!("there are no {kind}; there are {}", kinds()))?;
        of_kind.items.get(key).ok_or_else(|| {
            format!("there is no {key} among the {kind}; there are {}", known(of_kind.items.keys().collect()))
        })
    }

    /// Every entity, with its kind and key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Entity)> {
        self.kinds
            .iter()
            .flat_map(|(kind, of_kind)| of_kind.items.iter().map(|(key, entity)| (kind.as_str(), key.as_str(), entity)))
    }
}

impl Kind {
    /// Reads one file.
    pub fn read(node: &Node, report: &mut Report<'_>) -> Self {
        let fields = report.fields(node, "a file of entities", &["about", "identity", "shape", "items"]);
        let mut items = BTreeMap::new();
        for (key, item) in report.map(fields.get("items")) {
            let item_fields = report.fields(item, "an entity", &["about", "tenant", "value"]);
            let value = item_fields.get("value").cloned();
            if value.is_none() {
                report.add(key.line, "form", format!("{} has no value", key.text), "add value: { … }");
            }
            let entity = Entity {
                about: item_fields.optional_text("about", report).unwrap_or_default(),
                tenant: item_fields.optional_text("tenant", report),
                value: value.unwrap_or_else(|| Node::of(serde_json::Value::Null, key.line)),
                place: report.place(key.line),
            };
            items.insert(key.text.clone(), entity);
        }
        Self {
            about: fields.text("about", report),
            identity: fields.optional_text("identity", report),
            shapes: report.texts(fields.get("shape")),
            items,
            place: report.place(node.line),
        }
    }
}
