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

/// The sessions that one person has begun, oldest first. An index says this a moment late; a limit needs it exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionBook {
    pub tenant: String,
    pub user_id: String,
    pub begun: Vec<Begun>,
}

/// A session that may be over, but not because its time is.
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
    if let Some(limit) = limit.filter(|limit| begun.len() >= *limit) {
        let mut alive = Vec::new();
        for entry in begun {
            let record = cx.state.table.get::<SessionRecord>(&user.tenant, &entry.session_id).await?;
            alive.extend(record.filter(|record| record.value.of(user)).map(|record| (entry, record)));
        }
        let too_many = (alive.len() + 1).saturating_sub(limit.max(1));
        ended = alive.drain(..too_many).map(|(_, record)| record).collect();
        begun = alive.into_iter().map(|(entry, _)| entry).collect();
    }
    begun.push(Begun { session_id: session.session_id.clone(), expires_at: session.expires_at.clone() });
    Ok((SessionBook { tenant: user.tenant.clone(), user_id: user.user_id.clone(), begun }, ended))
}

/// Ends a session in the name of `call`, also when it is being refreshed at the same moment: then what was written last
/// is ended.
pub async fn end(cx: &Context<Auth>, call: &Call, read: Stored<SessionRecord>) -> Result<(), Error> {
    let mut last = Some(read);
    while let Some(session) = last {
        match cx.state.table.transaction(call).erase(&session).commit(&NoContent).await {
            Err(error) if error.kind() == Kind::Conflict => {}
            other => return other,
        }
        last = cx.state.table.get::<SessionRecord>(&session.value.tenant, &session.value.session_id).await?;
    }
    Ok(())
}
