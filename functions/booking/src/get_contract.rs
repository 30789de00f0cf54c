//! Reads one contract. For its shipper and for administrators; to everybody else it does not exist. Emits nothing.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Booking;
use crate::contracts::{CONTRACT_NOT_FOUND, ContractPath, ContractRecord, ContractView};
use crate::records::SHIPPERS;

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads one contract",
    policy: Policy::roles(SHIPPERS).and(&["own-contract"]),
    errors: &[CONTRACT_NOT_FOUND],
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("getContract", "/booking/v1/contracts/{contractId}")
};

pub async fn handle(cx: Context<Booking>, input: Input<ContractPath>) -> Result<Data<ContractView>, Error> {
    let contract = cx.state.table.get::<ContractRecord>(&cx.tenant, &input.path.contract_id.0).await?;

    let contract = contract.filter(|contract| cx.principal.owns(&contract.value.view.shipper_id));

    Ok(Data::new(contract.ok_or(CONTRACT_NOT_FOUND)?.value.view))
}
