//! Makes a contract with a shipper. For administrators. Emits nothing.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;
use validation::types::Timestamp;

use crate::Booking;
use crate::contracts::{ContractId, ContractRecord, ContractRules, ContractView, Terms};
use crate::records::new_id;

/// What is agreed with whom, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewContract {
    /// Whose freight it is for.
    #[garde(length(chars, min = 1, max = 100))]
    pub shipper_id: String,
    /// What is agreed.
    #[garde(dive, custom(exactly_one))]
    pub terms: Terms,
    /// Pickups from then on.
    #[garde(skip)]
    pub starts_at: Timestamp,
    /// And before this.
    #[garde(skip)]
    pub ends_at: Timestamp,
}

/// It ends before it starts, lies in the past, or is too long.
pub const CONTRACT_PERIOD_REFUSED: Refusal =
    Refusal::rule("CONTRACT_PERIOD_REFUSED", "A contract ends after its start, in the future, and is not too long.");
/// A discount is larger than is given.
pub const DISCOUNT_TOO_LARGE: Refusal =
    Refusal::rule("DISCOUNT_TOO_LARGE", "The discount is larger than may be agreed.");
/// Two contracts drew the same id.
const CONTRACT_EXISTS: Refusal = Refusal::of(Kind::Conflict, "This contract was made already.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Makes a contract with a shipper",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[CONTRACT_PERIOD_REFUSED, DISCOUNT_TOO_LARGE, CONTRACT_EXISTS],
    audit: Some("contract.create"),
    touches: &[Touch::writes(crate::NAME), Touch::configured_by("business/contracts")],
    idempotent: true,
    ..Declaration::post("createContract", "/booking/v1/contracts")
};

pub async fn handle(
    cx: Context<Booking>,
    input: Input<Nothing, Nothing, NewContract>,
) -> Result<Data<ContractView>, Error> {
    let rules = cx.state.config.get::<ContractRules>(&cx.tenant).await?;

    let new = input.body;
    check(&new, &rules, &cx.now)?;
    let contract = ContractRecord {
        tenant: cx.tenant.clone(),
        view: ContractView {
            contract_id: ContractId(new_id("CT")),
            shipper_id: new.shipper_id,
            contract_type: new.terms.contract_type(),
            terms: new.terms,
            starts_at: new.starts_at,
            ends_at: new.ends_at,
            created_at: cx.now.clone(),
            ended: None,
        },
    };

    let answer = Data::new(contract.view.clone());
    cx.state.table.transaction(&cx).create(&contract, CONTRACT_EXISTS).commit(&answer).await?;

    Ok(answer)
}

fn check(new: &NewContract, rules: &ContractRules, now: &Timestamp) -> Result<(), Error> {
    const DAY: i64 = 24 * 3600;
    let seconds = new.ends_at.unix_seconds() - new.starts_at.unix_seconds();
    if seconds <= 0 || seconds > rules.maximum_days * DAY || new.ends_at <= *now {
        return Err(CONTRACT_PERIOD_REFUSED.with(serde_json::json!({ "maximumDays": rules.maximum_days })));
    }
    let most = rules.maximum_discount_basis_points;
    let mut tiers = new.terms.volume_based.iter().flat_map(|volume| &volume.tiers);
    if tiers.any(|tier| tier.discount_basis_points > most) {
        return Err(DISCOUNT_TOO_LARGE.with(serde_json::json!({ "maximumDiscountBasisPoints": most })));
    }
    Ok(())
}

fn exactly_one(terms: &Terms, (): &()) -> garde::Result {
    if terms.count() == 1 { Ok(()) } else { Err(garde::Error::new("give exactly one of the four kinds of terms")) }
}
