//! Approves a change that another administrator is about to make, and answers the token for it. For administrators. The
//! token is good for exactly this change of this version, for as long as the platform's rules say. Emits nothing.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::types::Timestamp;
use validation::{Json, Nothing};

use crate::change::{APPROVAL, Action, VERSION_CHANGED, fingerprint, sent};
use crate::document::{DOCUMENT_NOT_FOUND, DocumentPath, issue, refused, subject};
use crate::rules::Rules;
use crate::schemas::is_object;
use crate::update_document::{SCHEMA_RESERVED, found_or_new};
use crate::{Config, sealed};

/// The change as its author will send it.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProposedChange {
    /// What is done.
    #[garde(dive)]
    pub action: Action,
    /// The version that is changed, as its `ETag` says without quotes: `3-1`.
    #[garde(pattern("^[0-9]{1,10}-[0-9]{1,10}$"))]
    pub version: String,
    /// The value of an update; absent for others.
    #[garde(dive)]
    pub value: Option<Json>,
    /// The schema of an update that gives one.
    #[garde(custom(is_object))]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub schema: Option<Json>,
    /// The change ticket.
    #[garde(pattern("^CHG-[0-9]{8}$"))]
    pub change_ticket: String,
}

/// An approval.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeApproval {
    /// Given to the author, who sends it as `Approval-Token`; opaque.
    pub approval_token: String,
    /// Until when it is good, if the document does not change before.
    pub expires_at: Timestamp,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Approves a change that another administrator is about to make",
    policy: Policy::ADMIN,
    errors: &[DOCUMENT_NOT_FOUND, SCHEMA_RESERVED, VERSION_CHANGED],
    audit: Some("config.approve"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::post("approveChange", "/config/v1/documents/{document}/approvals")
};

type Request = Input<DocumentPath, Nothing, ProposedChange>;

pub async fn handle(cx: Context<Config>, input: Request) -> Result<Data<ChangeApproval>, Error> {
    let id = input.path.document;
    let proposed = input.body;
    let layers = found_or_new(&cx, &id.0, proposed.schema.as_ref()).await?;
    let rules = Rules::current(&cx.state.table).await?;

    if proposed.version != layers.version() {
        return Err(VERSION_CHANGED.with(serde_json::json!({ "version": layers.version() })));
    }
    let content = match (proposed.action, &proposed.value) {
        (Action::Update, Some(value)) => Some(sent(value, proposed.schema.as_ref())),
        (Action::Update, None) => return Err(refused(&[issue("/value", "required", "is required for an update")])),
        (Action::Rollback | Action::Delete, None) if proposed.schema.is_none() => None,
        _ => return Err(refused(&[issue("/action", "enum", "takes no value and no schema unless it is update")])),
    };
    let until = cx.now.unix_seconds() + rules.change_control.approval_seconds;
    let fingerprint = fingerprint(proposed.action, content.as_ref(), &proposed.change_ticket);
    let bound = [cx.tenant.as_str(), &id.0, &proposed.version, &fingerprint];
    let carried = format!("{until}\n{}", cx.principal.id());
    let secret = cx.state.secrets.service().await?;
    let answer = Data::new(ChangeApproval {
        approval_token: sealed::seal(&secret, APPROVAL, &bound, &carried)?,
        expires_at: Timestamp::from_unix_millis(until * 1000),
    });

    cx.state.table.transaction(&cx).subject(subject(&id.0)).commit(&answer).await?;

    Ok(answer)
}
