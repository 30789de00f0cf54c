//! The answer to whoever has logged in or refreshed: an access token and a refresh token.

use config_client::Authentication;
use operation::{Claims, Context, random_id};
use policy::PLATFORM_TENANT;
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::Error;

use crate::Auth;
use crate::records::UserRecord;
use crate::roles::Grant;
use crate::secret::Secret;
use crate::session::{RefreshToken, SessionRecord, Sessions};

/// Tokens, as OAuth 2.0 names them (RFC 6749, section 5.1).
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    /// Goes into `Authorization: Bearer …`.
    #[schemars(length(min = 1, max = 8192))]
    pub access_token: Secret,
    /// Is good once, for new tokens.
    #[schemars(length(min = 1, max = 256))]
    pub refresh_token: Secret,
    /// How the access token is used.
    pub token_type: TokenType,
    /// Seconds for which the access token is good.
    #[schemars(range(min = 1, max = 3600))]
    pub expires_in: i64,
}

/// How an access token is used.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[schemars(inline)]
pub enum TokenType {
    /// By whoever bears it (RFC 6750).
    Bearer,
}

/// The tokens of a session of somebody whose roles give this much. No access token outlives its session. Where a role
/// asks for a second factor and the session has none, the token gives nothing but the person's own account, to set one
/// up with.
pub async fn issue(
    cx: &Context<Auth>,
    user: &UserRecord,
    grant: Grant,
    session: &SessionRecord,
    refresh_token: &RefreshToken,
    lifetimes: &Sessions,
) -> Result<Tokens, Error> {
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;
    let now = cx.now.unix_seconds();
    let expires_in = lifetimes.access_token_seconds.min(session.expires_at.unix_seconds() - now).max(1);
    let shut = grant.multi_factor_required && !session.multi_factor;
    let methods: &[&str] = if session.multi_factor { &["pwd", "otp", "mfa"] } else { &["pwd"] };
    let claims = Claims {
        iss: authentication.issuer.clone(),
        aud: authentication.audience.clone(),
        sub: user.user_id.clone(),
        exp: now + expires_in,
        iat: now,
        jti: random_id(),
        tenant_id: user.tenant.clone(),
        sid: session.session_id.clone(),
        auth_time: session.authenticated_at.unix_seconds(),
        amr: methods.iter().map(|method| (*method).to_owned()).collect(),
        roles: if shut { Vec::new() } else { user.roles.clone() },
        permissions: if shut { Vec::new() } else { grant.permissions },
    };
    Ok(Tokens {
        access_token: cx.state.issuer.sign(&claims).await?,
        refresh_token: refresh_token.to_secret(),
        token_type: TokenType::Bearer,
        expires_in,
    })
}
