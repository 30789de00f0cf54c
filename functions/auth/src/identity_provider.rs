//! The provider that a tenant's people log in at instead of here (OpenID Connect Core): what is kept of it, and the
//! calls to it.
//!
//! It is known by its issuer alone; where its endpoints are, its discovery document says. The platform lists the issuers
//! that may be called at all, so that no tenant makes this service call whatever it likes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use cloud::Entity;
use config_client::{Document, Scope};
use ed25519_dalek::{Signature, VerifyingKey};
use http::{Request, header};
use operation::Transport;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Refusal};
use subtle::ConstantTimeEq;
use validation::types::Timestamp;

use crate::sealed::{Seal, Sealed};
use crate::secret::Secret;

/// `services/auth/{environment}/technical/browser-login`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrowserLogin {
    /// Providers that tenants may use.
    pub issuers: Vec<String>,
    /// How long a login may take.
    pub attempt_seconds: i64,
    /// How long a browser's session lasts at most.
    pub session_seconds: i64,
    /// How long before it expires a provider's token is replaced.
    pub refresh_ahead_seconds: i64,
    /// How long whoever replaces a token may take before another tries.
    pub refresh_lock_seconds: i64,
}

impl Document for BrowserLogin {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/browser-login";
}

/// The provider of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderRecord {
    pub tenant: String,
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub client_id: String,
    /// Needed as it is, to prove this service to the provider; at [`Self::place`].
    pub client_secret: Sealed,
    pub changed_at: Timestamp,
}

impl Entity for ProviderRecord {
    const KIND: &'static str = "identity-provider";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        Self::ID
    }
}

/// What a discovery document says, as far as it matters here.
#[derive(Debug, Deserialize)]
pub struct Discovered {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
}

/// What the token endpoint answers.
#[derive(Debug, Deserialize)]
pub struct ProviderTokens {
    pub access_token: Secret,
    pub refresh_token: Option<Secret>,
    pub id_token: Option<Secret>,
    pub expires_in: Option<i64>,
}

/// What an ID token says.
#[derive(Debug, Deserialize)]
pub struct IdClaims {
    pub iss: String,
    pub sub: String,
    pub aud: Audience,
    pub exp: i64,
    pub nonce: Option<String>,
    pub sid: Option<String>,
    pub email: Option<String>,
    #[serde(default)]
    pub email_verified: bool,
}

/// One audience or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    /// Whether this client is meant, and nobody else.
    fn is(&self, client_id: &str) -> bool {
        match self {
            Self::One(one) => one == client_id,
            Self::Several(several) => matches!(&several[..], [one] if one == client_id),
        }
    }
}

/// What a logout token says.
#[derive(Debug, Deserialize)]
pub struct LogoutClaims {
    pub iss: String,
    pub aud: Audience,
    pub exp: i64,
    pub sub: String,
    pub sid: Option<String>,
    pub events: serde_json::Map<String, serde_json::Value>,
    pub nonce: Option<serde_json::Value>,
}

const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    #[serde(default)]
    kid: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
}

/// A signed token in parts.
struct Signed<'a> {
    header: Header,
    signed: &'a str,
    payload: &'a str,
    signature: Signature,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

impl<'a> Signed<'a> {
    fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        (header.alg == "EdDSA").then_some(Self { header, signed, payload, signature })
    }

    fn verified<T: DeserializeOwned>(&self, key: &Jwk) -> Option<T> {
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(&key.x).ok()?.try_into().ok()?;
        let key = VerifyingKey::from_bytes(&bytes).ok().filter(|_| key.crv == "Ed25519")?;
        key.verify_strict(self.signed.as_bytes(), &self.signature).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(self.payload).ok()?).ok()
    }
}

/// The provider does not answer as the standard wants it.
pub const PROVIDER_UNFIT: Refusal =
    Refusal::rule("PROVIDER_UNFIT", "The provider's discovery document does not fit the issuer.");

// enver:allow(hardcoded-duration) only a hint to a caller while a dependency is down
const RETRY_AFTER_SECONDS: u64 = 1;

impl ProviderRecord {
    /// A tenant has one provider, so its place is known.
    pub const ID: &'static str = "provider";

    /// Where the secret is sealed: it goes to this issuer and to nobody else.
    pub fn place(tenant: &str, issuer: &str) -> String {
        format!("identity-provider\n{tenant}\n{issuer}")
    }

