//! The relay: events go from a table's outbox to the queues of those who subscribed, at least once.

use aws_sdk_dynamodb::types::AttributeValue;
use service_errors::Error;

use crate::table::Item;
use crate::{Queue, Table, failed};

/// Events of this type go to this queue.
#[derive(Debug, Clone)]
pub struct Route {
    /// The event type: `booking.created`.
    pub event: &'static str,
    /// A subscriber's queue.
    pub queue: Queue,
}

/// Moves the events of one table.
#[derive(Debug, Clone)]
pub struct Relay {
    table: Table,
    routes: Vec<Route>,
}

impl Relay {
    /// A relay for the outbox of `table`.
    pub fn new(table: Table, routes: Vec<Route>) -> Self {
        Self { table, routes }
    }

    /// Moves what stands in the outbox now, and says how many events that was. An event is removed only after every
    /// subscriber's queue has taken it; a crash in between sends it again, under the same id.
    pub async fn run(&self) -> Result<usize, Error> {
        let mut moved = 0;
        let mut start: Option<Item> = None;
        loop {
            let page = self
                .table
                .client
                .scan()
                .table_name(&self.table.name)
                .index_name("outbox")
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(failed)?;
            for entry in page.items.unwrap_or_default() {
                self.relay(&entry).await?;
                moved += 1;
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(moved);
            }
        }
    }

    async fn relay(&self, entry: &Item) -> Result<(), Error> {
        let field = |name: &str| entry.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        let (kind, event) = (field("kind"), field("event"));
        for route in self.routes.iter().filter(|route| route.event == kind) {
            route.queue.send(std::slice::from_ref(&event)).await?;
        }
        self.table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .key("pk", AttributeValue::S(field("pk")))
            .key("sk", AttributeValue::S(field("sk")))
            .send()
            .await
            .map(drop)
            .map_err(failed)
    }
}
