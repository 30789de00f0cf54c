//! Tokens of one caller, signed with a key that everybody may know.

use std::sync::atomic::{AtomicUsize, Ordering};

use ed25519_dalek::{SigningKey, VerifyingKey};
use http::{HeaderMap, HeaderValue, header};
use operation::{Claims, encode_token};
use serde_json::{Value, json};

/// What tokens say of it.
pub const ISSUER: &str = "https://auth.enver.example";
/// What tokens say of it.
pub const AUDIENCE: &str = "enver";
/// What tokens say of it.
pub const KEY_ID: &str = "bench";

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// What the tokens are checked with.
pub fn verifying_key() -> VerifyingKey {
    signing_key().verifying_key()
}

/// The public key as RFC 8037 writes it.
pub fn jwk() -> Value {
    use base64::Engine as _;
    let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(verifying_key().as_bytes());
    json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID, "x": x })
}

/// A token of a shipper that holds for a day from `now`, in seconds since 1970. Tokens of different ids are different
/// tokens.
pub fn token(id: &str, now: i64) -> Result<String, serde_json::Error> {
    const DAY: i64 = 86_400;
    let claims = Claims {
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        sub: "U-0123456789ABCDEF".into(),
        exp: now + DAY,
        iat: now,
        jti: id.into(),
        tenant_id: "demo".into(),
        sid: "S-0123456789ABCDEF".into(),
        auth_time: now,
        amr: vec!["pwd".into()],
        roles: vec!["shipper".into()],
        permissions: vec!["booking:read".into(), "booking:write".into()],
    };
    encode_token(&claims, &signing_key(), KEY_ID)
}

/// Many tokens, handed out in turn.
pub struct Tokens {
    printed: HeaderValue,
    fields: Vec<HeaderValue>,
    next: AtomicUsize,
}

impl Tokens {
    /// Twice as many as the pipeline remembers, so that it has forgotten each before it comes again.
    pub fn many(printed: &str, now: i64) -> Result<Self, Box<dyn std::error::Error>> {
        const MANY: usize = 20_000;
        let field = |token: &str| HeaderValue::try_from(format!("Bearer {token}"));
        let mut fields = Vec::with_capacity(MANY);
        for number in 0..MANY {
            fields.push(field(&token(&number.to_string(), now)?)?);
        }
        Ok(Self { printed: field(printed)?, fields, next: AtomicUsize::new(0) })
    }

    /// Puts the next token where the printed one stands; other credentials stay as they are.
    pub fn replace(&self, headers: &mut HeaderMap) {
        if headers.get(header::AUTHORIZATION) != Some(&self.printed) {
            return;
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.fields.len();
        headers.insert(header::AUTHORIZATION, self.fields[turn].clone());
    }
}
