//! What is kept of the queues, in SQLite, and the statements that change it. Times are milliseconds since 1970.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::attributes::Attributes;
use super::fault::Fault;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    CREATE TABLE IF NOT EXISTS queues (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        attributes TEXT NOT NULL,
        tags TEXT NOT NULL,
        created INTEGER NOT NULL,
        modified INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS messages (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        queue INTEGER NOT NULL REFERENCES queues ON DELETE CASCADE,
        id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        trace TEXT,
        message_group TEXT,
        deduplication TEXT,
        source TEXT,
        sent INTEGER NOT NULL,
        visible INTEGER NOT NULL,
        receives INTEGER NOT NULL DEFAULT 0,
        first_received INTEGER,
        receipt TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_in_order ON messages (queue, sequence);
    CREATE INDEX IF NOT EXISTS messages_by_due ON messages (queue, visible);
    CREATE INDEX IF NOT EXISTS messages_by_age ON messages (queue, sent);
    CREATE INDEX IF NOT EXISTS messages_by_group ON messages (queue, message_group, visible)
        WHERE message_group IS NOT NULL;
    CREATE TABLE IF NOT EXISTS deduplications (
        queue INTEGER NOT NULL REFERENCES queues ON DELETE CASCADE,
        scope TEXT NOT NULL,
        deduplication TEXT NOT NULL,
        id TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        sent INTEGER NOT NULL,
        PRIMARY KEY (queue, scope, deduplication)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS deduplications_by_age ON deduplications (sent);
    CREATE TABLE IF NOT EXISTS moves (
        handle TEXT PRIMARY KEY,
        source TEXT NOT NULL,
        destination TEXT,
        rate INTEGER,
        started INTEGER NOT NULL,
        moved INTEGER NOT NULL,
        failure TEXT
    ) STRICT;
";

/// Opens the queues of a file, or of memory.
pub(crate) fn open(file: Option<&Path>) -> rusqlite::Result<Connection> {
    let connection = match file {
        Some(file) => Connection::open(file)?,
        None => Connection::open_in_memory()?,
    };
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

/// A queue.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub id: i64,
    pub name: String,
    /// Those that were set.
    pub attributes: Attributes,
    pub created: i64,
    pub modified: i64,
}

impl Queue {
    pub fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let attributes: String = row.get("attributes")?;
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            attributes: serde_json::from_str(&attributes).unwrap_or_default(),
            created: row.get("created")?,
            modified: row.get("modified")?,
        })
    }
}

pub(crate) fn queue(db: &Connection, name: &str) -> Result<Option<Queue>, Fault> {
    Ok(db.prepare_cached("SELECT * FROM queues WHERE name = ?1")?.query_row([name], Queue::read).optional()?)
}

