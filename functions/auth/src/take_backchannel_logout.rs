//! Ends browsers' sessions because their provider says so (OpenID Connect Back-Channel Logout 1.0). For the provider of
//! the tenant, by its signature. Emits nothing.
//!
//! The logout token must name the person. With a session in it, that session ends; without one, all of the person's do.
//! What has ended before is no fault. Signatures are EdDSA only, as everywhere here.

use cloud::Listing;
use garde::Validate;
use operation::{Context, Declaration, Dialect, Input, NoContent, Touch};
use policy::{Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;
use validation::types::{PageQuery, TenantId};

use crate::Auth;
use crate::browser_session::{BrowserSession, log_out};
use crate::identity_provider::ProviderRecord;
use crate::secret::Secret;

/// Whose provider speaks.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenantPath {
    /// The tenant.
    #[garde(dive)]
    pub tenant_id: TenantId,
}

/// What it sends.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct LogoutForm {
    /// A signed statement of whose session is over.
    #[garde(length(chars, min = 1, max = 8192))]
    pub logout_token: Secret,
}

/// The token is not one of this tenant's provider, or not for this.
pub const INVALID_LOGOUT_TOKEN: Refusal =
    Refusal::new(Kind::Validation, "invalid_request", "This is no logout token of the tenant's provider.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Ends browsers' sessions because their provider says so",
    success: 200,
    policy: Policy::PUBLIC.limited(RateLimit::Webhook),
    errors: &[INVALID_LOGOUT_TOKEN],
    audit: Some("auth.backchannel-logout"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    dialect: Dialect::OAuth,
    ..Declaration::post("takeBackchannelLogout", "/auth/v1/browser/tenants/{tenantId}/backchannel-logout")
};

type Request = Input<TenantPath, Nothing, LogoutForm>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<NoContent, Error> {
    let table = &cx.state.table;
    let tenant = &input.path.tenant_id.0;
    let provider = table.get::<ProviderRecord>(tenant, ProviderRecord::ID).await?.ok_or(INVALID_LOGOUT_TOKEN)?.value;
    let now = cx.now.unix_seconds();
    let token = provider.logout(cx.state.transport.as_ref(), &input.body.logout_token, now).await?;
    let token = token.ok_or(INVALID_LOGOUT_TOKEN)?;

    let mut page = PageQuery::default();
    loop {
        let found = table.list::<BrowserSession>(tenant, Listing::Owner(&token.sub), &page).await?;
        for session in &found.data {
            if token.sid.is_none() || token.sid == session.provider_session {
                let read = table.get::<BrowserSession>(tenant, &session.id).await?;
                if let Some(read) = read {
                    log_out(&cx, read).await?;
                }
            }
        }
        match found.pagination.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => return Ok(NoContent),
        }
    }
}
