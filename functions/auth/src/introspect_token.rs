//! Says whether a token is good, and what it says (RFC 7662). For clients, about tokens of their own tenant. Emits
//! nothing.
//!
//! Whoever checks a signature by the key set learns of an end only when the token expires. This knows at once: the
//! session may be over, the person suspended, the client deleted, the token revoked. About any token that is not good,
//! whatever the reason, there is one answer.

use config_client::Authentication;
use operation::{Bare, Claims, Context, Declaration, Dialect, Input, NoContent, Touch, verify_token};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::{Error, Kind};
use validation::Nothing;

use crate::Auth;
use crate::clients::ClientRecord;
use crate::credential::Pointer;
use crate::oauth::{ClientHeaders, INVALID_CLIENT, client};
use crate::records::UserRecord;
use crate::revoke_token::{RevokedToken, TokenForm};
use crate::secret::Secret;
use crate::session::{Presented, RefreshToken, SessionRecord, Sessions};

/// What is known of a token; nothing but `active` when it is not good.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Introspection {
    /// Whether it is good now.
    pub active: bool,
    /// What it allows, as permissions with a space between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whom it speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The client it was given to, if it speaks for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// How an access token is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// Expiry, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Issue, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Audience.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// Issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The token's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Says whether a token is good, and what it says",
    success: 200,
    policy: Policy::PUBLIC.limited(RateLimit::Webhook).and(&["own-tenant-tokens"]),
    errors: &[INVALID_CLIENT],
    audit: Some("oauth.introspect"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/sessions")],
    dialect: Dialect::OAuth,
    ..Declaration::post("introspectToken", "/auth/v1/oauth/introspect")
};

type Request = Input<Nothing, Nothing, TokenForm, ClientHeaders>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Bare<Introspection>, Error> {
    let form = &input.body;
    let client = client(&cx, &input.headers, form.client_id.as_deref(), form.client_secret.as_ref()).await?;
    let client = client.ok_or(INVALID_CLIENT)?;

    let found = match RefreshToken::parse(&form.token) {
        Some(token) => refresh_token(&cx, &client.tenant, &token).await?,
        None => access_token(&cx, &client.tenant, &form.token).await?,
    };

    let acting = client.acting_in(&cx);
    cx.state.table.transaction(&acting).commit(&NoContent).await?;

    Ok(Bare::new(found.unwrap_or_default()))
}

async fn refresh_token(cx: &Context<Auth>, tenant: &str, token: &RefreshToken) -> Result<Option<Introspection>, Error> {
    if token.tenant != tenant {
        return Ok(None);
    }
    let Some(read) = cx.state.table.get::<SessionRecord>(tenant, &token.session_id).await? else { return Ok(None) };
    let lifetimes = cx.state.config.get::<Sessions>(tenant).await?;
    let session = read.value;
    let user = cx.state.table.get::<UserRecord>(tenant, &session.user_id).await?;
    let goes_on = user.is_some_and(|user| session.of(&user.value));
    if !goes_on || session.judge(token, &lifetimes, &cx.now) != Presented::Current {
        return Ok(None);
    }
    Ok(Some(Introspection {
        active: true,
        exp: Some(session.expires_at.unix_seconds()),
        iat: Some(session.refreshed_at.unix_seconds()),
        sub: Some(session.user_id),
        tenant_id: Some(session.tenant),
        ..Introspection::default()
    }))
}

async fn access_token(cx: &Context<Auth>, tenant: &str, token: &Secret) -> Result<Option<Introspection>, Error> {
    let Some(claims) = current(cx, token).await?.filter(|claims| claims.tenant_id == tenant) else { return Ok(None) };
    if cx.state.table.get::<RevokedToken>(tenant, &claims.jti).await?.is_some() || !stands(cx, &claims).await? {
        return Ok(None);
    }
    Ok(Some(Introspection {
        active: true,
        scope: Some(claims.permissions.join(" ")),
        client_id: Pointer::parse(&claims.sub).map(|pointer| pointer.to_string()),
        sub: Some(claims.sub),
        tenant_id: Some(claims.tenant_id),
        token_type: Some("Bearer"),
        exp: Some(claims.exp),
        iat: Some(claims.iat),
        aud: Some(claims.aud),
        iss: Some(claims.iss),
        jti: Some(claims.jti),
    }))
}

/// The claims of an access token of ours that has not expired.
pub async fn current(cx: &Context<Auth>, token: &Secret) -> Result<Option<Claims>, Error> {
    let claims = match verify_token(token.expose(), cx.state.issuer.as_ref()).await {
        Ok(claims) => claims,
        Err(error) if error.kind() == Kind::Unauthorized => return Ok(None),
        Err(error) => return Err(error),
    };
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;
    let ours = claims.iss == authentication.issuer && claims.aud == authentication.audience;
    Ok(Some(claims).filter(|claims| ours && claims.exp > cx.now.unix_seconds()))
}

/// Whether whom a token speaks for is still there to be spoken for: the client, or the person in their session.
async fn stands(cx: &Context<Auth>, claims: &Claims) -> Result<bool, Error> {
    if let Some(pointer) = Pointer::parse(&claims.sub) {
        return Ok(cx.state.table.get::<ClientRecord>(&pointer.tenant, &pointer.id).await?.is_some());
    }
    let user = cx.state.table.get::<UserRecord>(&claims.tenant_id, &claims.sub).await?.map(|user| user.value);
    match user {
        Some(user) => is_in(cx, &user, &claims.sid).await,
        None => Ok(false),
    }
}

/// Whether a person may be spoken for by a token of this session. An API key has none, and is asked for again so soon
/// that a key which was revoked is not looked for.
pub async fn is_in(cx: &Context<Auth>, user: &UserRecord, session: &str) -> Result<bool, Error> {
    if session.is_empty() {
        return Ok(!user.suspended);
    }
    let session = cx.state.table.get::<SessionRecord>(&user.tenant, session).await?.map(|session| session.value);
    let goes_on =
        |session: SessionRecord| session.user_id == user.user_id && session.expires_at > cx.now && session.of(user);
    Ok(session.is_some_and(goes_on))
}