/// All queues, in the order of their names.
pub(crate) fn queues(db: &Connection) -> Result<Vec<Queue>, Fault> {
    let mut statement = db.prepare_cached("SELECT * FROM queues ORDER BY name")?;
    let rows = statement.query_map([], Queue::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn create_queue(
    db: &Connection,
    name: &str,
    attributes: &Attributes,
    tags: &BTreeMap<String, String>,
    now: i64,
) -> Result<(), Fault> {
    db.execute(
        "INSERT INTO queues (name, attributes, tags, created, modified) VALUES (?1, ?2, ?3, ?4, ?4)",
        params![name, text(attributes)?, text(tags)?, now],
    )?;
    Ok(())
}

pub(crate) fn set_attributes(db: &Connection, queue: i64, attributes: &Attributes, now: i64) -> Result<(), Fault> {
    db.execute(
        "UPDATE queues SET attributes = ?2, modified = ?3 WHERE id = ?1",
        params![queue, text(attributes)?, now],
    )?;
    Ok(())
}

pub(crate) fn delete_queue(db: &Connection, queue: i64) -> Result<(), Fault> {
    db.execute("DELETE FROM queues WHERE id = ?1", [queue])?;
    Ok(())
}

pub(crate) fn tags(db: &Connection, queue: i64) -> Result<BTreeMap<String, String>, Fault> {
    let text: String = db.query_row("SELECT tags FROM queues WHERE id = ?1", [queue], |row| row.get(0))?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

pub(crate) fn set_tags(db: &Connection, queue: i64, tags: &BTreeMap<String, String>) -> Result<(), Fault> {
    db.execute("UPDATE queues SET tags = ?2 WHERE id = ?1", params![queue, text(tags)?])?;
    Ok(())
}

fn text(map: &BTreeMap<String, String>) -> Result<String, Fault> {
    serde_json::to_string(map).map_err(|error| Fault::internal(error.to_string()))
}

/// A message that is to be kept.
pub(crate) struct NewMessage<'a> {
    pub id: &'a str,
    pub body: &'a str,
    /// JSON.
    pub attributes: &'a str,
    pub trace: Option<&'a str>,
    pub group: Option<&'a str>,
    pub deduplication: Option<&'a str>,
    pub sent: i64,
    /// When it can be received.
    pub visible: i64,
}

/// Keeps a message and returns its sequence number, which only ever grows.
pub(crate) fn insert(db: &Connection, queue: i64, message: &NewMessage<'_>) -> Result<i64, Fault> {
    db.prepare_cached(
        "INSERT INTO messages (queue, id, body, attributes, trace, message_group, deduplication, sent, visible)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        queue,
        message.id,
        message.body,
        message.attributes,
        message.trace,
        message.group,
        message.deduplication,
        message.sent,
        message.visible
    ])?;
    Ok(db.last_insert_rowid())
}

/// The id and sequence number under which the same message was sent since `from`.
pub(crate) fn duplicate(
    db: &Connection,
    queue: i64,
    scope: &str,
    deduplication: &str,
    from: i64,
) -> Result<Option<(String, i64)>, Fault> {
    db.prepare_cached("DELETE FROM deduplications WHERE sent <= ?1")?.execute([from])?;
    Ok(db
        .prepare_cached(
            "SELECT id, sequence FROM deduplications WHERE queue = ?1 AND scope = ?2 AND deduplication = ?3",
        )?
        .query_row(params![queue, scope, deduplication], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

pub(crate) fn remember(
    db: &Connection,
    queue: i64,
    scope: &str,
    message: &NewMessage<'_>,
    sequence: i64,
) -> Result<(), Fault> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO deduplications (queue, scope, deduplication, id, sequence, sent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![queue, scope, message.deduplication, message.id, sequence, message.sent])?;
    Ok(())
}

/// A message that was kept.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub sequence: i64,
    pub id: String,
    pub body: String,
    /// JSON.
    pub attributes: String,
    pub trace: Option<String>,
    pub group: Option<String>,
    pub deduplication: Option<String>,
    /// The ARN of the queue in which it was received too often.
    pub source: Option<String>,
    pub sent: i64,
    pub visible: i64,
    pub receives: i64,
    pub first_received: Option<i64>,
    /// What the last receive handed out.
    pub receipt: Option<String>,
}

impl Kept {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            sequence: row.get("sequence")?,
            id: row.get("id")?,
            body: row.get("body")?,
            attributes: row.get("attributes")?,
            trace: row.get("trace")?,
            group: row.get("message_group")?,
            deduplication: row.get("deduplication")?,
            source: row.get("source")?,
            sent: row.get("sent")?,
            visible: row.get("visible")?,
            receives: row.get("receives")?,
            first_received: row.get("first_received")?,
            receipt: row.get("receipt")?,
        })
    }
}

/// One message of a queue.
pub(crate) fn message(db: &Connection, queue: i64, sequence: i64) -> Result<Option<Kept>, Fault> {
    Ok(db
        .prepare_cached("SELECT * FROM messages WHERE sequence = ?2 AND queue = ?1")?
        .query_row(params![queue, sequence], Kept::read)
        .optional()?)
}

/// What can be received, oldest first. In a FIFO queue, a group waits while one of its messages is in flight, and no
/// message overtakes an earlier one of its group that is still delayed.
pub(crate) fn due(db: &Connection, queue: &Queue, now: i64, most: i64) -> Result<Vec<Kept>, Fault> {
    const DUE: &str = "SELECT * FROM messages WHERE queue = ?1 AND visible <= ?2 ORDER BY sequence LIMIT ?3";
    const DUE_IN_ORDER: &str = "
        SELECT * FROM messages AS m WHERE queue = ?1 AND visible <= ?2 AND NOT EXISTS (
            SELECT 1 FROM messages AS other
            WHERE other.queue = ?1 AND other.message_group = m.message_group AND other.visible > ?2
              AND (other.receipt IS NOT NULL OR other.sequence < m.sequence)
        ) ORDER BY sequence LIMIT ?3";
    let mut statement = db.prepare_cached(if queue.is_fifo() { DUE_IN_ORDER } else { DUE })?;
    let rows = statement.query_map(params![queue.id, now, most], Kept::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Hides a message until `visible` and counts the receive.
pub(crate) fn receive(db: &Connection, sequence: i64, receipt: &str, visible: i64, now: i64) -> Result<(), Fault> {
    db.prepare_cached(
        "UPDATE messages SET receipt = ?2, visible = ?3, receives = receives + 1,
         first_received = coalesce(first_received, ?4) WHERE sequence = ?1",
    )?
    .execute(params![sequence, receipt, visible, now])?;
    Ok(())
}

/// Changes when a message can be received.
pub(crate) fn hide(db: &Connection, sequence: i64, visible: i64) -> Result<(), Fault> {
    db.prepare_cached("UPDATE messages SET visible = ?2 WHERE sequence = ?1")?.execute(params![sequence, visible])?;
    Ok(())
}

pub(crate) fn delete(db: &Connection, sequence: i64) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM messages WHERE sequence = ?1")?.execute([sequence])?;
    Ok(())
}

pub(crate) fn purge(db: &Connection, queue: i64) -> Result<(), Fault> {
    db.execute("DELETE FROM messages WHERE queue = ?1", [queue])?;
    Ok(())
}

/// Forgets what was sent before `sent`.
pub(crate) fn expire(db: &Connection, queue: i64, sent: i64) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM messages WHERE queue = ?1 AND sent < ?2")?.execute(params![queue, sent])?;
    Ok(())
}

