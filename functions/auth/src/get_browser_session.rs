//! Says who has logged in with this browser, with a provider's token that is fresh. For that browser. Emits nothing.
//!
//! The provider's token is replaced before it expires, by one caller at a time. Callers of this instance wait for their
//! turn and find it done; a lock on the record keeps other instances away, whose callers are asked to come again. When
//! the provider refuses, the session is over here too. So it is when its person was suspended, changed the password or
//! logged out everywhere since.

use cloud::Stored;
use operation::{Context, Data, Declaration, Input, NoContent, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::{Error, Kind};
use validation::Nothing;
use validation::types::Timestamp;

use crate::Auth;
use crate::browser_session::{BrowserSession, CookieHeaders, NO_SESSION, current};
use crate::domain::Email;
use crate::identity_provider::{BrowserLogin, ProviderRecord, ProviderTokens};
use crate::open_session::end;
use crate::records::UserRecord;
use crate::sealed::{Seal, Sealed};

/// Who has logged in, and until when.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BrowserUser {
    /// The tenant.
    #[schemars(length(min = 1, max = 100))]
    pub tenant_id: String,
    /// The person.
    #[schemars(length(min = 1, max = 100))]
    pub user_id: String,
    /// What the person is called.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// In lower case.
    pub email: Email,
    /// What the person may do.
    #[schemars(length(max = 10))]
    pub roles: Vec<String>,
    /// When the person has to log in again at the latest.
    pub expires_at: Timestamp,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Says who has logged in with this browser",
    policy: Policy::PUBLIC,
    errors: &[NO_SESSION],
    audit: Some("auth.browser-refresh"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/browser-login")],
    ..Declaration::get("getBrowserSession", "/auth/v1/browser/session")
};

type Request = Input<Nothing, Nothing, Nothing, CookieHeaders>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Data<BrowserUser>, Error> {
    let read = current(&cx, &input.headers).await?.ok_or(NO_SESSION)?;
    let user = cx.state.table.get::<UserRecord>(&read.value.tenant, &read.value.user_id).await?;
    let user = user.filter(|user| read.value.of(&user.value)).ok_or(NO_SESSION)?.value;
    let session = with_fresh_token(&cx, read).await?;

    Ok(Data::new(BrowserUser {
        tenant_id: user.tenant,
        user_id: user.user_id,
        name: user.name,
        email: Email(user.email),
        roles: user.roles,
        expires_at: session.expires_at,
    }))
}

/// The session with a token of the provider that is good for a while.
async fn with_fresh_token(cx: &Context<Auth>, read: Stored<BrowserSession>) -> Result<BrowserSession, Error> {
    let rules = cx.state.config.get::<BrowserLogin>(PLATFORM_TENANT).await?;
    let fresh = |session: &BrowserSession| session.access_expires_at > later(&cx.now, rules.refresh_ahead_seconds);
    if fresh(&read.value) {
        return Ok(read.value);
    }
    let turn = cx.state.turns.of(&read.value.id);
    let _mine = turn.lock().await;

    // Whoever was before has replaced it, or there is nothing to replace any more.
    let read = cx.state.table.get::<BrowserSession>(&read.value.tenant, &read.value.id).await?.ok_or(NO_SESSION)?;
    if fresh(&read.value) {
        return Ok(read.value);
    }
    // enver:allow(hardcoded-duration) only a hint to a caller while a dependency is down
    const RETRY_AFTER_SECONDS: u64 = 1;
    let elsewhere = || Error::unavailable("another instance replaces this token", RETRY_AFTER_SECONDS);
    if read.value.refreshing_until.as_ref().is_some_and(|until| *until > cx.now) {
        return Err(elsewhere());
    }
    let refreshing_until = Some(later(&cx.now, rules.refresh_lock_seconds));
    let locked = BrowserSession { refreshing_until, ..read.value.clone() };
    match cx.state.table.transaction(&quiet(cx)).update(&read, &locked).commit(&NoContent).await {
        Ok(()) => refresh(cx, Stored { value: locked, version: read.version + 1 }).await,
        Err(error) if error.kind() == Kind::Conflict => Err(elsewhere()),
        Err(error) => Err(error),
    }
}

/// Replaces the provider's token under the lock that `locked` holds.
async fn refresh(cx: &Context<Auth>, locked: Stored<BrowserSession>) -> Result<BrowserSession, Error> {
    let table = &cx.state.table;
    let seal = cx.state.issuer.seal().await?;
    let place = BrowserSession::place(&locked.value.tenant, &locked.value.id);
    let answered = ask(cx, &locked.value, &seal).await;
    let user = table.get::<UserRecord>(&locked.value.tenant, &locked.value.user_id).await?;
    let acting = user.map_or_else(|| quiet(cx), |user| user.value.acting_in(cx));
    match answered {
        Ok(Some(tokens)) => {
            let refresh_token = match &tokens.refresh_token {
                Some(token) => Some(Sealed::new(token, &seal, &place)?),
                None => locked.value.refresh_token.as_ref().map(|kept| kept.renewed(&seal, &place)).transpose()?,
            };
            let session = BrowserSession {
                access_token: Sealed::new(&tokens.access_token, &seal, &place)?,
                refresh_token,
                access_expires_at: later(&cx.now, tokens.expires_in.unwrap_or_default()),
                refreshing_until: None,
                ..locked.value.clone()
            };
            table.transaction(&acting).update(&locked, &session).or(NO_SESSION).commit(&NoContent).await?;
            Ok(session)
        }
        Ok(None) => {
            end(cx, &acting, locked).await?;
            Err(NO_SESSION.into())
        }
        Err(error) => {
            let open = BrowserSession { refreshing_until: None, ..locked.value.clone() };
            table.transaction(&quiet(cx)).update(&locked, &open).or(NO_SESSION).commit(&NoContent).await?;
            Err(error)
        }
    }
}

/// New tokens from the provider; `None` when it gives none any more.
async fn ask(cx: &Context<Auth>, session: &BrowserSession, seal: &Seal) -> Result<Option<ProviderTokens>, Error> {
    let Some(refresh_token) = &session.refresh_token else { return Ok(None) };
    let provider = cx.state.table.get::<ProviderRecord>(&session.tenant, ProviderRecord::ID).await?;
    let Some(provider) = provider else { return Ok(None) };
    let refresh_token = refresh_token.open(seal, &BrowserSession::place(&session.tenant, &session.id))?;
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
    provider.value.tokens(cx.state.transport.as_ref(), seal, &form).await
}

/// The call without an audit entry: a lock is nothing that anybody has done.
fn quiet(cx: &Context<Auth>) -> operation::Call {
    operation::Call::of_platform(cx.service, cx.operation, cx.environment, cx.now.clone())
}

fn later(moment: &Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_unix_millis(moment.unix_millis() + seconds * 1000)
}
