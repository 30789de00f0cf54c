//! Says whether any tenant lists an origin. For other services, which must answer a preflight before a tenant is known.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;

use crate::Config;
use crate::source::origin_known;

/// The origin in question.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OriginQuery {
    /// As the browser sent it.
    #[garde(length(chars, min = 1, max = 300))]
    pub origin: String,
}

/// What is known of an origin.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OriginAnswer {
    /// Whether any tenant lists it.
    pub known: bool,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Says whether any tenant lists an origin",
    policy: Policy::INTERNAL,
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("findOrigin", "/config/internal/v1/origins")
};

pub async fn handle(cx: Context<Config>, input: Input<Nothing, OriginQuery>) -> Result<Data<OriginAnswer>, Error> {
    let known = origin_known(&cx.state.table, &input.query.origin).await?;

    Ok(Data::new(OriginAnswer { known }))
}
