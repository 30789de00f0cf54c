//! Takes a token back (RFC 7009). For everybody who holds it. Emits nothing.
//!
//! A refresh token takes its session with it. An access token is checked by its signature wherever it is shown; taking
//! one back is known to introspection at once and to everybody else when it expires, which is soon. The answer to a
//! token that is not good is the same as to one that was. A client that proves itself must be known; a token that was
//! given to a client can be taken back by that client only.

use cloud::{Entity, Stored};
use garde::Validate;
use operation::{Call, Claims, Context, Declaration, Dialect, Input, NoContent, Touch};
use policy::{Policy, RateLimit, User};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Auth;
use crate::clients::{ClientRecord, acting};
use crate::credential::Pointer;
use crate::introspect_token::current;
use crate::oauth::{ClientHeaders, INVALID_CLIENT, bearer, client};
use crate::open_session::end;
use crate::secret::Secret;
use crate::session::{Presented, RefreshToken, SessionRecord, Sessions};

/// A token, and who asks about it. Parameters that are not listed (`token_type_hint`) are ignored.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct TokenForm {
    /// An access token or a refresh token.
    #[garde(length(chars, min = 1, max = 8192))]
    pub token: Secret,
    /// The client, if it does not prove itself in the header.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schemars(length(min = 1, max = 100))]
    pub client_id: Option<String>,
    /// Its secret.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    #[schemars(length(min = 1, max = 200))]
    pub client_secret: Option<Secret>,
}

/// An access token that was taken back, until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevokedToken {
    pub tenant: String,
    pub jti: String,
    pub expires_at: i64,
}

impl Entity for RevokedToken {
    const KIND: &'static str = "revoked-token";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.jti
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at)
    }
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Takes a token back",
    success: 200,
    policy: Policy::PUBLIC.limited(RateLimit::Webhook),
    errors: &[INVALID_CLIENT],
    audit: Some("oauth.revoke"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/sessions")],
    dialect: Dialect::OAuth,
    ..Declaration::post("revokeToken", "/auth/v1/oauth/revoke")
};

/// It was taken back before.
pub const REVOKED_BEFORE: Refusal = Refusal::of(Kind::Conflict, "This token was taken back before.");

type Request = Input<Nothing, Nothing, TokenForm, ClientHeaders>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<NoContent, Error> {
    let form = &input.body;
    let client = client(&cx, &input.headers, form.client_id.as_deref(), form.client_secret.as_ref()).await?;

    if let Some(token) = RefreshToken::parse(&form.token) {
        end_session(&cx, &token).await?;
    } else if let Some(claims) = current(&cx, &form.token).await? {
        revoke(&cx, client.as_ref(), claims).await?;
    }

    Ok(NoContent)
}

/// Ends the session of a token that was issued here, also of one that was replaced.
async fn end_session(cx: &Context<Auth>, token: &RefreshToken) -> Result<(), Error> {
    let read = cx.state.table.get::<SessionRecord>(&token.tenant, &token.session_id).await?;
    let Some(session) = read else { return Ok(()) };
    let lifetimes = cx.state.config.get::<Sessions>(&token.tenant).await?;
    match session.value.judge(token, &lifetimes, &cx.now) {
        Presented::Foreign => Ok(()),
        _ => end(cx, &of(cx, &session), session).await,
    }
}

/// The call in the name of whose session it is.
fn of(cx: &Context<Auth>, session: &Stored<SessionRecord>) -> Call {
    let SessionRecord { tenant, user_id, session_id, .. } = session.value.clone();
    let user = User {
        tenant,
        id: user_id,
        roles: Vec::new(),
        permissions: Vec::new(),
        session: session_id,
        authenticated_at: 0,
        multi_factor: false,
    };
    acting(cx, user)
}

async fn revoke(cx: &Context<Auth>, client: Option<&ClientRecord>, claims: Claims) -> Result<(), Error> {
    let is_its_own = client.is_some_and(|client| client.client_id().0 == claims.sub);
    if Pointer::parse(&claims.sub).is_some() && !is_its_own {
        return Err(INVALID_CLIENT.into());
    }
    let acting = acting(cx, bearer(&claims));
    let revoked = RevokedToken { tenant: claims.tenant_id, jti: claims.jti, expires_at: claims.exp };
    match cx.state.table.transaction(&acting).create(&revoked, REVOKED_BEFORE).commit(&NoContent).await {
        Err(error) if error.kind() == Kind::Conflict => Ok(()),
        other => other,
    }
}
