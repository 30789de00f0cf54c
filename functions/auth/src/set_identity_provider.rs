//! Sets the provider that the tenant's people log in at from a browser. For administrators of the tenant, among the
//! providers that the platform lists. Emits nothing.

use config_client::Authentication;
use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Refusal};
use validation::Nothing;

use crate::Auth;
use crate::identity_provider::{BrowserLogin, PROVIDER_UNFIT, ProviderRecord, discover};
use crate::sealed::Sealed;
use crate::secret::Secret;

/// A provider, and what this service is to it.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewProvider {
    /// Its issuer; everything else is in its discovery document.
    #[garde(length(chars, max = 300), pattern("^https://[A-Za-z0-9._~:/-]{1,290}$"))]
    pub issuer: String,
    /// What this service is registered as.
    #[garde(length(chars, min = 1, max = 200))]
    pub client_id: String,
    /// Proves it there.
    #[garde(length(chars, min = 1, max = 500))]
    pub client_secret: Secret,
}

/// The provider that was set.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderView {
    /// Its issuer.
    #[schemars(length(min = 1, max = 300))]
    pub issuer: String,
    /// What this service is registered as.
    #[schemars(length(min = 1, max = 200))]
    pub client_id: String,
    /// The redirect URI to register there.
    #[schemars(length(min = 1, max = 400))]
    pub redirect_uri: String,
    /// The address to register there for back-channel logout.
    #[schemars(length(min = 1, max = 500))]
    pub backchannel_logout_uri: String,
}

/// The platform does not list this issuer.
pub const PROVIDER_NOT_LISTED: Refusal =
    Refusal::rule("PROVIDER_NOT_LISTED", "The platform does not let people log in at this provider.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Sets the provider that the tenant's people log in at from a browser",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[PROVIDER_NOT_LISTED, PROVIDER_UNFIT],
    audit: Some("identity-provider.set"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/browser-login")],
    ..Declaration::put("setIdentityProvider", "/auth/v1/identity-provider")
};

pub async fn handle(
    cx: Context<Auth>,
    input: Input<Nothing, Nothing, NewProvider>,
) -> Result<Data<ProviderView>, Error> {
    let rules = cx.state.config.get::<BrowserLogin>(PLATFORM_TENANT).await?;
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;
    let NewProvider { issuer, client_id, client_secret } = input.body;
    if !rules.issuers.contains(&issuer) {
        return Err(PROVIDER_NOT_LISTED.into());
    }
    let discovered = discover(cx.state.transport.as_ref(), &issuer).await?;
    let read = cx.state.table.get::<ProviderRecord>(&cx.tenant, ProviderRecord::ID).await?;

    let place = ProviderRecord::place(&cx.tenant, &discovered.issuer);
    let provider = ProviderRecord {
        tenant: cx.tenant.clone(),
        issuer: discovered.issuer,
        authorization_endpoint: discovered.authorization_endpoint,
        token_endpoint: discovered.token_endpoint,
        jwks_uri: discovered.jwks_uri,
        client_id,
        client_secret: Sealed::new(&client_secret, &cx.state.issuer.seal().await?, &place)?,
        changed_at: cx.now.clone(),
    };

    let answer = Data::new(ProviderView {
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        redirect_uri: callback(&authentication),
        backchannel_logout_uri: format!(
            "{}/browser/tenants/{}/backchannel-logout",
            authentication.issuer.trim_end_matches('/'),
            cx.tenant
        ),
    });
    cx.state.table.transaction(&cx).upsert(read.as_ref(), &provider).commit(&answer).await?;

    Ok(answer)
}

/// Where a provider sends browsers back to.
pub fn callback(authentication: &Authentication) -> String {
    format!("{}/browser/callback", authentication.issuer.trim_end_matches('/'))
}
