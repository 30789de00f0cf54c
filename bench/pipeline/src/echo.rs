//! Answers a consignment with itself: every stage of the pipeline and no work behind it. For everybody who is logged
//! in. Emits nothing.

use garde::Validate;
use operation::{Context, Data, Declaration, Input};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;
use validation::types::{Money, Timestamp};

/// A consignment: what a shipper says about a load. `bench/consignment.json` is one of about 1 kB.
#[derive(Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Consignment {
    /// The shipper's own number.
    #[garde(pattern("^BK[0-9]{10}$"))]
    pub reference: String,
    /// Who sends.
    #[garde(dive)]
    pub consignor: Party,
    /// Who receives.
    #[garde(dive)]
    pub consignee: Party,
    /// Where it is loaded.
    #[garde(dive)]
    pub pickup: Stop,
    /// Where it is unloaded.
    #[garde(dive)]
    pub drop: Stop,
    /// What is carried.
    #[garde(skip)]
    pub material: Material,
    /// How much.
    #[garde(range(min = 0.1, max = 40.0))]
    pub tonnes: f64,
    /// The parts of the load.
    #[garde(length(min = 1, max = 20), dive)]
    pub items: Vec<Item>,
    /// The agreed price.
    #[garde(dive)]
    pub price: Money,
    /// What the truck must have.
    #[garde(length(max = 10), inner(pattern("^[a-z][a-z-]{1,30}$")))]
    pub equipment: Vec<String>,
    /// What the driver should know.
    #[garde(inner(length(chars, max = 500)))]
    pub remarks: Option<String>,
}

/// Who takes part.
#[derive(Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Party {
    /// The name.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// The tax number.
    #[garde(pattern("^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]{3}$"))]
    pub gstin: String,
    /// The telephone number.
    #[garde(pattern("^\\+91[0-9]{10}$"))]
    pub phone: String,
}

/// A place and a time.
#[derive(Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stop {
    /// Latitude, north positive.
    #[garde(range(min = -90.0, max = 90.0))]
    pub lat: f64,
    /// Longitude, east positive.
    #[garde(range(min = -180.0, max = 180.0))]
    pub lng: f64,
    /// The address.
    #[garde(length(chars, min = 3, max = 200))]
    pub address: String,
    /// The postal code.
    #[garde(pattern("^[1-9][0-9]{5}$"))]
    pub pincode: String,
    /// When the truck is there.
    #[garde(skip)]
    pub at: Timestamp,
}

/// A material.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Material {
    Coal,
    IronOre,
    Limestone,
    Fertilizer,
}

/// A part of the load.
#[derive(Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Item {
    /// What it is.
    #[garde(length(chars, min = 1, max = 100))]
    pub description: String,
    /// How many.
    #[garde(range(min = 1, max = 1000))]
    pub quantity: u32,
    /// How heavy all of them are.
    #[garde(range(min = 0.1, max = 40_000.0))]
    pub kilograms: f64,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Answers a consignment with itself",
    success: 200,
    policy: Policy::AUTHENTICATED,
    ..Declaration::post("echoConsignment", "/bench/v1/echo")
};

pub async fn handle(_: Context<()>, input: Input<Nothing, Nothing, Consignment>) -> Result<Data<Consignment>, Error> {
    Ok(Data::new(input.body))
}
