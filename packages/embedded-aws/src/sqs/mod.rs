//! SQS: its JSON protocol in front of queues in SQLite.

mod attributes;
mod clock;
mod fault;
mod message;
mod messages;
mod moves;
mod queues;
mod store;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Response, StatusCode};
use rusqlite::{Connection, TransactionBehavior};
use s3s::Body;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::endpoint::is_loopback;
use crate::recorder::{Access, Recorder, Resource};
use crate::router;
use clock::Clock;
use fault::Fault;
use store::Queue;

/// The most that a request may weigh, in bytes: the largest batch, and room for what JSON adds to it.
pub(crate) const LARGEST_BODY: usize = 8 * message::LARGEST;

/// The account that all queues belong to.
const ACCOUNT: &str = "000000000000";

/// All queues of one cloud.
pub(crate) struct Sqs {
    db: Mutex<Connection>,
    region: String,
    clock: Clock,
    /// Those who wait for a message, by the name of the queue.
    waiting: Mutex<HashMap<String, Arc<Notify>>>,
}

/// What one operation works with: a transaction that is kept if the operation succeeds, and the moment.
struct Call<'a> {
    db: &'a Connection,
    now: i64,
    region: &'a str,
    /// The host and port that the client used; queue URLs carry it.
    authority: &'a str,
    /// The queues in which a message may have become due.
    woken: BTreeSet<String>,
}

impl Sqs {
    pub fn open(file: Option<&Path>, region: String) -> Result<Self, rusqlite::Error> {
        Ok(Self { db: Mutex::new(store::open(file)?), region, clock: Clock::default(), waiting: Mutex::default() })
    }

    /// Moves the clock forward and wakes everybody who waits.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(|queue| queue.notify_waiters());
    }

    /// Answers one operation.
    pub async fn answer(
        &self,
        operation: &str,
        body: &[u8],
        authority: &str,
        recorder: Option<&Recorder>,
    ) -> Response<Body> {
        let answer = match recorder.map(|recorder| record(operation, body, recorder)) {
            _ if operation == "ReceiveMessage" => self.receive(body, authority).await,
            _ => self.call(authority, |call| run(operation, body, call)),
        };
        match answer {
            Ok(answer) => router::json(StatusCode::OK, answer.to_string()),
            Err(fault) => fault.answer(),
        }
    }

    /// Runs an operation whole or not at all, then wakes those who wait for what it did.
    fn call<T>(&self, authority: &str, run: impl FnOnce(&mut Call<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let woken = BTreeSet::new();
        let mut call = Call { db: &transaction, now: self.clock.now(), region: &self.region, authority, woken };
        let done = run(&mut call)?;
        let woken = call.woken;
        transaction.commit()?;
        drop(db);
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        woken.iter().filter_map(|name| waiting.get(name)).for_each(|queue| queue.notify_waiters());
        Ok(done)
    }

    /// Receives, and waits for the first message as long as the request or the queue says.
    async fn receive(&self, body: &[u8], authority: &str) -> Result<Value, Fault> {
        let request: messages::Receive = parse(body)?;
        let waiting = {
            let name = self.call(authority, |call| Ok(call.queue(request.queue_url.as_deref())?.name))?;
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(waiting.entry(name).or_default())
        };
        let (began, began_at) = (Instant::now(), self.clock.now());
        loop {
            let mut woken = std::pin::pin!(waiting.notified());
            // From here on nothing that is sent can be missed.
            woken.as_mut().enable();
            // Read before the look: what becomes due with the end of the wait is still found.
            let (waited, now) = (began.elapsed(), self.clock.now());
            let received = self.call(authority, |call| messages::receive(&request, call))?;
            let waits = millis(received.wait_seconds * 1000);
            let left = waits.saturating_sub(waited).min(waits.saturating_sub(millis(now - began_at)));
            if !received.messages.is_empty() || left.is_zero() {
                let none = received.messages.is_empty();
                return Ok(if none { json!({}) } else { json!({ "Messages": received.messages }) });
            }
            // What is delayed or hidden becomes due without anybody doing anything.
            let until_due = received.next_due.map_or(left, |due| millis(due - now).max(Duration::from_millis(1)));
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(left.min(until_due)) => {}
            }
        }
    }
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// One line per operation.
fn run(operation: &str, body: &[u8], call: &mut Call<'_>) -> Result<Value, Fault> {
    match operation {
        "CancelMessageMoveTask" => moves::cancel(&parse(body)?, call),
        "ChangeMessageVisibility" => messages::change_visibility(&parse(body)?, call),
        "ChangeMessageVisibilityBatch" => messages::batch(&parse(body)?, call, messages::change_visibility),
        "CreateQueue" => queues::create(parse(body)?, call),
        "DeleteMessage" => messages::delete(&parse(body)?, call),
        "DeleteMessageBatch" => messages::batch(&parse(body)?, call, messages::delete),
        "DeleteQueue" => queues::delete(&parse(body)?, call),
        "GetQueueAttributes" => queues::attributes(&parse(body)?, call),
        "GetQueueUrl" => queues::url(&parse(body)?, call),
        "ListDeadLetterSourceQueues" => queues::list_sources(&parse(body)?, call),
        "ListMessageMoveTasks" => moves::list(&parse(body)?, call),
        "ListQueueTags" => queues::tags(&parse(body)?, call),
        "ListQueues" => queues::list(&parse(body)?, call),
        "PurgeQueue" => queues::purge(&parse(body)?, call),
        "SendMessage" => messages::send(&parse(body)?, call),
        "SendMessageBatch" => messages::send_batch(&parse(body)?, call),
        "SetQueueAttributes" => queues::set_attributes(parse(body)?, call),
        "StartMessageMoveTask" => moves::start(&parse(body)?, call),
        "TagQueue" => queues::tag(parse(body)?, call),
        "UntagQueue" => queues::untag(&parse(body)?, call),
        _ => Err(Fault::unknown_operation(operation)),
    }
}