    /// Sends a form to the token endpoint. `None` when the provider refuses it.
    pub async fn tokens(
        &self,
        transport: &dyn Transport,
        seal: &Seal,
        form: &[(&str, &str)],
    ) -> Result<Option<ProviderTokens>, Error> {
        let secret = self.client_secret.open(seal, &Self::place(&self.tenant, &self.issuer))?;
        let basic = STANDARD.encode(format!("{}:{}", escaped(&self.client_id)?, escaped(secret.expose())?));
        let request = Request::post(&self.token_endpoint)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .body(Bytes::from(serde_urlencoded::to_string(form).map_err(Error::internal)?))
            .map_err(Error::internal)?;
        call(transport, request).await
    }

    /// The claims of an ID token that the token endpoint itself has just given: the encrypted connection to it says
    /// whose they are (OpenID Connect Core, section 3.1.3.7). `None` when they are not for this login.
    pub fn claims(&self, token: &Secret, nonce: Option<&str>, now: i64) -> Option<IdClaims> {
        let payload = token.expose().split('.').nth(1)?;
        let claims: IdClaims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let ours = claims.aud.is(&self.client_id);
        let asked = nonce.is_none_or(|nonce| {
            claims.nonce.as_deref().is_some_and(|given| given.as_bytes().ct_eq(nonce.as_bytes()).into())
        });
        (claims.iss == self.issuer && ours && asked && claims.exp > now).then_some(claims)
    }

    /// What a logout token says, if it is one of this provider for this service (OpenID Connect Back-Channel Logout,
    /// section 2.6). It comes from anywhere, so its signature is checked.
    pub async fn logout(
        &self,
        transport: &dyn Transport,
        token: &Secret,
        now: i64,
    ) -> Result<Option<LogoutClaims>, Error> {
        let Some(parsed) = Signed::parse(token.expose()) else { return Ok(None) };
        let request = Request::get(&self.jwks_uri).body(Bytes::new()).map_err(Error::internal)?;
        let Some(set) = call::<KeySet>(transport, request).await? else { return Ok(None) };
        let Some(key) = set.keys.iter().find(|key| key.kid == parsed.header.kid) else { return Ok(None) };
        let Some(claims) = parsed.verified::<LogoutClaims>(key) else { return Ok(None) };
        let is_logout = claims.events.contains_key(LOGOUT_EVENT) && claims.nonce.is_none();
        let ours = claims.iss == self.issuer && claims.aud.is(&self.client_id);
        Ok((is_logout && ours && claims.exp > now).then_some(claims))
    }
}

/// What the provider of this issuer says of itself.
pub async fn discover(transport: &dyn Transport, issuer: &str) -> Result<Discovered, Error> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let request = Request::get(url).body(Bytes::new()).map_err(Error::internal)?;
    let discovered = call::<Discovered>(transport, request).await?.ok_or(PROVIDER_UNFIT)?;
    let encrypted = [&discovered.authorization_endpoint, &discovered.token_endpoint, &discovered.jwks_uri];
    if discovered.issuer != issuer || !encrypted.iter().all(|address| address.starts_with("https://")) {
        return Err(PROVIDER_UNFIT.into());
    }
    Ok(discovered)
}

/// The JSON that comes back; `None` for a 4xx, and 503 when nothing usable comes.
async fn call<T: DeserializeOwned>(transport: &dyn Transport, request: Request<Bytes>) -> Result<Option<T>, Error> {
    const LARGEST: usize = 256 * 1024;
    let place = request.uri().clone();
    let down = |why: String| Error::unavailable(format!("identity provider {place}: {why}"), RETRY_AFTER_SECONDS);
    let response = transport.send(request).await.map_err(|error| down(error.to_string()))?;
    if response.status().is_client_error() {
        return Ok(None);
    }
    if !response.status().is_success() || response.body().len() > LARGEST {
        return Err(down(response.status().to_string()));
    }
    serde_json::from_slice(response.body()).map(Some).map_err(|error| down(error.to_string()))
}

/// A word as a form writes it (RFC 6749, section 2.3.1).
fn escaped(word: &str) -> Result<String, Error> {
    let pair = serde_urlencoded::to_string([("", word)]).map_err(Error::internal)?;
    Ok(pair.trim_start_matches('=').to_owned())
}
