//! Bearer tokens: JSON Web Tokens signed with Ed25519, and nothing else; an API key is exchanged for one.
//!
//! The JOSE libraries bring RSA and a choice of algorithms with them; a verifier that knows one algorithm has no
//! `alg` to be confused by. The signature itself is `ed25519-dalek`'s. Claims follow RFC 7519, RFC 9068 and RFC 8176.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier};
use policy::{Role, User};
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind};

use crate::{Keys, TenantSettings};

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// The person.
    pub sub: String,
    /// Expiry, in seconds since 1970.
    pub exp: i64,
    /// Issue, in seconds since 1970.
    pub iat: i64,
    /// The token's own id.
    pub jti: String,
    /// The tenant.
    pub tenant_id: String,
    /// The session.
    pub sid: String,
    /// The last login, in seconds since 1970.
    pub auth_time: i64,
    /// How the person logged in (RFC 8176).
    pub amr: Vec<String>,
    /// Roles by name.
    pub roles: Vec<String>,
    /// Permissions like `booking:read`.
    pub permissions: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

const ALGORITHM: &str = "EdDSA";
const TYPE: &str = "at+jwt";
/// A token longer than this is nobody's.
const LONGEST: usize = 8 * 1024;

/// Signs claims into an access token. Fails only if they cannot be written as JSON.
pub fn encode_token(claims: &Claims, key: &SigningKey, key_id: &str) -> Result<String, serde_json::Error> {
    encode_jwt(TYPE, claims, key, key_id)
}

/// Signs any claims into a token whose header says it is a `kind`: what is no access token must not pass for one.
pub fn encode_jwt(
    kind: &str,
    claims: &impl Serialize,
    key: &SigningKey,
    key_id: &str,
) -> Result<String, serde_json::Error> {
    let header = Header { alg: ALGORITHM.into(), typ: kind.into(), kid: key_id.into() };
    let mut token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
    let signature = key.sign(token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature.to_bytes(), &mut token);
    Ok(token)
}

/// Tokens whose signature was verified lately, so that a caller's second request does not pay for it again. Expiry,
/// issuer and audience are checked every time.
#[derive(Default)]
pub struct Verified {
    tokens: Mutex<HashMap<String, Arc<Claims>>>,
    /// The access tokens that API keys were exchanged for.
    exchanged: Mutex<HashMap<String, String>>,
}

/// What an API key begins with; an access token has no full stop so early.
pub const API_KEY_PREFIX: &str = "ek.";

/// More tokens than this and all are forgotten: verified tokens are cheap to verify again, memory is not.
const REMEMBERED: usize = 10_000;

impl Verified {
    /// Whom a bearer's credential speaks for: an access token, or an API key, which is exchanged for one and again when
    /// that has expired. Every fault of either is a 401 that says no more than "invalid" or "expired".
    pub async fn user(&self, given: &str, keys: &dyn Keys, settings: &TenantSettings, now: i64) -> Result<User, Error> {
        if !given.starts_with(API_KEY_PREFIX) {
            return self.holder(given, keys, settings, now).await;
        }
        let known = self.exchanged.lock().ok().and_then(|exchanged| exchanged.get(given).cloned());
        if let Some(token) = known
            && let Ok(user) = self.holder(&token, keys, settings, now).await
        {
            return Ok(user);
        }
        if given.len() > LONGEST {
            return Err(refused(INVALID));
        }
        let token = keys.exchange_api_key(given).await?.ok_or_else(|| refused(INVALID))?;
        if let Ok(mut exchanged) = self.exchanged.lock() {
            if exchanged.len() >= REMEMBERED {
                exchanged.clear();
            }
            exchanged.insert(given.to_owned(), token.clone());
        }
        self.holder(&token, keys, settings, now).await
    }

    async fn holder(&self, token: &str, keys: &dyn Keys, settings: &TenantSettings, now: i64) -> Result<User, Error> {
        let claims = match self.remembered(token) {
            Some(claims) => claims,
            None => {
                let claims = Arc::new(verify_token(token, keys).await?);
                self.remember(token, &claims);
                claims
            }
        };
        if claims.exp <= now {
            return Err(refused("The token has expired."));
        }
        if claims.iss != settings.issuer
            || claims.aud != settings.audience
            || claims.iat > now + settings.signature_max_ahead
        {
            return Err(refused(INVALID));
        }
        Ok(User {
            tenant: claims.tenant_id.clone(),
            id: claims.sub.clone(),
            roles: claims.roles.iter().filter_map(|name| Role::named(name)).collect(),
            permissions: claims.permissions.clone(),
            session: claims.sid.clone(),
            authenticated_at: claims.auth_time,
            multi_factor: claims.amr.iter().any(|method| method == "mfa"),
        })
    }

    fn remembered(&self, token: &str) -> Option<Arc<Claims>> {
        self.tokens.lock().ok()?.get(token).cloned()
    }

    fn remember(&self, token: &str, claims: &Arc<Claims>) {
        if let Ok(mut tokens) = self.tokens.lock() {
            if tokens.len() >= REMEMBERED {
                tokens.clear();
            }
            tokens.insert(token.to_owned(), Arc::clone(claims));
        }
    }
}

const INVALID: &str = "The token is not valid.";

fn refused(why: &'static str) -> Error {
    Error::new(Kind::Unauthorized).with_message(why)
}

/// The claims of an access token whose signature is good; whether they hold now is the caller's to ask. Any fault is 401.
pub async fn verify_token(token: &str, keys: &dyn Keys) -> Result<Claims, Error> {
    let invalid = || refused(INVALID);
    if token.len() > LONGEST {
        return Err(invalid());
    }
    let (signed, signature) = token.rsplit_once('.').ok_or_else(invalid)?;
    let (header, payload) = signed.split_once('.').ok_or_else(invalid)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| invalid());
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| invalid())?;
    if header.alg != ALGORITHM || header.typ != TYPE {
        return Err(invalid());
    }
    let key = keys.verification_key(&header.kid).await?.ok_or_else(invalid)?;
    let signature = Signature::from_slice(&decode(signature)?).map_err(|_| invalid())?;
    // Not `verify_strict`: what it adds, beside refusing weak keys, keeps the holder of a key from making signatures that
    // are also good under other keys, and takes a sixth of the time.
    if key.is_weak() {
        return Err(invalid());
    }
    key.verify(signed.as_bytes(), &signature).map_err(|_| invalid())?;
    serde_json::from_slice(&decode(payload)?).map_err(|_| invalid())
}
