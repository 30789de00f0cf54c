//! Lists samples, newest first. For administrators of the tenant. Emits nothing.

use cloud::Listing;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;
use validation::types::PageQuery;

use crate::Sample;
use crate::samples::{SampleRecord, SampleView};

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists samples, newest first",
    policy: Policy::ORG_MANAGEMENT,
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("listSamples", "/sample/v1/samples")
};

pub async fn handle(cx: Context<Sample>, input: Input<Nothing, PageQuery>) -> Result<Page<SampleView>, Error> {
    let page = cx.state.table.list::<SampleRecord>(&cx.tenant, Listing::All, &input.query).await?;

    Ok(Page { data: page.data.into_iter().map(|sample| sample.view).collect(), pagination: page.pagination })
}
