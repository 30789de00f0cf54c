//! The authorization code flow (RFC 6749, section 4.1; RFC 7636; OpenID Connect Core, section 3.1): what is asked for,
//! whether it may be, and the code that comes of it.
//!
//! Refusals are told at the client's redirect URI only after that URI was found, letter by letter, among those the
//! client was registered with. PKCE is not an option, and `S256` is the only method.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud::{Entity, Table};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use validation::types::Timestamp;

use crate::clients::{ClientId, ClientRecord};
use crate::credential::Pointer;
use crate::secret::Secret;

/// Where a browser is sent back to: an address that is registered whole. Without encryption only to the person's own
/// machine (RFC 8252, section 7.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct RedirectUri(
    #[garde(
        length(chars, max = 400),
        pattern(
            "^(https://[a-z0-9.-]{1,200}|http://(localhost|127\\.0\\.0\\.1))(:[0-9]{1,5})?(/[A-Za-z0-9._~:/?@!$&'()*+,;=%-]{0,150})?$"
        )
    )]
    pub String,
);

/// What a client asks for. Parameters that are not listed are ignored, as OAuth wants it.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct AuthorizationRequest {
    /// The client.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schemars(length(min = 1, max = 100))]
    pub client_id: Option<String>,
    /// One of the client's.
    #[garde(inner(length(chars, min = 1, max = 400)))]
    #[schemars(length(min = 1, max = 400))]
    pub redirect_uri: Option<String>,
    /// `code`.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schemars(length(min = 1, max = 100))]
    pub response_type: Option<String>,
    /// With `openid` in it, an ID token is wanted.
    #[garde(inner(length(chars, min = 1, max = 1000)))]
    #[schemars(length(min = 1, max = 1000))]
    pub scope: Option<String>,
    /// Comes back as it was given.
    #[garde(inner(length(chars, min = 1, max = 1000)))]
    #[schemars(length(min = 1, max = 1000))]
    pub state: Option<String>,
    /// Goes into the ID token.
    #[garde(inner(length(chars, min = 1, max = 1000)))]
    #[schemars(length(min = 1, max = 1000))]
    pub nonce: Option<String>,
    /// The digest of a secret that only the client knows.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    #[schemars(length(min = 1, max = 200))]
    pub code_challenge: Option<String>,
    /// `S256`.
    #[garde(inner(length(chars, min = 1, max = 20)))]
    #[schemars(length(min = 1, max = 20))]
    pub code_challenge_method: Option<String>,
    /// `none` when nobody may be asked anything.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schemars(length(min = 1, max = 100))]
    pub prompt: Option<String>,
}

/// The client is not known, or the redirect URI is not one of its own: nothing may be sent there.
pub const UNKNOWN_DESTINATION: Refusal = Refusal::new(
    Kind::Validation,
    "invalid_request",
    "The client is not known, or the redirect URI is not registered for it.",
);

/// A reason of OAuth's, by its name.
pub type Fault = &'static str;

impl AuthorizationRequest {
    /// The client that asks, if the redirect URI is its own.
    pub async fn client(&self, table: &Table) -> Result<(ClientRecord, RedirectUri), Error> {
        let pointer = self.client_id.as_deref().and_then(Pointer::parse).ok_or(UNKNOWN_DESTINATION)?;
        let client = table.get::<ClientRecord>(&pointer.tenant, &pointer.id).await?.ok_or(UNKNOWN_DESTINATION)?.value;
        let given = self.redirect_uri.as_deref().unwrap_or_default();
        let known = client.redirect_uris.iter().find(|known| known.0 == given).cloned();
        Ok((client, known.ok_or(UNKNOWN_DESTINATION)?))
    }

    /// What is wrong with the rest, if anything is.
    pub fn fault(&self) -> Option<Fault> {
        let challenge = self.code_challenge.as_deref().unwrap_or_default();
        let is_digest = URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|bytes| bytes.len() == 32);
        match self.response_type.as_deref() {
            None => Some("invalid_request"),
            Some(kind) if kind != "code" => Some("unsupported_response_type"),
            Some(_) if self.code_challenge_method.as_deref() != Some("S256") || !is_digest => Some("invalid_request"),
            Some(_) => None,
        }
    }

    /// Whether an ID token is wanted.
    pub fn is_openid(&self) -> bool {
        self.scope.as_deref().unwrap_or_default().split(' ').any(|scope| scope == "openid")
    }
}

/// An address with these parameters added; those without a value are left out.
pub fn with_query(address: &str, parameters: &[(&str, Option<&str>)]) -> Result<String, Error> {
    let given: Vec<_> = parameters.iter().filter_map(|(name, value)| Some((name, (*value)?))).collect();
    let query = serde_urlencoded::to_string(given).map_err(Error::internal)?;
    let joint = if address.contains('?') { '&' } else { '?' };
    Ok(format!("{address}{joint}{query}"))
}

/// A code, from its issue until no token that came of it can be good any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeRecord {
    pub tenant: String,
    pub id: String,
    /// SHA-256 of its secret.
    pub digest: String,
    pub client_id: ClientId,
    pub redirect_uri: RedirectUri,
    pub user_id: String,
    /// The session in which the person agreed; what comes of the code ends with it.
    pub session_id: String,
    /// In seconds since 1970.
    pub authenticated_at: i64,
    pub multi_factor: bool,
    pub openid: bool,
    pub nonce: Option<String>,
    pub code_challenge: String,
    pub expires_at: Timestamp,
    /// The access token it was exchanged for.
    pub redeemed: Option<Redeemed>,
}

/// An access token that came of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Redeemed {
    pub jti: String,
    /// In seconds since 1970.
    pub expires_at: i64,
}

impl Entity for CodeRecord {
    const KIND: &'static str = "authorization-code";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.redeemed.as_ref().map_or(self.expires_at.unix_seconds(), |redeemed| redeemed.expires_at))
    }
}

impl CodeRecord {
    /// Whether this is the secret that the challenge was made of (RFC 7636, section 4.6).
    pub fn is_answered_by(&self, verifier: &Secret) -> bool {
        let answer = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()));
        answer.as_bytes().ct_eq(self.code_challenge.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_is_encrypted_or_stays_on_the_persons_machine_and_has_no_fragment() {
        for good in [
            "https://app.example",
            "https://app.example:8443/callback?a=b",
            "http://localhost:3000/callback",
            "http://127.0.0.1/",
        ] {
            assert!(RedirectUri(good.to_owned()).validate().is_ok(), "{good}");
        }
        for bad in [
            "",
            "app.example/callback",
            "http://app.example/callback",
            "http://localhost.evil.example/",
            "http://localhost@evil.example/",
            "https://app.example/#x",
            "https://app.example/ x",
            "https://user@app.example/",
            "javascript:alert(1)",
            "https://app.example/\r\nset-cookie:a",
        ] {
            assert!(RedirectUri(bad.to_owned()).validate().is_err(), "{bad}");
        }
    }

    #[test]
    fn parameters_are_escaped_and_join_those_that_are_there() {
        let parameters = [("state", Some("a b&c=d")), ("error", None)];

        assert_eq!(with_query("https://a.b/c", &parameters).unwrap(), "https://a.b/c?state=a+b%26c%3Dd");
        assert_eq!(with_query("https://a.b/?x=y", &parameters).unwrap(), "https://a.b/?x=y&state=a+b%26c%3Dd");
    }
}