/// Puts every message that was received often enough, and is in no one's hands, at the end of another queue. Returns
/// how many.
pub(crate) fn bury(
    db: &Connection,
    queue: &Queue,
    most_receives: i64,
    target: i64,
    source: &str,
    now: i64,
) -> Result<usize, Fault> {
    let dead: Vec<i64> = {
        let mut statement = db.prepare_cached(
            "SELECT sequence FROM messages WHERE queue = ?1 AND visible <= ?2 AND receives >= ?3 ORDER BY sequence",
        )?;
        let rows = statement.query_map(params![queue.id, now, most_receives], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    for sequence in &dead {
        db.prepare_cached(
            "INSERT INTO messages (queue, id, body, attributes, trace, message_group, deduplication, source, sent, visible)
             SELECT ?2, id, body, attributes, trace, message_group, deduplication, ?3, sent, ?4
             FROM messages WHERE sequence = ?1",
        )?
        .execute(params![sequence, target, source, now])?;
        delete(db, *sequence)?;
    }
    Ok(dead.len())
}

/// The messages of a queue that are in no one's hands, oldest first.
pub(crate) fn resting(db: &Connection, queue: i64, now: i64) -> Result<Vec<Kept>, Fault> {
    let mut statement =
        db.prepare_cached("SELECT * FROM messages WHERE queue = ?1 AND visible <= ?2 ORDER BY sequence")?;
    let rows = statement.query_map(params![queue, now], Kept::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the next message that cannot be received now can be.
pub(crate) fn next_due(db: &Connection, queue: i64, now: i64) -> Result<Option<i64>, Fault> {
    let mut statement = db.prepare_cached("SELECT min(visible) FROM messages WHERE queue = ?1 AND visible > ?2")?;
    Ok(statement.query_row(params![queue, now], |row| row.get(0))?)
}

/// How many messages can be received, are in flight, are delayed.
pub(crate) fn counts(db: &Connection, queue: i64, now: i64) -> Result<[i64; 3], Fault> {
    let mut statement = db.prepare_cached(
        "SELECT count(*) FILTER (WHERE visible <= ?2),
                count(*) FILTER (WHERE visible > ?2 AND receipt IS NOT NULL),
                count(*) FILTER (WHERE visible > ?2 AND receipt IS NULL)
         FROM messages WHERE queue = ?1",
    )?;
    Ok(statement.query_row(params![queue, now], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?)
}

/// A task that moved messages out of a dead-letter queue. It is done when it is kept.
pub(crate) struct Move {
    pub handle: String,
    pub source: String,
    pub destination: Option<String>,
    pub rate: Option<i64>,
    pub started: i64,
    pub moved: i64,
    pub failure: Option<String>,
}

pub(crate) fn remember_move(db: &Connection, task: &Move) -> Result<(), Fault> {
    db.execute(
        "INSERT INTO moves (handle, source, destination, rate, started, moved, failure)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![task.handle, task.source, task.destination, task.rate, task.started, task.moved, task.failure],
    )?;
    Ok(())
}

/// The tasks of a source, latest first.
pub(crate) fn moves(db: &Connection, source: &str, most: i64) -> Result<Vec<Move>, Fault> {
    let mut statement =
        db.prepare_cached("SELECT * FROM moves WHERE source = ?1 ORDER BY started DESC, rowid DESC LIMIT ?2")?;
    let rows = statement.query_map(params![source, most], |row| {
        Ok(Move {
            handle: row.get("handle")?,
            source: row.get("source")?,
            destination: row.get("destination")?,
            rate: row.get("rate")?,
            started: row.get("started")?,
            moved: row.get("moved")?,
            failure: row.get("failure")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn has_move(db: &Connection, handle: &str) -> Result<bool, Fault> {
    Ok(db.prepare_cached("SELECT 1 FROM moves WHERE handle = ?1")?.exists([handle])?)
}
