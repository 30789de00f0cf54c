//! The thread that owns the tables. Writes to SQLite go one after another anyway; here the threads that ask do not stand
//! in line for a lock but go on with other requests.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread::{Builder, JoinHandle};

use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use dynoxide::{DynoxideError, ttl};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::now;
use super::tokens::Tokens;

/// What a call works on.
pub(super) struct Tables {
    pub storage: Storage,
    pub vectors: VectorIndexLifecycle,
    pub tokens: Tokens,
}

type Job = Box<dyn FnOnce(&mut Tables) + Send>;

/// The tables, in a file or in memory, and the threads that keep them.
pub(super) struct Engine {
    file: Option<PathBuf>,
    /// Taken at the end, which ends the thread.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// How many statements stay compiled: those of a few tables and their indexes.
const STATEMENTS: usize = 256;
/// How many calls come between two looks of the housekeeper at the log.
const CALLS: usize = 64;

impl Engine {
    pub fn open(file: &Path) -> Result<Self, DynoxideError> {
        let path = file.to_str().ok_or_else(|| failed(format!("{} is not UTF-8", file.display())))?;
        let storage = Storage::new(path)?;
        // No wait for the disk at every commit: a process that is killed loses nothing, only a power failure can cost
        // the last moments. The log is copied into the file by the housekeeper, so that no call waits for that; only
        // when it has grown to 200 MB, because calls never paused, one does.
        storage.conn().execute_batch(
            "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 50000;
             PRAGMA journal_size_limit = 16777216;",
        )?;
        let housekeeper = housekeeper(Connection::open(path)?)?;
        Self::start(storage, Some(file.to_owned()), Some(housekeeper))
    }

    pub fn memory() -> Result<Self, DynoxideError> {
        Self::start(Storage::memory()?, None, None)
    }

    fn start(
        storage: Storage,
        file: Option<PathBuf>,
        housekeeper: Option<(SyncSender<()>, JoinHandle<()>)>,
    ) -> Result<Self, DynoxideError> {
        storage.conn().set_prepared_statement_cache_capacity(STATEMENTS);
        let tables = Tables { storage, vectors: VectorIndexLifecycle::new(), tokens: Tokens::default() };
        let (jobs, waiting) = mpsc::channel();
        let thread = Builder::new().name("tables".to_owned()).spawn(move || work(tables, &waiting, housekeeper));
        let thread = thread.map_err(|error| failed(error.to_string()))?;
        Ok(Self { file, jobs: Some(jobs), thread: Some(thread) })
    }

    /// Does this on the tables, in its turn. It is also done when nobody waits for it any more.
    pub async fn run<A: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Tables) -> Result<A, DynoxideError> + Send + 'static,
    ) -> Result<A, DynoxideError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |tables| {
            let _ = reply.send(call(tables));
        });
        if self.jobs.as_ref().is_none_or(|jobs| jobs.send(job).is_err()) {
            return Err(failed("the tables are closed".to_owned()));
        }
        answer.await.unwrap_or_else(|_| Err(failed("the call broke off".to_owned())))
    }

    /// Deletes the items whose time to live has passed.
    pub async fn sweep(&self) -> Result<usize, DynoxideError> {
        match self.file.clone() {
            // Over a connection of its own, which is given up after every few items: calls get their turn in between.
            Some(file) => {
                let sweep = tokio::task::spawn_blocking(move || {
                    let path = file.to_str().ok_or_else(|| failed(format!("{} is not UTF-8", file.display())))?;
                    now(ttl::sweep_expired_items(&Storage::new(path)?))
                });
                sweep.await.unwrap_or_else(|error| Err(failed(error.to_string())))
            }
            None => self.run(|tables| now(ttl::sweep_expired_items(&tables.storage))).await,
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // What broke off has been told to whoever waited.
            let _ = thread.join();
        }
    }
}

/// Does one call after another until nobody can ask any more.
fn work(mut tables: Tables, jobs: &Receiver<Job>, housekeeper: Option<(SyncSender<()>, JoinHandle<()>)>) {
    let mut calls = 0;
    while let Ok(job) = jobs.recv() {
        let done = catch_unwind(AssertUnwindSafe(|| job(&mut tables)));
        if done.is_err() && !tables.storage.conn().is_autocommit() {
            let _ = tables.storage.rollback();
        }
        calls += 1;
        if calls % CALLS == 0
            && let Some((due, _)) = &housekeeper
        {
            // Full: it is at it.
            let _ = due.try_send(());
        }
    }
    if let Some((due, thread)) = housekeeper {
        drop(due);
        let _ = thread.join();
    }
}

/// Copies the log into the file whenever it is told to.
fn housekeeper(connection: Connection) -> Result<(SyncSender<()>, JoinHandle<()>), DynoxideError> {
    connection.execute_batch("PRAGMA synchronous = NORMAL;")?;
    let (due, dues) = mpsc::sync_channel(1);
    let thread = Builder::new().name("housekeeper".to_owned()).spawn(move || {
        while dues.recv().is_ok() {
            // What it cannot do now it does the next time.
            let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    });
    Ok((due, thread.map_err(|error| failed(error.to_string()))?))
}

fn failed(why: String) -> DynoxideError {
    DynoxideError::InternalServerError(why)
}
