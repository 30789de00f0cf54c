//! Begins and ends sessions: each as long, and as many at once, as the person's roles allow.

use cloud::{Entity, Stored, Transaction};
use operation::{Call, Context, Data, NoContent};
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind};
use validation::types::Timestamp;

use crate::Auth;
use crate::attempts::{Attempts, admitted, later};
use crate::records::{ID_EXISTS, UserRecord};
use crate::roles::granted;
use crate::session::{SessionRecord, Sessions};
use crate::tokens::{Tokens, issue};

/// The sessions of one person, oldest first. An index says this a moment late; a limit needs it exactly. Sessions that
/// ended all at once may still stand here: they are older than all that go on.
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
}

impl Entity for SessionBook {
    const KIND: &'static str = "session-book";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.user_id
    }

    fn order(&self) -> String {
        String::new()
    }

    fn expires_at(&self) -> Option<i64> {
        self.begun.iter().map(|begun| begun.expires_at.unix_seconds()).max()
    }
}

/// Begins a session of a person who has proved who they are, and with it forgets failed attempts, ends the oldest
/// sessions when there are too many, and does whatever `with` adds; all of it or nothing.
pub async fn open(
    cx: &Context<Auth>,
    user: &UserRecord,
    multi_factor: bool,
    mut known: Option<Stored<Attempts>>,
    with: impl for<'a> Fn(Transaction<'a>) -> Transaction<'a> + Send,
) -> Result<Tokens, Error> {
    let table = &cx.state.table;
    let grant = granted(cx, user).await?;
    let lifetimes = cx.state.config.get::<Sessions>(&user.tenant).await?;
    let (mut session, token) = SessionRecord::begin(user, &lifetimes, &cx.now)?;
    session.multi_factor = multi_factor;
    if let Some(seconds) = grant.session_seconds {
        session.expires_at = session.expires_at.min(later(&cx.now, seconds));
    }
    let tokens = issue(cx, user, &session, &token, &lifetimes).await?;

    let answer = Data::new(tokens.clone());
    let acting = user.acting_in(cx);
    // Each round that loses was won by somebody, so more rounds than this are more log-ins than one person makes at once.
    const ROUNDS: usize = 20;
    for _ in 0..ROUNDS {
        let read = table.get::<SessionBook>(&user.tenant, &user.user_id).await?;
        let (book, ended) = make_room(cx, user, &session, read.as_ref(), grant.session_limit).await?;
        let begin = table.transaction(&acting).create(&session, ID_EXISTS).upsert(read.as_ref(), &book);
        let begin = ended.iter().fold(with(begin), Transaction::erase);
        let begin = known.iter().fold(begin, Transaction::erase);
        match begin.commit(&answer).await {
            // Another log-in of the same person, a refresh of what is being ended, or one more failed attempt.
            Err(error) if error.kind() == Kind::Conflict => known = admitted(cx, &user.email).await?,
            other => return other.map(|()| tokens),
        }
    }
    Err(ID_EXISTS.into())
}

/// The book with a new session in it, and the sessions that must end for that.
async fn make_room(
    cx: &Context<Auth>,
    user: &UserRecord,
    session: &SessionRecord,
    read: Option<&Stored<SessionBook>>,
    limit: Option<usize>,
) -> Result<(SessionBook, Vec<Stored<SessionRecord>>), Error> {
    let before = read.into_iter().flat_map(|book| &book.value.begun);
    let mut begun: Vec<Begun> = before.filter(|begun| begun.expires_at > cx.now).cloned().collect();
    let mut ended = Vec::new();
    let too_many = limit.map_or(0, |limit| (begun.len() + 1).saturating_sub(limit.max(1)));
    for oldest in begun.drain(..too_many) {
        let record = cx.state.table.get::<SessionRecord>(&user.tenant, &oldest.session_id).await?;
        ended.extend(record.filter(|record| record.value.of(user)));
    }
    begun.push(Begun { session_id: session.session_id.clone(), expires_at: session.expires_at.clone() });
    Ok((SessionBook { tenant: user.tenant.clone(), user_id: user.user_id.clone(), begun }, ended))
}

/// The book of a person whose sessions end but for one, as it was read and as it is then.
pub async fn alone(
    cx: &Context<Auth>,
    session: &SessionRecord,
) -> Result<(Option<Stored<SessionBook>>, SessionBook), Error> {
    let read = cx.state.table.get::<SessionBook>(&session.tenant, &session.user_id).await?;
    let begun = vec![Begun { session_id: session.session_id.clone(), expires_at: session.expires_at.clone() }];
    let book = SessionBook { tenant: session.tenant.clone(), user_id: session.user_id.clone(), begun };
    Ok((read, book))
}

/// Ends a session in the name of `call`, also when it is being refreshed at the same moment: then what was written last
/// is ended.
pub async fn end(cx: &Context<Auth>, call: &Call, read: Stored<SessionRecord>) -> Result<(), Error> {
    let table = &cx.state.table;
    let mut last = Some(read);
    while let Some(session) = last {
        let SessionRecord { tenant, user_id, session_id, .. } = &session.value;
        let book = table.get::<SessionBook>(tenant, user_id).await?;
        let mut change = table.transaction(call).erase(&session);
        if let Some(book) = &book {
            let mut others = book.value.clone();
            others.begun.retain(|begun| begun.session_id != *session_id);
            change = change.update(book, &others);
        }
        match change.commit(&NoContent).await {
            Err(error) if error.kind() == Kind::Conflict => {}
            other => return other,
        }
        last = table.get::<SessionRecord>(tenant, session_id).await?;
    }
    Ok(())
}
