//! Ends a contract before its time; prices that were given by it still hold. For administrators. Emits nothing.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Booking;
use crate::contracts::{CONTRACT_NOT_FOUND, ContractEnd, ContractPath, ContractRecord, ContractView};

/// Why a contract is ended.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Termination {
    /// In words, for the record.
    #[garde(length(chars, min = 10, max = 500))]
    pub reason: String,
}

/// It was ended before, or while this was asked.
pub const CONTRACT_ENDED: Refusal = Refusal::new(Kind::Conflict, "CONTRACT_ENDED", "The contract has ended already.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Ends a contract before its time",
    success: 200,
    policy: Policy::ORG_MANAGEMENT,
    errors: &[CONTRACT_ENDED, CONTRACT_NOT_FOUND],
    audit: Some("contract.end"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    idempotent: true,
    ..Declaration::post("endContract", "/booking/v1/contracts/{contractId}/termination")
};

type Request = Input<ContractPath, Nothing, Termination>;

pub async fn handle(cx: Context<Booking>, input: Request) -> Result<Data<ContractView>, Error> {
    let read = cx.state.table.get::<ContractRecord>(&cx.tenant, &input.path.contract_id.0).await?;
    let read = read.ok_or(CONTRACT_NOT_FOUND)?;

    let mut contract = read.value.clone();
    if contract.view.ended.is_some() || contract.view.ends_at <= cx.now {
        return Err(CONTRACT_ENDED.into());
    }
    contract.view.ended = Some(ContractEnd { at: cx.now.clone(), reason: input.body.reason });

    let answer = Data::new(contract.view.clone());
    cx.state.table.transaction(&cx).update(&read, &contract).or(CONTRACT_ENDED).commit(&answer).await?;

    Ok(answer)
}
