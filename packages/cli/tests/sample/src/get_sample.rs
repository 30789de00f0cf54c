//! Reads one sample. For administrators of the tenant. Emits nothing.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Sample;
use crate::samples::{SAMPLE_NOT_FOUND, SamplePath, SampleRecord, SampleView};

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads one sample",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[SAMPLE_NOT_FOUND],
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("getSample", "/sample/v1/samples/{sampleId}")
};

pub async fn handle(cx: Context<Sample>, input: Input<SamplePath>) -> Result<Data<SampleView>, Error> {
    let read = cx.state.table.get::<SampleRecord>(&cx.tenant, &input.path.sample_id.0).await?;

    Ok(Data::new(read.ok_or(SAMPLE_NOT_FOUND)?.value.view))
}
