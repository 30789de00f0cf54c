//! Sends a browser to its tenant's provider to log in. For everybody. Emits nothing.
//!
//! What comes back is held against what is kept here: `state` says that the answer is to this question, a cookie that it
//! is the same browser, the nonce that the ID token was made for it, and PKCE that nobody else redeems the code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use config_client::Authentication;
use garde::Validate;
use http::header;
use operation::{Context, Declaration, Input, Redirect, Touch, random_id};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use sha2::{Digest, Sha256};
use validation::Nothing;
use validation::types::{TenantId, Timestamp};

use crate::Auth;
use crate::authorization::with_query;
use crate::browser_session::{LOGIN, LoginAttempt, cookie};
use crate::credential::{Pointer, digest, new_secret};
use crate::identity_provider::{BrowserLogin, ProviderRecord};
use crate::records::ID_EXISTS;
use crate::sealed::Sealed;
use crate::set_identity_provider::callback;

/// Who wants to log in, and where to go then.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginQuery {
    /// Whose provider.
    #[garde(dive)]
    pub tenant: TenantId,
    /// A path of this very origin; `/` when nothing is said.
    #[garde(inner(pattern("^/([A-Za-z0-9._~-][A-Za-z0-9._~/?=&%-]{0,300})?$")))]
    #[schemars(regex(pattern = r"^/([A-Za-z0-9._~-][A-Za-z0-9._~/?=&%-]{0,300})?$"))]
    pub return_to: Option<String>,
}

/// The tenant has no provider, or there is no such tenant.
pub const NO_PROVIDER: Refusal =
    Refusal::new(Kind::NotFound, "NO_PROVIDER", "There is no provider to log in at from a browser.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Sends a browser to its tenant's provider to log in",
    success: 302,
    policy: Policy::PUBLIC.limited(RateLimit::Strict),
    errors: &[NO_PROVIDER, ID_EXISTS],
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/browser-login")],
    ..Declaration::get("beginBrowserLogin", "/auth/v1/browser/login")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, LoginQuery>) -> Result<Redirect, Error> {
    let LoginQuery { tenant, return_to } = input.query;
    let provider = cx.state.table.get::<ProviderRecord>(&tenant.0, ProviderRecord::ID).await?;
    let provider = provider.ok_or(NO_PROVIDER)?.value;
    let rules = cx.state.config.get::<BrowserLogin>(PLATFORM_TENANT).await?;
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;

    let (state, browser, verifier) = (new_secret()?, new_secret()?, new_secret()?);
    let (id, seal) = (random_id(), cx.state.issuer.seal().await?);
    let place = LoginAttempt::place(&tenant.0, &id);
    let attempt = LoginAttempt {
        tenant: tenant.0,
        id,
        state_digest: digest(&state),
        cookie_digest: digest(&browser),
        nonce: new_secret()?,
        verifier: Sealed::new(&verifier, &seal, &place)?,
        return_to: return_to.unwrap_or_else(|| "/".to_owned()),
        expires_at: Timestamp::from_unix_millis(cx.now.unix_millis() + rules.attempt_seconds * 1000),
    };
    let pointer = Pointer { tenant: attempt.tenant.clone(), id: attempt.id.clone() };
    let address = with_query(
        &provider.authorization_endpoint,
        &[
            ("response_type", Some("code")),
            ("client_id", Some(&provider.client_id)),
            ("redirect_uri", Some(&callback(&authentication))),
            ("scope", Some("openid email")),
            ("state", Some(&format!("{pointer}.{}", state.expose()))),
            ("nonce", Some(attempt.nonce.expose())),
            ("code_challenge", Some(&URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose())))),
            ("code_challenge_method", Some("S256")),
        ],
    )?;

    let answer = Redirect::to(&address).map_err(Error::internal)?;
    let answer = answer.with_header(header::SET_COOKIE, &cookie(LOGIN, browser.expose(), rules.attempt_seconds));
    cx.state.table.transaction(&cx).create(&attempt, ID_EXISTS).commit(&answer).await?;

    Ok(answer)
}
