//! Deletes a sample. For administrators of the tenant. Emits nothing.

use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::Policy;
use service_errors::{Error, Kind, Refusal};

use crate::Sample;
use crate::samples::{SAMPLE_NOT_FOUND, SamplePath, SampleRecord};

/// Somebody else was first.
const SAMPLE_CHANGED: Refusal = Refusal::of(Kind::Conflict, "The sample has been changed meanwhile: read it again.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Deletes a sample",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[SAMPLE_NOT_FOUND, SAMPLE_CHANGED],
    audit: Some("sample.delete"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::delete("deleteSample", "/sample/v1/samples/{sampleId}")
};

pub async fn handle(cx: Context<Sample>, input: Input<SamplePath>) -> Result<NoContent, Error> {
    let read = cx.state.table.get::<SampleRecord>(&cx.tenant, &input.path.sample_id.0).await?;
    let read = read.ok_or(SAMPLE_NOT_FOUND)?;

    cx.state.table.transaction(&cx).remove(&read).or(SAMPLE_CHANGED).commit(&NoContent).await?;

    Ok(NoContent)
}
