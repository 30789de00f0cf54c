//! The keys of a mock: fixed, so that the same requests get the same tokens, and known, so that they protect nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, SigningKey};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// The id of the key that a mock signs with.
pub const KEY_ID: &str = "6d6f636b6d6f636b6d6f636b6d6f636b";

/// The key that a mock signs tokens with. Everybody can compute it: nothing but a mock may trust it.
pub fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&known("enver mock signing key"))
}

/// The secret that services sign their calls to a mock with.
pub fn service_secret() -> [u8; 32] {
    known("enver mock service secret")
}

/// The claims of a token that the mock signed, whatever kind of token it is; expiry is the caller's to check.
pub fn own_claims(token: &str) -> Option<Json> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    signing_key().verifying_key().verify_strict(signed.as_bytes(), &signature).ok()?;
    let (_, payload) = signed.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

fn known(what: &str) -> [u8; 32] {
    Sha256::digest(what).into()
}
