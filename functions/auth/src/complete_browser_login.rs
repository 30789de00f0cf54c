//! Takes a browser back from its tenant's provider and begins its session. For the browser that was sent there. Emits
//! nothing.
//!
//! The person must be registered in the tenant under the address that the provider has verified, and not suspended. The
//! session lasts no longer than the person's roles allow, and is one of as many as they allow at once. Whatever is
//! wrong, there is one answer, and the login must be begun anew.

use config_client::Authentication;
use garde::Validate;
use http::header;
use operation::{Context, Declaration, Input, Redirect, Touch, random_id};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;
use validation::types::Timestamp;

use crate::Auth;
use crate::browser_session::{BrowserSession, CookieHeaders, LOGIN, LoginAttempt, SESSION, cookie};
use crate::credential::{Pointer, digest, matches, new_secret};
use crate::identity_provider::{BrowserLogin, IdClaims, ProviderRecord};
use crate::open_session::{Begun, begin, book_of};
use crate::records::{EmailRecord, ID_EXISTS, UserRecord};
use crate::roles::granted;
use crate::sealed::Sealed;
use crate::secret::Secret;
use crate::set_identity_provider::callback;

/// What the provider sends the browser back with. Parameters that are not listed are ignored, as OAuth wants it.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct CallbackQuery {
    /// As it was sent.
    #[garde(length(chars, min = 1, max = 200))]
    pub state: Secret,
    /// For tokens; absent when the provider refuses.
    #[garde(inner(length(chars, min = 1, max = 2000)))]
    #[schemars(length(min = 1, max = 2000))]
    pub code: Option<Secret>,
    /// Who answers (RFC 9207), if the provider says so.
    #[garde(inner(length(chars, min = 1, max = 300)))]
    #[schemars(length(min = 1, max = 300))]
    pub iss: Option<String>,
}

/// The one answer to everything that is wrong with a login.
pub const LOGIN_FAILED: Refusal =
    Refusal::new(Kind::Unauthorized, "LOGIN_FAILED", "The login did not succeed: begin it again.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Takes a browser back from its tenant's provider and begins its session",
    success: 302,
    policy: Policy::PUBLIC.limited(RateLimit::Strict),
    errors: &[LOGIN_FAILED, ID_EXISTS],
    audit: Some("auth.browser-login"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/browser-login"),
        Touch::configured_by("technical/roles"),
    ],
    ..Declaration::get("completeBrowserLogin", "/auth/v1/browser/callback")
};

type Request = Input<Nothing, CallbackQuery, Nothing, CookieHeaders>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Redirect, Error> {
    let table = &cx.state.table;
    let (pointer, state) = Pointer::with_secret(input.query.state.expose()).ok_or(LOGIN_FAILED)?;
    let read = table.get::<LoginAttempt>(&pointer.tenant, &pointer.id).await?.ok_or(LOGIN_FAILED)?;
    let attempt = &read.value;
    let browser = input.headers.get(LOGIN).map(|value| Secret::new(value.to_owned())).ok_or(LOGIN_FAILED)?;
    let is_it = matches(&attempt.state_digest, &state) & matches(&attempt.cookie_digest, &browser);
    let provider = table.get::<ProviderRecord>(&attempt.tenant, ProviderRecord::ID).await?.ok_or(LOGIN_FAILED)?.value;
    let answered_by_it = input.query.iss.as_ref().is_none_or(|issuer| *issuer == provider.issuer);
    if !is_it || !answered_by_it || attempt.expires_at <= cx.now {
        return Err(LOGIN_FAILED.into());
    }
    let code = input.query.code.ok_or(LOGIN_FAILED)?;
    let rules = cx.state.config.get::<BrowserLogin>(PLATFORM_TENANT).await?;
    let authentication = cx.state.config.get::<Authentication>(PLATFORM_TENANT).await?;

    let seal = cx.state.issuer.seal().await?;
    let verifier = attempt.verifier.open(&seal, &LoginAttempt::place(&attempt.tenant, &attempt.id))?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", &callback(&authentication)),
        ("code_verifier", verifier.expose()),
    ];
    let tokens = provider.tokens(cx.state.transport.as_ref(), &seal, &form).await?.ok_or(LOGIN_FAILED)?;
    let now = cx.now.unix_seconds();
    let id_token = tokens.id_token.as_ref().ok_or(LOGIN_FAILED)?;
    let claims = provider.claims(id_token, Some(attempt.nonce.expose()), now).ok_or(LOGIN_FAILED)?;
    let user = registered(&cx, &attempt.tenant, &claims).await?.ok_or(LOGIN_FAILED)?;
    let later = |seconds: i64| Timestamp::from_unix_millis(cx.now.unix_millis() + seconds * 1000);
    let grant = granted(&cx, &user).await?;
    let session_seconds =
        grant.session_seconds.map_or(rules.session_seconds, |allowed| allowed.min(rules.session_seconds));
    let (id, secret) = (random_id(), new_secret()?);
    let place = BrowserSession::place(&attempt.tenant, &id);
    let session = BrowserSession {
        tenant: attempt.tenant.clone(),
        id,
        digest: digest(&secret),
        user_id: user.user_id.clone(),
        epoch: user.session_epoch,
        subject: claims.sub,
        provider_session: claims.sid,
        access_token: Sealed::new(&tokens.access_token, &seal, &place)?,
        refresh_token: tokens.refresh_token.map(|token| Sealed::new(&token, &seal, &place)).transpose()?,
        access_expires_at: later(tokens.expires_in.unwrap_or_default()),
        began_at: cx.now.clone(),
        expires_at: later(session_seconds),
        refreshing_until: None,
    };

    let pointer = Pointer { tenant: session.tenant.clone(), id: session.id.clone() };
    let value = format!("{pointer}.{}", secret.expose());
    let answer = Redirect::to(&attempt.return_to).map_err(Error::internal)?;
    let answer = answer
        .with_header(header::SET_COOKIE, &cookie(SESSION, &value, session_seconds))
        .with_header(header::SET_COOKIE, &cookie(LOGIN, "", 0));
    let begun = Begun { session_id: session.id.clone(), expires_at: session.expires_at.clone(), browser: true };
    let book = book_of(&cx, &user).await?;
    begin(&cx, &user, &begun, grant.session_limit, (book, None), &answer, |change| {
        change.create(&session, ID_EXISTS).erase(&read).or(LOGIN_FAILED)
    })
    .await?;

    Ok(answer)
}

/// The person of the tenant whose address the provider has verified.
async fn registered(cx: &Context<Auth>, tenant: &str, claims: &IdClaims) -> Result<Option<UserRecord>, Error> {
    let Some(email) = claims.email.as_ref().filter(|_| claims.email_verified) else { return Ok(None) };
    let address = cx.state.table.get::<EmailRecord>(tenant, &email.to_ascii_lowercase()).await?;
    let Some(address) = address else { return Ok(None) };
    let user = cx.state.table.get::<UserRecord>(tenant, &address.value.user_id).await?.map(|user| user.value);
    Ok(user.filter(|user| !user.suspended))
}
