//! Creates a sample. For administrators of the tenant. Emits nothing.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Sample;
use crate::samples::{SampleId, SampleRecord, SampleView};

/// A sample to be.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSample {
    /// What it is about.
    #[garde(length(chars, min = 1, max = 500))]
    pub description: String,
}

/// Two samples drew the same id.
const SAMPLE_EXISTS: Refusal = Refusal::of(Kind::Conflict, "This sample was made already.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Creates a sample",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[SAMPLE_EXISTS],
    audit: Some("sample.create"),
    touches: &[Touch::writes(crate::NAME)],
    idempotent: true,
    ..Declaration::post("createSample", "/sample/v1/samples")
};

type Request = Input<Nothing, Nothing, NewSample>;

pub async fn handle(cx: Context<Sample>, input: Request) -> Result<Data<SampleView>, Error> {
    let sample = SampleRecord {
        tenant: cx.tenant.clone(),
        view: SampleView {
            sample_id: new_id(),
            description: input.body.description,
            created_by: cx.principal.id().to_owned(),
            created_at: cx.now.clone(),
        },
    };

    let answer = Data::new(sample.view.clone());
    cx.state.table.transaction(&cx).create(&sample, SAMPLE_EXISTS).commit(&answer).await?;

    Ok(answer)
}

fn new_id() -> SampleId {
    let random = operation::random_id().to_uppercase();
    SampleId(format!("SM-{}", random.get(..16).unwrap_or_default()))
}
