//! What clients may know of this server: the metadata that OpenID Connect Discovery and RFC 8414 describe.
//!
//! The issuer's URL (`global/security/authentication`) is the public form of `/auth/v1`: every endpoint stands below
//! it, and so do the two documents, as OpenID Connect Discovery wants it.

use config_client::Authentication;
use schemars::JsonSchema;
use serde::Serialize;

use crate::issue_token::{API_KEY, AUTHORIZATION_CODE, CLIENT_CREDENTIALS};

/// How long either document may be kept, in the words of its header field: as long as the key set.
pub fn cache_control(seconds: i64) -> String {
    format!("public, max-age={seconds}")
}

/// The metadata that both documents hold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Metadata {
    /// Who issues tokens.
    #[schemars(length(min = 1, max = 300))]
    pub issuer: String,
    /// Where a browser is sent for a code.
    pub authorization_endpoint: String,
    /// Where tokens are asked for.
    pub token_endpoint: String,
    /// Where the keys are.
    pub jwks_uri: String,
    /// Where a token is asked about (RFC 7662).
    pub introspection_endpoint: String,
    /// Where a token is taken back (RFC 7009).
    pub revocation_endpoint: String,
    /// What the authorization endpoint can answer.
    pub response_types_supported: &'static [&'static str],
    /// Where it puts the answer.
    pub response_modes_supported: &'static [&'static str],
    /// What a client can ask for by name; what it may do is fixed when it is registered.
    pub scopes_supported: &'static [&'static str],
    /// How a code is bound to who asked for it (RFC 7636).
    pub code_challenge_methods_supported: &'static [&'static str],
    /// Whether the answer names the issuer (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
    /// Ways to a token.
    pub grant_types_supported: &'static [&'static str],
    /// How a client proves itself where tokens are asked for,
    pub token_endpoint_auth_methods_supported: &'static [&'static str],
    /// asked about,
    pub introspection_endpoint_auth_methods_supported: &'static [&'static str],
    /// and taken back.
    pub revocation_endpoint_auth_methods_supported: &'static [&'static str],
}

const SECRETS: &[&str] = &["client_secret_basic", "client_secret_post"];

impl Metadata {
    /// The metadata of the configured issuer.
    pub fn of(authentication: &Authentication) -> Self {
        let issuer = authentication.issuer.trim_end_matches('/');
        Self {
            issuer: authentication.issuer.clone(),
            authorization_endpoint: format!("{issuer}/oauth/authorize"),
            token_endpoint: format!("{issuer}/oauth/token"),
            jwks_uri: format!("{issuer}/jwks.json"),
            introspection_endpoint: format!("{issuer}/oauth/introspect"),
            revocation_endpoint: format!("{issuer}/oauth/revoke"),
            response_types_supported: &["code"],
            response_modes_supported: &["query"],
            scopes_supported: &["openid"],
            code_challenge_methods_supported: &["S256"],
            authorization_response_iss_parameter_supported: true,
            grant_types_supported: &[AUTHORIZATION_CODE, CLIENT_CREDENTIALS, API_KEY],
            token_endpoint_auth_methods_supported: SECRETS,
            introspection_endpoint_auth_methods_supported: SECRETS,
            revocation_endpoint_auth_methods_supported: SECRETS,
        }
    }
}