fn parse<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::malformed(&error))
}

/// Consuming is reading, although it takes messages away; asking for a URL or for names touches no queue.
fn record(operation: &str, body: &[u8], recorder: &Recorder) {
    let access = match operation {
        "GetQueueUrl" | "ListQueues" => return,
        "ChangeMessageVisibility"
        | "ChangeMessageVisibilityBatch"
        | "DeleteMessage"
        | "DeleteMessageBatch"
        | "GetQueueAttributes"
        | "ListDeadLetterSourceQueues"
        | "ListMessageMoveTasks"
        | "ListQueueTags"
        | "ReceiveMessage" => Access::Read,
        _ => Access::Write,
    };
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Named {
        queue_url: Option<String>,
        queue_name: Option<String>,
        source_arn: Option<String>,
    }
    let Ok(named) = serde_json::from_slice::<Named>(body) else { return };
    let given = named.queue_url.or(named.queue_name).or(named.source_arn).unwrap_or_default();
    let name = given.rsplit(['/', ':']).next().unwrap_or_default();
    recorder.add(Resource::Queue, name, access);
}

impl Call<'_> {
    /// The queue at this URL.
    fn queue(&self, url: Option<&str>) -> Result<Queue, Fault> {
        let url = url.ok_or_else(|| Fault::missing("QueueUrl"))?;
        let parsed: http::Uri = url.parse().map_err(|_| Fault::address(url))?;
        let name = match (parsed.host(), parsed.path().trim_start_matches('/').split_once('/')) {
            (Some(host), Some((_, name))) if is_loopback(host) && !name.contains('/') => name,
            _ => return Err(Fault::address(url)),
        };
        self.named(name)
    }

    fn named(&self, name: &str) -> Result<Queue, Fault> {
        store::queue(self.db, name)?.ok_or_else(Fault::no_queue)
    }

    /// The queue of this ARN, if there is one.
    fn at(&self, arn: &str) -> Result<Option<Queue>, Fault> {
        match arn.rsplit_once(':') {
            Some((place, name)) if place == self.arn("").trim_end_matches(':') => store::queue(self.db, name),
            _ => Ok(None),
        }
    }

    fn url(&self, name: &str) -> String {
        format!("http://{}/{ACCOUNT}/{name}", self.authority)
    }

    fn arn(&self, name: &str) -> String {
        format!("arn:aws:sqs:{}:{ACCOUNT}:{name}", self.region)
    }

    fn wake(&mut self, queue: &Queue) {
        self.woken.insert(queue.name.clone());
    }

    /// Forgets what is too old, and takes away what was received too often.
    fn tend(&mut self, queue: &Queue) -> Result<(), Fault> {
        let retention = attributes::number(&queue.attributes, "MessageRetentionPeriod") * 1000;
        store::expire(self.db, queue.id, self.now - retention)?;
        if let Some(redrive) = attributes::Redrive::of(&queue.attributes)
            && let Some(target) = self.at(&redrive.target_arn)?
        {
            let source = self.arn(&queue.name);
            if store::bury(self.db, queue, redrive.most_receives, target.id, &source, self.now)? > 0 {
                self.wake(&target);
            }
        }
        Ok(())
    }
}
