//! What is kept of parameters, in SQLite: every version, up to the most that AWS keeps.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS versions (
        name TEXT NOT NULL,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        modified INTEGER NOT NULL,
        PRIMARY KEY (name, number)
    ) STRICT, WITHOUT ROWID;
";

/// How many versions of a parameter are kept.
const KEPT: i64 = 100;

pub(super) fn open(file: Option<&Path>) -> rusqlite::Result<Connection> {
    let connection = match file {
        Some(file) => Connection::open(file)?,
        None => Connection::open_in_memory()?,
    };
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

/// One version of a parameter.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub name: String,
    pub number: i64,
    /// `String` or `StringList`.
    pub kind: String,
    pub value: String,
    /// In milliseconds since 1970.
    pub modified: i64,
}

impl Version {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            name: row.get("name")?,
            number: row.get("number")?,
            kind: row.get("kind")?,
            value: row.get("value")?,
            modified: row.get("modified")?,
        })
    }
}

pub(super) fn latest(db: &Connection, name: &str) -> rusqlite::Result<Option<Version>> {
    let mut statement = db.prepare_cached("SELECT * FROM versions WHERE name = ?1 ORDER BY number DESC LIMIT 1")?;
    statement.query_row([name], Version::read).optional()
}

pub(super) fn version(db: &Connection, name: &str, number: i64) -> rusqlite::Result<Option<Version>> {
    let mut statement = db.prepare_cached("SELECT * FROM versions WHERE name = ?1 AND number = ?2")?;
    statement.query_row(params![name, number], Version::read).optional()
}

/// The latest versions of what stands below a path that ends with a stroke, after a name, by name.
pub(super) fn below(
    db: &Connection,
    path: &str,
    after: &str,
    recursive: bool,
    most: i64,
) -> rusqlite::Result<Vec<Version>> {
    let mut statement = db.prepare_cached(
        "SELECT * FROM versions AS one
         WHERE substr(name, 1, length(?1)) = ?1 AND name > ?2
           AND (?3 OR instr(substr(name, length(?1) + 1), '/') = 0)
           AND number = (SELECT max(number) FROM versions WHERE name = one.name)
         ORDER BY name LIMIT ?4",
    )?;
    let rows = statement.query_map(params![path, after, recursive, most], Version::read)?;
    rows.collect()
}

/// Keeps a new version, and forgets the oldest beyond the most that are kept.
pub(super) fn add(db: &Connection, version: &Version) -> rusqlite::Result<()> {
    let Version { name, number, kind, value, modified } = version;
    db.prepare_cached("INSERT INTO versions (name, number, kind, value, modified) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![name, number, kind, value, modified])?;
    db.prepare_cached("DELETE FROM versions WHERE name = ?1 AND number <= ?2")?
        .execute(params![name, number - KEPT])?;
    Ok(())
}

/// Forgets all versions. Returns how many there were.
pub(super) fn delete(db: &Connection, name: &str) -> rusqlite::Result<usize> {
    db.prepare_cached("DELETE FROM versions WHERE name = ?1")?.execute([name])
}
