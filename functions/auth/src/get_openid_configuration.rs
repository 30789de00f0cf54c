//! What clients of OpenID Connect need to know of this server (OpenID Connect Discovery 1.0). For everybody. Emits
//! nothing.

use config_client::Authentication;
use http::header;
use operation::{Bare, Context, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::Error;

use crate::Auth;
use crate::key_ring::SigningKeys;
use crate::metadata::{Metadata, cache_control};

/// The metadata of an OpenID provider.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OpenIdConfiguration {
    /// What it is as an authorization server.
    #[serde(flatten)]
    pub metadata: Metadata,
    /// Where a client learns who the person is.
    pub userinfo_endpoint: String,
    /// A person has one `sub` for all clients.
    pub subject_types_supported: &'static [&'static str],
    /// How ID tokens are signed.
    pub id_token_signing_alg_values_supported: &'static [&'static str],
    /// What ID tokens and the userinfo endpoint say.
    pub claims_supported: &'static [&'static str],
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Answers what clients of OpenID Connect need to know of this server",
    policy: Policy::PUBLIC,
    touches: &[Touch::configured_by("technical/signing-keys")],
    ..Declaration::get("getOpenidConfiguration", "/auth/v1/.well-known/openid-configuration")
};

pub async fn handle(cx: Context<Auth>, _: Input) -> Result<Bare<OpenIdConfiguration>, Error> {
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;
    let keys = cx.state.config.get::<SigningKeys>(PLATFORM_TENANT).await?;

    let answer = Bare::new(OpenIdConfiguration {
        userinfo_endpoint: format!("{}/oauth/userinfo", authentication.issuer.trim_end_matches('/')),
        metadata: Metadata::of(&authentication),
        subject_types_supported: &["public"],
        id_token_signing_alg_values_supported: &["EdDSA"],
        claims_supported: &[
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "sid",
            "amr",
            "name",
            "email",
            "tenant_id",
        ],
    });
    Ok(answer.with_header(header::CACHE_CONTROL, &cache_control(keys.key_set_max_age_seconds)))
}
