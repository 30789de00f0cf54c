//! Answers an access token for a grant (RFC 6749, section 4): the credentials of a client, an authorization code,
//! or an API key. For everybody who holds one. Emits nothing.
//!
//! A client's token has the client's roles and speaks for the client; that of an API key speaks for its person, with
//! the roles of the key. A code gives a token for the person who agreed, with the roles that both have. None of them
//! ever counts as a fresh login, and none has a permission that its roles do not give any more.

use config_client::Authentication;
use garde::Validate;
use operation::{Bare, Claims, Context, Declaration, Dialect, Input, NoContent, Touch, random_id};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::api_keys::{claims, holder};
use crate::clients::{ClientRecord, OAuth};
use crate::oauth::{ClientHeaders, INVALID_CLIENT, INVALID_GRANT, UNSUPPORTED_GRANT_TYPE, client, invalid_request};
use crate::redeem_code::redeem;
use crate::roles::granted_to;
use crate::secret::Secret;
use crate::tokens::TokenType;

/// What a token is asked for with. Parameters that are not listed are ignored, as OAuth wants it.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct TokenRequest {
    /// [`CLIENT_CREDENTIALS`], [`AUTHORIZATION_CODE`] or [`API_KEY`].
    #[garde(length(chars, min = 1, max = 100))]
    pub grant_type: String,
    /// The client, if it does not prove itself in the header.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schemars(length(min = 1, max = 100))]
    pub client_id: Option<String>,
    /// Its secret.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    #[schemars(length(min = 1, max = 200))]
    pub client_secret: Option<Secret>,
    /// The key, for its grant.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    #[schemars(length(min = 1, max = 200))]
    pub api_key: Option<Secret>,
    /// The code, for its grant.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    #[schemars(length(min = 1, max = 200))]
    pub code: Option<Secret>,
    /// Where the code was sent to.
    #[garde(inner(length(chars, min = 1, max = 400)))]
    #[schemars(length(min = 1, max = 400))]
    pub redirect_uri: Option<String>,
    /// The secret that the code's challenge was made of (RFC 7636).
    #[garde(inner(length(chars, min = 43, max = 128)))]
    #[schemars(length(min = 43, max = 128))]
    pub code_verifier: Option<Secret>,
}

/// A token (RFC 6749, section 5.1).
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct IssuedToken {
    /// Goes into `Authorization: Bearer …`.
    #[schemars(length(min = 1, max = 8192))]
    pub access_token: Secret,
    /// How it is used.
    pub token_type: TokenType,
    /// Seconds for which it is good.
    #[schemars(range(min = 1, max = 86_400))]
    pub expires_in: i64,
    /// What it allows, as permissions with a space between.
    #[schemars(length(max = 4096))]
    pub scope: String,
    /// Who the person is, for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 8192))]
    pub id_token: Option<Secret>,
}

/// The grant type of a client that acts for itself.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";
/// The grant type of a client that acts for a person who agreed.
pub const AUTHORIZATION_CODE: &str = "authorization_code";
/// The grant type of an API key.
pub const API_KEY: &str = "urn:enver:oauth:grant-type:api-key";

pub const DECLARATION: Declaration = Declaration {
    summary: "Answers an access token for the credentials of a client, an authorization code or an API key",
    success: 200,
    policy: Policy::PUBLIC.limited(RateLimit::Webhook),
    errors: &[INVALID_CLIENT, INVALID_GRANT, UNSUPPORTED_GRANT_TYPE],
    audit: Some("oauth.token"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/oauth"),
        Touch::configured_by("technical/roles"),
        Touch::configured_by("technical/sessions"),
    ],
    dialect: Dialect::OAuth,
    ..Declaration::post("issueToken", "/auth/v1/oauth/token")
};

type Request = Input<Nothing, Nothing, TokenRequest, ClientHeaders>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Bare<IssuedToken>, Error> {
    let form = &input.body;
    let client = client(&cx, &input.headers, form.client_id.as_deref(), form.client_secret.as_ref()).await?;

    match form.grant_type.as_str() {
        CLIENT_CREDENTIALS => for_client(&cx, client.ok_or(INVALID_CLIENT)?).await,
        AUTHORIZATION_CODE => redeem(&cx, &client.ok_or(INVALID_CLIENT)?, form).await.map(Bare::new),
        API_KEY => {
            let key = form.api_key.as_ref().ok_or_else(|| invalid_request("This grant needs `api_key`."))?;
            for_api_key(&cx, key).await
        }
        _ => Err(UNSUPPORTED_GRANT_TYPE.into()),
    }
}

async fn for_client(cx: &Context<Auth>, client: ClientRecord) -> Result<Bare<IssuedToken>, Error> {
    let rules = cx.state.config.get::<OAuth>(&client.tenant).await?;
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;

    let now = cx.now.unix_seconds();
    let roles = client.role_names();
    let claims = Claims {
        iss: authentication.issuer.clone(),
        aud: authentication.audience.clone(),
        sub: client.client_id().0,
        exp: now + rules.client_token_seconds,
        iat: now,
        jti: random_id(),
        tenant_id: client.tenant.clone(),
        sid: String::new(),
        auth_time: 0,
        amr: Vec::new(),
        permissions: granted_to(&cx.state.config, &cx.state.table, &client.tenant, &roles).await?.permissions,
        roles,
    };

    let answer = issued(cx, &claims).await?;
    let acting = client.acting_in(cx);
    cx.state.table.transaction(&acting).commit(&NoContent).await?;

    Ok(Bare::new(answer))
}

async fn for_api_key(cx: &Context<Auth>, key: &Secret) -> Result<Bare<IssuedToken>, Error> {
    let (key, user) = holder(&cx.state.table, key.expose(), &cx.now).await?.ok_or(INVALID_GRANT)?;
    let claims = claims(&cx.state.config, &cx.state.table, &key, &user, &cx.now).await?;

    let answer = issued(cx, &claims).await?;
    let acting = user.acting_in(cx);
    cx.state.table.transaction(&acting).commit(&NoContent).await?;

    Ok(Bare::new(answer))
}

/// The answer that hands out these claims.
pub async fn issued(cx: &Context<Auth>, claims: &Claims) -> Result<IssuedToken, Error> {
    Ok(IssuedToken {
        access_token: cx.state.issuer.sign(claims).await?,
        token_type: TokenType::Bearer,
        expires_in: claims.exp - claims.iat,
        scope: claims.permissions.join(" "),
        id_token: None,
    })
}
