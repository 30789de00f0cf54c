//! The queues on SQLite: what is stored, and the few statements that change it.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use serde_json::{Map, Value};

use super::Fault;

/// The open database.
pub(crate) struct Store {
    pub connection: Connection,
}

/// A queue: its attributes as SQS writes them, all text.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub name: String,
    pub attributes: Map<String, Value>,
    pub created: i64,
}

/// A message as it lies in its queue. Times are milliseconds since 1970.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub sequence: i64,
    pub id: String,
    pub body: String,
    pub attributes: String,
    pub group: Option<String>,
    pub dedup: Option<String>,
    pub sent: i64,
    pub receives: i64,
    pub first_received: Option<i64>,
    pub source: Option<String>,
}

/// A message about to be stored.
pub(crate) struct NewMessage<'a> {
    pub id: &'a str,
    pub body: &'a str,
    pub attributes: &'a str,
    pub group: Option<&'a str>,
    pub dedup: Option<&'a str>,
    pub visible_at: i64,
}

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS queues (
        name TEXT PRIMARY KEY, attributes TEXT NOT NULL, tags TEXT NOT NULL, created INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS messages (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL,
        grp TEXT, dedup TEXT, sent INTEGER NOT NULL, visible_at INTEGER NOT NULL,
        receives INTEGER NOT NULL DEFAULT 0, first_received INTEGER, receipt TEXT, source TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_by_queue ON messages (queue, visible_at, sequence);
    CREATE INDEX IF NOT EXISTS messages_by_receipt ON messages (receipt) WHERE receipt IS NOT NULL;
    CREATE TABLE IF NOT EXISTS dedups (
        queue TEXT NOT NULL, dedup TEXT NOT NULL, until INTEGER NOT NULL, id TEXT NOT NULL, sequence INTEGER NOT NULL,
        PRIMARY KEY (queue, dedup)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS moves (
        handle TEXT PRIMARY KEY, source TEXT NOT NULL, destination TEXT, started INTEGER NOT NULL, moved INTEGER NOT NULL
    ) STRICT;
";

impl Store {
    pub fn open(file: Option<&Path>) -> rusqlite::Result<Self> {
        let connection = match file {
            Some(file) => Connection::open(file)?,
            None => Connection::open_in_memory()?,
        };
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection })
    }

    /// Does several things, or none of them.
    pub fn whole<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    pub fn queue(&self, name: &str) -> Result<Queue, Fault> {
        queue(&self.connection, name)?.ok_or_else(Fault::no_queue)
    }

    pub fn queues(&self, prefix: &str) -> Result<Vec<Queue>, Fault> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, attributes, created FROM queues WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name",
        )?;
        let rows = statement.query_map([prefix], read_queue)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub fn put_queue(&self, queue: &Queue, tags: &Value) -> Result<(), Fault> {
        self.connection.execute(
            "INSERT INTO queues (name, attributes, tags, created) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET attributes = excluded.attributes, tags = excluded.tags",
            params![queue.name, Value::Object(queue.attributes.clone()).to_string(), tags.to_string(), queue.created],
        )?;
        Ok(())
    }

    pub fn tags(&self, name: &str) -> Result<Value, Fault> {
        let text: Option<String> = self
            .connection
            .query_row("SELECT tags FROM queues WHERE name = ?1", [name], |row| row.get(0))
            .optional()?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    pub fn delete_queue(&mut self, name: &str) -> Result<(), Fault> {
        self.whole(|connection| {
            for table in ["messages", "dedups"] {
                connection.execute(&format!("DELETE FROM {table} WHERE queue = ?1"), [name])?;
            }
            connection.execute("DELETE FROM queues WHERE name = ?1", [name])?;
            Ok(())
        })
    }

    /// How many messages are visible, in flight and delayed.
    pub fn counts(&self, queue: &str, now: i64) -> Result<(i64, i64, i64), Fault> {
        Ok(self.connection.query_row(
            "SELECT count(*) FILTER (WHERE visible_at <= ?2),
                    count(*) FILTER (WHERE visible_at > ?2 AND receives > 0),
                    count(*) FILTER (WHERE visible_at > ?2 AND receives = 0)
             FROM messages WHERE queue = ?1",
            params![queue, now],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?)
    }

    /// When the next hidden message becomes visible.
    pub fn next_visible(&self, queue: &str, now: i64) -> Result<Option<i64>, Fault> {
        Ok(self.connection.query_row(
            "SELECT min(visible_at) FROM messages WHERE queue = ?1 AND visible_at > ?2",
            params![queue, now],
            |row| row.get(0),
        )?)
    }
}

pub(crate) fn queue(connection: &Connection, name: &str) -> Result<Option<Queue>, Fault> {
    Ok(connection
        .prepare_cached("SELECT name, attributes, created FROM queues WHERE name = ?1")?
        .query_row([name], read_queue)
        .optional()?)
}

fn read_queue(row: &Row<'_>) -> rusqlite::Result<Queue> {
    let attributes: String = row.get(1)?;
    Ok(Queue {
        name: row.get(0)?,
        attributes: serde_json::from_str(&attributes).unwrap_or_default(),
        created: row.get(2)?,
    })
}

/// Stores a message and says its sequence number; within the window, an equal one is only named again.
pub(crate) fn insert(
    connection: &Connection,
    queue: &str,
    message: &NewMessage<'_>,
    now: i64,
) -> Result<(String, i64), Fault> {
    const DEDUPLICATION_MILLIS: i64 = 300_000;
    if let Some(dedup) = message.dedup {
        let known = connection
            .prepare_cached("SELECT id, sequence FROM dedups WHERE queue = ?1 AND dedup = ?2 AND until > ?3")?
            .query_row(params![queue, dedup, now], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
    }
    connection
        .prepare_cached(
            "INSERT INTO messages (queue, id, body, attributes, grp, dedup, sent, visible_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            queue,
            message.id,
            message.body,
            message.attributes,
            message.group,
            message.dedup,
            now,
            message.visible_at
        ])?;
    let sequence = connection.last_insert_rowid();
    if let Some(dedup) = message.dedup {
        connection.execute("DELETE FROM dedups WHERE queue = ?1 AND until <= ?2", params![queue, now])?;
        connection.execute(
            "INSERT OR REPLACE INTO dedups (queue, dedup, until, id, sequence) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![queue, dedup, now + DEDUPLICATION_MILLIS, message.id, sequence],
        )?;
    }
    Ok((message.id.to_owned(), sequence))
}

/// The next visible messages. In a FIFO queue a group with a message in flight waits, and a group keeps its order.
pub(crate) fn visible(
    connection: &Connection,
    queue: &str,
    fifo: bool,
    limit: usize,
    now: i64,
) -> Result<Vec<Message>, Fault> {
    let blocked = "AND NOT EXISTS (
        SELECT 1 FROM messages earlier
        WHERE earlier.queue = m.queue AND earlier.grp = m.grp AND earlier.visible_at > ?2 AND earlier.sequence < m.sequence
    )";
    let sql = format!(
        "SELECT sequence, id, body, attributes, grp, dedup, sent, receives, first_received, source
         FROM messages m WHERE queue = ?1 AND visible_at <= ?2 {} ORDER BY sequence LIMIT ?3",
        if fifo { blocked } else { "" }
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![queue, now, limit], |row| {
        Ok(Message {
            sequence: row.get(0)?,
            id: row.get(1)?,
            body: row.get(2)?,
            attributes: row.get(3)?,
            group: row.get(4)?,
            dedup: row.get(5)?,
            sent: row.get(6)?,
            receives: row.get(7)?,
            first_received: row.get(8)?,
            source: row.get(9)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Moves a message to another queue, where it begins anew.
pub(crate) fn move_to(connection: &Connection, sequence: i64, queue: &str, source: &str, now: i64) -> Result<(), Fault> {
    connection.execute(
        "UPDATE messages SET queue = ?2, source = ?3, visible_at = ?4, receives = 0, first_received = NULL, receipt = NULL
         WHERE sequence = ?1",
        params![sequence, queue, source, now],
    )?;
    Ok(())
}
