//! Updates a sample. For administrators of the tenant. Emits nothing.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Sample;
use crate::samples::{SAMPLE_NOT_FOUND, SamplePath, SampleRecord, SampleView};

/// What changes.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateSample {
    /// What it is about from now on.
    #[garde(length(chars, min = 1, max = 500))]
    pub description: String,
}

/// Somebody else was first.
const SAMPLE_CHANGED: Refusal = Refusal::of(Kind::Conflict, "The sample has been changed meanwhile: read it again.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Updates a sample",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[SAMPLE_NOT_FOUND, SAMPLE_CHANGED],
    audit: Some("sample.update"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    idempotent: true,
    ..Declaration::patch("updateSample", "/sample/v1/samples/{sampleId}")
};

type Request = Input<SamplePath, Nothing, UpdateSample>;

pub async fn handle(cx: Context<Sample>, input: Request) -> Result<Data<SampleView>, Error> {
    let read = cx.state.table.get::<SampleRecord>(&cx.tenant, &input.path.sample_id.0).await?;
    let read = read.ok_or(SAMPLE_NOT_FOUND)?;

    let mut sample = read.value.clone();
    sample.view.description = input.body.description;

    let answer = Data::new(sample.view.clone());
    cx.state.table.transaction(&cx).update(&read, &sample).or(SAMPLE_CHANGED).commit(&answer).await?;

    Ok(answer)
}
