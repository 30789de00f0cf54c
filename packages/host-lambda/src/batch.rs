//! A batch of a queue: each message to its consumer, and back which of them have to come again.

use cloud::Platform;
use operation::{Delivery, Hosted};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Fault;
use crate::function::tell;

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    #[serde(default)]
    body: String,
    #[serde(rename = "eventSourceARN", default)]
    queue: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    batch_item_failures: Vec<Failure>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

/// Delivers a batch. A message that failed comes again, and after as many times as its consumer declares it becomes a
/// dead letter; so does one that can never succeed. In an ordered queue nothing overtakes a message that failed.
pub(crate) async fn deliver(
    platform: &Platform,
    service: &dyn Hosted,
    consumer: &str,
    event: Value,
) -> Result<Value, Fault> {
    let unusable = |why: serde_json::Error| Fault::Event { expected: "a batch of SQS", why: why.to_string() };
    let batch: Batch = serde_json::from_value(event).map_err(unusable)?;
    let mut outcome = Outcome::default();
    for Record { message_id, body, queue } in batch.records {
        let overtakes = queue.ends_with(".fifo") && !outcome.batch_item_failures.is_empty();
        let why = if overtakes {
            "one before it failed".to_owned()
        } else {
            match service.deliver(consumer, body.as_bytes()).await {
                Delivery::Done => continue,
                Delivery::Retry(error) => error.chain(),
                Delivery::Poison(why) => why,
            }
        };
        tell(platform, &format!("{consumer} could not take message {message_id}: {why}"));
        outcome.batch_item_failures.push(Failure { item_identifier: message_id });
    }
    serde_json::to_value(outcome).map_err(unusable)
}
