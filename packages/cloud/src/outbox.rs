//! The relay: events go from a table's outbox to the queues of those who subscribed, at least once.

use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};
use service_errors::Error;

use crate::table::Item;
use crate::{Queue, Table, failed};

/// What an event is made of, beside its key; the first is the key of the index.
const EVENT: [&str; 3] = ["outbox", "kind", "event"];
/// How many events are moved at once: the most that SendMessageBatch takes.
const BATCH: i32 = 10;
/// When to run again after events could not be removed.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Events of this type go to this queue.
#[derive(Debug, Clone)]
pub struct Route {
    /// The event type: `booking.created`.
    pub event: String,
    /// A subscriber's queue.
    pub queue: Queue,
}

/// Is shown every event that is moved, as its text.
pub type Watcher = Arc<dyn Fn(&str) + Send + Sync>;

/// Moves the events of one table.
#[derive(Clone)]
pub struct Relay {
    table: Table,
    routes: Vec<Route>,
    watcher: Option<Watcher>,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("table", &self.table).field("routes", &self.routes).finish_non_exhaustive()
    }
}

impl Relay {
    /// A relay for the outbox of `table`.
    pub fn new(table: Table, routes: Vec<Route>) -> Self {
        Self { table, routes, watcher: None }
    }

    /// The same, under the eyes of somebody who sees each event when the queues have taken it.
    pub fn watched_by(self, watcher: Watcher) -> Self {
        Self { watcher: Some(watcher), ..self }
    }

    /// Moves what stands in the outbox now, and says how many events that was. An event is removed only after every
    /// subscriber's queue has taken it; a crash in between sends it again, under the same id. Between batches of
    /// ten it waits for `pause`.
    pub async fn run<P: Future<Output = ()>>(&self, pause: impl Fn() -> P) -> Result<usize, Error> {
        let mut moved = 0;
        let mut start: Option<Item> = None;
        loop {
            let page = self
                .table
                .client
                .scan()
                .table_name(&self.table.name)
                .index_name("outbox")
                .limit(BATCH)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(failed)?;
            let events = page.items.unwrap_or_default();
            moved += events.len();
            self.send(&events).await?;
            self.remove(events).await?;
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(moved);
            }
            pause().await;
        }
    }

    /// Each event to every queue that subscribed to its type.
    async fn send(&self, events: &[Item]) -> Result<(), Error> {
        for route in &self.routes {
            let of_type = events.iter().filter(|event| field(event, "kind") == route.event);
            let bodies: Vec<String> = of_type.map(|event| field(event, "event").to_owned()).collect();
            for batch in batches(&bodies) {
                route.queue.send(batch).await?;
            }
        }
        if let Some(watcher) = &self.watcher {
            events.iter().for_each(|event| watcher(field(event, "event")));
        }
        Ok(())
    }

    /// Deletes events that stand alone, and takes the others out of their audit entries.
    async fn remove(&self, events: Vec<Item>) -> Result<(), Error> {
        if events.is_empty() {
            return Ok(());
        }
        let mut writes = Vec::with_capacity(events.len());
        for mut event in events {
            let write = WriteRequest::builder();
            writes.push(if event.contains_key("record") {
                EVENT.iter().for_each(|name| drop(event.remove(*name)));
                let put = PutRequest::builder().set_item(Some(event)).build().map_err(Error::internal)?;
                write.put_request(put).build()
            } else {
                event.retain(|name, _| name == "pk" || name == "sk");
                let delete = DeleteRequest::builder().set_key(Some(event)).build().map_err(Error::internal)?;
                write.delete_request(delete).build()
            });
        }
        let write = self.table.client.batch_write_item().request_items(&self.table.name, writes);
        match write.send().await.map_err(failed)?.unprocessed_items.unwrap_or_default().is_empty() {
            true => Ok(()),
            false => Err(Error::unavailable("some events could not be removed", RETRY_AFTER_SECONDS)),
        }
    }
}

fn field<'a>(event: &'a Item, name: &str) -> &'a str {
    event.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// As many at once as SQS takes: together at most a mebibyte.
fn batches(bodies: &[String]) -> impl Iterator<Item = &[String]> {
    const BYTES: usize = 1024 * 1024;
    let mut rest = bodies;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = rest.iter().take_while(|body| {
            bytes += body.len();
            bytes <= BYTES
        });
        let count = fits.count().max(usize::from(!rest.is_empty()));
        let (batch, after) = rest.split_at(count);
        rest = after;
        (!batch.is_empty()).then_some(batch)
    })
}
