//! Begins and ends sessions: each as long, and as many at once, as the person's roles allow.

use cloud::{Entity, Stored, Transaction};
use operation::{Call, Context, Data, NoContent, Reply};
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind};
use validation::types::Timestamp;

use crate::Auth;
use crate::attempts::{Attempt, Attempts, attempts, later};
use crate::browser_session::BrowserSession;
use crate::records::{ID_EXISTS, UserRecord};
use crate::roles::granted;
use crate::session::{SessionRecord, Sessions};
use crate::tokens::{Tokens, issue};

/// The sessions of one person, with tokens or in browsers, oldest first. An index says this a moment late; a limit
/// needs it exactly. Sessions that ended all at once may still stand here: they are older than all that go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionBook {
    pub tenant: String,
    pub user_id: String,
    pub begun: Vec<Begun>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Begun {
    pub session_id: String,
    pub expires_at: Timestamp,
    /// Whether a browser logged in at the tenant's provider; otherwise somebody has tokens.
    #[serde(default)]
    pub browser: bool,
}

impl Entity for SessionBook {
    const KIND: &'static str = "session-book";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.user_id
    }

    fn expires_at(&self) -> Option<i64> {
        self.begun.iter().map(|begun| begun.expires_at.unix_seconds()).max()
    }
}

/// A session that stands in the book.
pub trait InBook: Entity {
    /// Whose it is.
    fn user_id(&self) -> &str;
}

/// Begins a session of a person who has proved who they are in this attempt, with their book as it was read, and does
/// whatever `with` adds.
pub async fn open(
    cx: &Context<Auth>,
    user: &UserRecord,
    multi_factor: bool,
    book: Option<Stored<SessionBook>>,
    attempt: Attempt,
    with: impl for<'a> Fn(Transaction<'a>) -> Transaction<'a> + Send + Sync,
) -> Result<Tokens, Error> {
    let grant = granted(cx, user).await?;
    let lifetimes = cx.state.config.get::<Sessions>(&user.tenant).await?;
    let (mut session, token) = SessionRecord::begin(user, &lifetimes, &cx.now)?;
    session.multi_factor = multi_factor;
    if let Some(seconds) = grant.session_seconds {
        session.expires_at = session.expires_at.min(later(&cx.now, seconds));
    }
    let limit = grant.session_limit;
    let tokens = issue(cx, user, grant, &session, &token, &lifetimes).await?;

    let begun =
        Begun { session_id: session.session_id.clone(), expires_at: session.expires_at.clone(), browser: false };
    let known = Some(attempt.into_known());
    let answer = Data::new(tokens.clone());
    begin(cx, user, &begun, limit, (book, known), &answer, |change| with(change.create(&session, ID_EXISTS))).await?;
    Ok(tokens)
}

/// Begins the session that `with` writes, and with it forgets failed attempts and ends the oldest sessions when there
/// are too many; all of it or nothing. What the person's book and the failed attempts were when they were read is what
/// the first try goes by.
pub async fn begin<R: Reply>(
    cx: &Context<Auth>,
    user: &UserRecord,
    begun: &Begun,
    limit: Option<usize>,
    (mut book, mut known): (Option<Stored<SessionBook>>, Option<Stored<Attempts>>),
    answer: &R,
    with: impl for<'a> Fn(Transaction<'a>) -> Transaction<'a> + Send + Sync,
) -> Result<(), Error> {
    let table = &cx.state.table;
    let acting = user.acting_in(cx);
    // Each round that loses was won by somebody, so more rounds than this are more log-ins than one person makes at once.
    const ROUNDS: usize = 20;
    for _ in 0..ROUNDS {
        let (next, ended) = make_room(cx, user, begun, book.as_ref(), limit);
        let change = with(table.transaction(&acting)).upsert(book.as_ref(), &next);
        let change = ended.iter().fold(change, |change, ended| ended.forgotten(&user.tenant, change));
        let change = known.iter().fold(change, Transaction::erase);
        match change.commit(answer).await {
            // Another log-in of the same person, a refresh of what is being ended, or one more attempt.
            Err(error) if error.kind() == Kind::Conflict => {
                book = book_of(cx, user).await?;
                if let Some(before) = known {
                    known = attempts(cx, &before.value.address).await?;
                }
            }
            other => return other,
        }
    }
    Err(ID_EXISTS.into())
}

/// The sessions of a person.
pub async fn book_of(cx: &Context<Auth>, user: &UserRecord) -> Result<Option<Stored<SessionBook>>, Error> {
    cx.state.table.get(&user.tenant, &user.user_id).await
}

/// The book with a new session in it, and the sessions that must end for that.
fn make_room(
    cx: &Context<Auth>,
    user: &UserRecord,
    new: &Begun,
    read: Option<&Stored<SessionBook>>,
    limit: Option<usize>,
) -> (SessionBook, Vec<Begun>) {
    let before = read.into_iter().flat_map(|book| &book.value.begun);
    let mut begun: Vec<Begun> = before.filter(|begun| begun.expires_at > cx.now).cloned().collect();
    let too_many = limit.map_or(0, |limit| (begun.len() + 1).saturating_sub(limit.max(1)));
    let ended = begun.drain(..too_many).collect();
    begun.push(new.clone());
    (SessionBook { tenant: user.tenant.clone(), user_id: user.user_id.clone(), begun }, ended)
}

impl Begun {
    /// Without it, whatever became of it meanwhile.
    fn forgotten<'a>(&self, tenant: &str, change: Transaction<'a>) -> Transaction<'a> {
        if self.browser {
            change.forget::<BrowserSession>(tenant, &self.session_id)
        } else {
            change.forget::<SessionRecord>(tenant, &self.session_id)
        }
    }
}

/// The book of a person whose sessions end but for one, as it was read and as it is then.
pub async fn alone(
    cx: &Context<Auth>,
    session: &SessionRecord,
) -> Result<(Option<Stored<SessionBook>>, SessionBook), Error> {
    let read = cx.state.table.get::<SessionBook>(&session.tenant, &session.user_id).await?;
    let begun =
        vec![Begun { session_id: session.session_id.clone(), expires_at: session.expires_at.clone(), browser: false }];
    let book = SessionBook { tenant: session.tenant.clone(), user_id: session.user_id.clone(), begun };
    Ok((read, book))
}

/// Ends a session in the name of `call`, also when it is being refreshed at the same moment: then what was written last
/// is ended.
pub async fn end<S: InBook>(cx: &Context<Auth>, call: &Call, read: Stored<S>) -> Result<(), Error> {
    let table = &cx.state.table;
    let mut last = Some(read);
    while let Some(session) = last {
        let (tenant, id) = (session.value.tenant(), session.value.id());
        let book = table.get::<SessionBook>(tenant, session.value.user_id()).await?;
        let mut change = table.transaction(call).erase(&session);
        if let Some(book) = &book {
            let mut others = book.value.clone();
            others.begun.retain(|begun| begun.session_id != id);
            change = change.update(book, &others);
        }
        match change.commit(&NoContent).await {
            Err(error) if error.kind() == Kind::Conflict => {}
            other => return other,
        }
        last = table.get::<S>(tenant, id).await?;
    }
    Ok(())
}
