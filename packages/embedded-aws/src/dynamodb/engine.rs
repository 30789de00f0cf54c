//! The thread that owns the tables. Writes to SQLite go one after another anyway; here the threads that ask do not stand
//! in line for a lock but go on with other requests, and what waits together is committed together.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use dynoxide::DynoxideError;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use tokio::sync::oneshot;

use super::tokens::Tokens;

/// What a call works on.
pub(super) struct Tables {
    pub storage: Storage,
    pub vectors: VectorIndexLifecycle,
    pub tokens: Tokens,
    /// Whether a transaction is open that is not the call's own: then its `BEGIN`, `COMMIT` and `ROLLBACK` do nothing.
    grouped: Arc<AtomicBool>,
}

/// How a call shares the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It changes nothing.
    Read,
    /// It changes items, all it should or, when it fails, none.
    Write,
    /// It does more, and others must not depend on how it ends.
    Alone,
}

/// A call in waiting.
struct Job {
    turn: Turn,
    call: Box<dyn FnOnce(&mut Tables) -> Done + Send>,
}

/// A call that is done and whose answer waits for the commit.
struct Done {
    is_fine: bool,
    /// Tells whoever asked, when told whether it was committed.
    tell: Box<dyn FnOnce(bool)>,
}

/// The tables, in a file or in memory, and the threads that keep them.
pub(super) struct Engine {
    /// Taken at the end, which ends the thread.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// How many statements stay compiled: those of a few tables and their indexes.
const STATEMENTS: usize = 256;
/// The most calls of one commit: the first of them waits for the last.
const TOGETHER: usize = 8;
/// How many calls make the log worth copying into the file once there is a pause, and how many without one. Copying
/// waits for the disk, and a disk that is busy with it may hold up a commit.
const WORTH: (usize, usize) = (512, 16_384);
/// How long a pause is.
const PAUSE: Duration = Duration::from_millis(200);

impl Engine {
    pub fn open(file: &Path) -> Result<Self, DynoxideError> {
        let path = file.to_str().ok_or_else(|| failed(format!("{} is not UTF-8", file.display())))?;
        let storage = Storage::new(path)?;
        // No wait for the disk at every commit: a process that is killed loses nothing, only a power failure can cost
        // the last moments. The log is copied into the file by the housekeeper; only when it has grown to 400 MB, because
        // calls never paused, one of them has to wait for that.
        storage.conn().execute_batch(
            "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;
             PRAGMA wal_autocheckpoint = 100000; PRAGMA journal_size_limit = 16777216;",
        )?;
        let housekeeper = Housekeeper::start(Connection::open(path)?)?;
        Self::start(storage, Some(housekeeper))
    }

    pub fn memory() -> Result<Self, DynoxideError> {
        Self::start(Storage::memory()?, None)
    }

    fn start(storage: Storage, housekeeper: Option<Housekeeper>) -> Result<Self, DynoxideError> {
        storage.conn().set_prepared_statement_cache_capacity(STATEMENTS);
        let grouped = Arc::new(AtomicBool::new(false));
        storage.conn().authorizer(Some(transactions(Arc::clone(&grouped))));
        let tables = Tables { storage, vectors: VectorIndexLifecycle::new(), tokens: Tokens::default(), grouped };
        let (jobs, waiting) = mpsc::channel();
        let thread = Builder::new().name("tables".to_owned()).spawn(move || work(tables, &waiting, housekeeper));
        Ok(Self { jobs: Some(jobs), thread: Some(thread.map_err(failed)?) })
    }

