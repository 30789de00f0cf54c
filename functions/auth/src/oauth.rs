//! What the endpoints of OAuth share (RFC 6749): how a client proves itself, and the refusals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use garde::Validate;
use operation::{Claims, Context};
use policy::{Role, User};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};

use crate::Auth;
use crate::clients::ClientRecord;
use crate::credential::Pointer;
use crate::secret::Secret;

/// The header field a client may prove itself with.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct ClientHeaders {
    /// `Basic`, with the client id and its secret (RFC 6749, section 2.3.1).
    #[garde(inner(length(chars, min = 1, max = 1000)))]
    #[schemars(length(min = 1, max = 1000))]
    pub authorization: Option<Secret>,
}

/// The client is not known, or its secret is wrong.
pub const INVALID_CLIENT: Refusal =
    Refusal::new(Kind::Unauthorized, "invalid_client", "The client is not known, or its secret is wrong.");
/// The one answer to everything that is wrong with what a token is asked for.
pub const INVALID_GRANT: Refusal = Refusal::new(
    Kind::Validation,
    "invalid_grant",
    "What was given for a token is not good, not good any more, or another client's.",
);
/// A way to a token that is not offered.
pub const UNSUPPORTED_GRANT_TYPE: Refusal =
    Refusal::new(Kind::Validation, "unsupported_grant_type", "There is no such grant type.");

/// A request without a parameter its kind asks for.
pub fn invalid_request(message: &'static str) -> Error {
    Error::new(Kind::Validation).with_message(message)
}

/// The client that proves itself in the header or in the body; `None` when neither tries to. Trying and failing, or
/// trying both ways, is refused.
pub async fn client(
    cx: &Context<Auth>,
    headers: &ClientHeaders,
    client_id: Option<&str>,
    client_secret: Option<&Secret>,
) -> Result<Option<ClientRecord>, Error> {
    let (id, secret) = match (&headers.authorization, client_secret) {
        (Some(_), Some(_)) => return Err(invalid_request("A client proves itself in one way.")),
        (Some(field), None) => basic(field).ok_or(INVALID_CLIENT)?,
        (None, Some(secret)) => (client_id.unwrap_or_default().to_owned(), secret.clone()),
        (None, None) => return Ok(None),
    };
    if client_id.is_some_and(|named| named != id) {
        return Err(INVALID_CLIENT.into());
    }
    let pointer = Pointer::parse(&id).ok_or(INVALID_CLIENT)?;
    let found = cx.state.table.get::<ClientRecord>(&pointer.tenant, &pointer.id).await?.map(|read| read.value);
    let proved = found.filter(|client| client.knows(&secret, &cx.now)).ok_or(INVALID_CLIENT)?;
    Ok(Some(proved))
}

/// The id and the secret in a `Basic` field. Ours have no character that a form would escape.
fn basic(field: &Secret) -> Option<(String, Secret)> {
    let (scheme, encoded) = field.expose().split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), Secret::new(secret.to_owned())))
}

/// Whoever an access token speaks for.
pub fn bearer(claims: &Claims) -> User {
    User {
        tenant: claims.tenant_id.clone(),
        id: claims.sub.clone(),
        roles: claims.roles.iter().filter_map(|name| Role::named(name)).collect(),
        permissions: claims.permissions.clone(),
        session: claims.sid.clone(),
        authenticated_at: claims.auth_time,
        multi_factor: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basic_field_holds_an_id_and_a_secret() {
        let read = |text: String| basic(&Secret::new(text)).map(|(id, secret)| (id, secret.expose().to_owned()));

        assert_eq!(read(format!("basic {}", STANDARD.encode("a:b:c"))), Some(("a".into(), "b:c".into())));
        for broken in ["", "Basic", "Basic !", &format!("Bearer {}", STANDARD.encode("a:b")), "Basic YQ=="] {
            assert_eq!(read(broken.to_owned()), None, "{broken}");
        }
    }
}
