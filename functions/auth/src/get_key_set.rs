//! The public keys that tokens are checked with, as a JWK set (RFC 7517, RFC 8037). For everybody. Emits nothing.
//!
//! The set has the key that signs, the next one before it signs, and those before it while a token of theirs may still
//! be good. It may be kept for a configured time, which is shorter than a key is published ahead.

use http::header;
use operation::{Bare, Context, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::Error;

use crate::Auth;
use crate::issuer::PublicKey;
use crate::key_ring::SigningKeys;

/// A JWK set.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct KeySet {
    /// The keys.
    #[schemars(length(min = 1, max = 10))]
    pub keys: Vec<Jwk>,
}

/// An Ed25519 key for signatures.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Jwk {
    /// The family of the key.
    #[schemars(extend("const" = "OKP"))]
    pub kty: &'static str,
    /// Its curve.
    #[schemars(extend("const" = "Ed25519"))]
    pub crv: &'static str,
    /// The public key in base64url.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{43}$"))]
    pub x: String,
    /// What tokens name it by.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub kid: String,
    /// The algorithm it is for.
    #[schemars(extend("const" = "EdDSA"))]
    pub alg: &'static str,
    /// What it is for.
    #[serde(rename = "use")]
    #[schemars(extend("const" = "sig"))]
    pub purpose: &'static str,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Answers the public keys that tokens are checked with",
    policy: Policy::PUBLIC,
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/signing-keys")],
    ..Declaration::get("getKeySet", "/auth/v1/jwks.json")
};

pub async fn handle(cx: Context<Auth>, _: Input) -> Result<Bare<KeySet>, Error> {
    let periods = cx.state.config.get::<SigningKeys>(PLATFORM_TENANT).await?;
    // Made now if there is none, so that nobody ever keeps an empty set.
    let published = cx.state.issuer.published().await?;

    let jwk = |key: PublicKey| Jwk { kty: "OKP", crv: "Ed25519", x: key.x, kid: key.id, alg: "EdDSA", purpose: "sig" };
    let set = KeySet { keys: published.into_iter().map(jwk).collect() };
    let max_age = format!("public, max-age={}", periods.key_set_max_age_seconds);
    Ok(Bare::new(set).with_header(header::CACHE_CONTROL, &max_age))
}