    /// Does this on the tables, in its turn. It is also done when nobody waits for it any more.
    pub async fn run<A: Send + 'static>(
        &self,
        turn: Turn,
        call: impl FnOnce(&mut Tables) -> Result<A, DynoxideError> + Send + 'static,
    ) -> Result<A, DynoxideError> {
        let (reply, answer) = oneshot::channel();
        let call = Box::new(move |tables: &mut Tables| {
            let answer = call(tables);
            let is_fine = answer.is_ok();
            let tell = move |committed: bool| {
                let answer = if committed { answer } else { answer.and(Err(failed("the commit failed"))) };
                let _ = reply.send(answer);
            };
            Done { is_fine, tell: Box::new(tell) }
        });
        if self.jobs.as_ref().is_none_or(|jobs| jobs.send(Job { turn, call }).is_err()) {
            return Err(failed("the tables are closed"));
        }
        answer.await.unwrap_or_else(|_| Err(failed("the call broke off")))
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

/// Lets a call's own statements about transactions pass, unless it is part of a group: then SQLite compiles them to
/// nothing. Each call of `dynoxide` begins and commits, and SQLite has no transactions within transactions.
fn transactions(grouped: Arc<AtomicBool>) -> impl FnMut(AuthContext<'_>) -> Authorization + Send + 'static {
    move |context| match context.action {
        AuthAction::Transaction { .. } if grouped.load(Ordering::Relaxed) => Authorization::Ignore,
        _ => Authorization::Allow,
    }
}

/// Does calls until nobody can ask any more.
fn work(mut tables: Tables, jobs: &Receiver<Job>, housekeeper: Option<Housekeeper>) {
    let mut calls = 0;
    loop {
        let first = match jobs.recv_timeout(if calls < WORTH.0 { Duration::MAX } else { PAUSE }) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let paused = first.is_none();
        let mut group = Group { tables: &mut tables, waiting: Vec::new(), is_open: false };
        for job in first.into_iter().chain(jobs.try_iter().take(TOGETHER - 1)) {
            group.take(job);
            calls += 1;
        }
        group.commit();
        if paused || calls >= WORTH.1 {
            calls = 0;
            housekeeper.as_ref().inspect(|housekeeper| housekeeper.wake());
        }
    }
}

/// Calls that are committed together.
struct Group<'a> {
    tables: &'a mut Tables,
    /// The answers that wait for the commit.
    waiting: Vec<Done>,
    is_open: bool,
}

impl Group<'_> {
    /// Does a call.
    fn take(&mut self, job: Job) {
        match job.turn {
            Turn::Read => {}
            Turn::Write if (self.is_open || self.begin()) && self.execute("SAVEPOINT one") => return self.write(job),
            Turn::Write | Turn::Alone => self.commit(),
        }
        let done = self.attempt(job);
        if !self.is_open && !self.tables.storage.conn().is_autocommit() {
            // It broke off within a transaction.
            let _ = self.tables.storage.rollback();
        }
        self.waiting.extend(done);
        if !self.is_open {
            self.commit();
        }
    }

    /// A call that fails leaves no trace and takes none of the others with it.
    fn write(&mut self, job: Job) {
        let done = self.attempt(job);
        if done.as_ref().is_none_or(|done| !done.is_fine) {
            self.execute("ROLLBACK TO one");
        }
        self.waiting.extend(done);
        if !self.execute("RELEASE one") {
            // SQLite has rolled everything back, as it does when the disk is full.
            self.commit();
        }
    }

    /// Does a call; a panic is nobody's but its own.
    fn attempt(&mut self, job: Job) -> Option<Done> {
        catch_unwind(AssertUnwindSafe(|| (job.call)(self.tables))).ok()
    }

    /// Opens the group's transaction. Where that is not possible, calls open their own.
    fn begin(&mut self) -> bool {
        self.is_open = self.tables.storage.begin_transaction().is_ok();
        self.tables.grouped.store(self.is_open, Ordering::Relaxed);
        self.is_open
    }

    /// Commits, and answers.
    fn commit(&mut self) {
        let mut committed = true;
        if std::mem::take(&mut self.is_open) {
            self.tables.grouped.store(false, Ordering::Relaxed);
            committed = self.tables.storage.commit().is_ok();
            if !committed {
                let _ = self.tables.storage.rollback();
                // What they stand for did not happen.
                self.tables.tokens = Tokens::default();
            }
        }
        self.waiting.drain(..).for_each(|done| (done.tell)(committed));
    }

    fn execute(&self, statement: &str) -> bool {
        let prepared = self.tables.storage.conn().prepare_cached(statement);
        prepared.is_ok_and(|mut statement| statement.execute([]).is_ok())
    }
}

/// The thread that copies the log into the file.
struct Housekeeper {
    due: SyncSender<()>,
}

impl Housekeeper {
    fn start(connection: Connection) -> Result<Self, DynoxideError> {
        connection.execute_batch("PRAGMA synchronous = NORMAL")?;
        let (due, dues) = mpsc::sync_channel(1);
        let keep = move || {
            while dues.recv().is_ok() {
                // What it cannot do now it does the next time.
                let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            }
        };
        Builder::new().name("housekeeper".to_owned()).spawn(keep).map_err(failed)?;
        Ok(Self { due })
    }

    fn wake(&self) {
        // Full: it is at it.
        let _ = self.due.try_send(());
    }
}

fn failed(why: impl ToString) -> DynoxideError {
    DynoxideError::InternalServerError(why.to_string())
}
