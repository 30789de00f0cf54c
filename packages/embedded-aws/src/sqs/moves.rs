//! Moving messages out of a dead-letter queue. A task is done by the time it is answered.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Call;
use super::fault::Fault;
use super::messages::new_id;
use super::queues::sources;
use super::store::{self, Move, NewMessage, Queue};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Start {
    source_arn: Option<String>,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<i64>,
}

/// Moves what rests in a dead-letter queue to the given queue, or each message back to where it was received too often.
/// There, each is a new message.
pub(super) fn start(request: &Start, call: &mut Call<'_>) -> Result<Value, Fault> {
    const FASTEST: i64 = 500;
    let source_arn = request.source_arn.as_deref().ok_or_else(|| Fault::missing("SourceArn"))?;
    let gone = || Fault::no_resource("The resource that you specified for the SourceArn parameter doesn't exist.");
    let source = call.at(source_arn)?.ok_or_else(gone)?;
    if sources(&source, call)?.is_empty() {
        return Err(Fault::invalid("Source queue must be configured as a Dead Letter Queue."));
    }
    if let Some(rate) = request.max_number_of_messages_per_second.filter(|rate| !(1..=FASTEST).contains(rate)) {
        return Err(Fault::parameter("MaxNumberOfMessagesPerSecond", rate, "Must be between 1 and 500, if provided."));
    }
    let destination = match request.destination_arn.as_deref() {
        Some(arn) => Some(call.at(arn)?.ok_or_else(|| {
            Fault::no_resource("The resource that you specified for the DestinationArn parameter doesn't exist.")
        })?),
        None => None,
    };
    if destination.as_ref().is_some_and(|destination| destination.is_fifo() != source.is_fifo()) {
        return Err(Fault::invalid("Source and destination queues must be of the same type."));
    }
    let mut moved = 0;
    let mut failure = None;
    for kept in store::resting(call.db, source.id, call.now)? {
        let target: Option<Queue> = match (&destination, &kept.source) {
            (Some(destination), _) => Some(destination.clone()),
            (None, Some(arn)) => call.at(arn)?,
            (None, None) => None,
        };
        let Some(target) = target else {
            failure = Some("CouldNotDetermineMessageSource".to_owned());
            continue;
        };
        let message = NewMessage {
            id: &new_id()?,
            body: &kept.body,
            attributes: &kept.attributes,
            trace: kept.trace.as_deref(),
            group: kept.group.as_deref(),
            deduplication: kept.deduplication.as_deref(),
            sent: call.now,
            visible: call.now,
        };
        store::insert(call.db, target.id, &message)?;
        store::delete(call.db, kept.sequence)?;
        call.wake(&target);
        moved += 1;
    }
    let task = Move {
        handle: new_id()?,
        source: source_arn.to_owned(),
        destination: request.destination_arn.clone(),
        rate: request.max_number_of_messages_per_second,
        started: call.now,
        moved,
        failure,
    };
    store::remember_move(call.db, &task)?;
    Ok(json!({ "TaskHandle": task.handle }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    source_arn: Option<String>,
    max_results: Option<i64>,
}

pub(super) fn list(request: &List, call: &Call<'_>) -> Result<Value, Fault> {
    const MOST: i64 = 10;
    let arn = request.source_arn.as_deref().ok_or_else(|| Fault::missing("SourceArn"))?;
    if call.at(arn)?.is_none() {
        return Err(Fault::no_resource("The resource that you specified for the SourceArn parameter doesn't exist."));
    }
    let most = request.max_results.unwrap_or(1);
    if !(1..=MOST).contains(&most) {
        return Err(Fault::parameter("MaxResults", most, "Must be between 1 and 10, if provided."));
    }
    let results: Vec<Value> = store::moves(call.db, arn, most)?.into_iter().map(shape).collect();
    Ok(json!({ "Results": results }))
}

/// A handle is only told while a task can be cancelled, and none can.
fn shape(task: Move) -> Value {
    let mut shape = Map::new();
    let status = if task.failure.is_some() { "FAILED" } else { "COMPLETED" };
    shape.insert("Status".to_owned(), status.into());
    shape.insert("SourceArn".to_owned(), task.source.into());
    shape.insert("StartedTimestamp".to_owned(), task.started.into());
    shape.insert("ApproximateNumberOfMessagesMoved".to_owned(), task.moved.into());
    shape.insert("ApproximateNumberOfMessagesToMove".to_owned(), task.moved.into());
    let rest = [
        ("DestinationArn", task.destination.map(Value::from)),
        ("FailureReason", task.failure.map(Value::from)),
        ("MaxNumberOfMessagesPerSecond", task.rate.map(Value::from)),
    ];
    shape.extend(rest.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Value::Object(shape)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Cancel {
    task_handle: Option<String>,
}

pub(super) fn cancel(request: &Cancel, call: &Call<'_>) -> Result<Value, Fault> {
    let handle = request.task_handle.as_deref().ok_or_else(|| Fault::missing("TaskHandle"))?;
    match store::has_move(call.db, handle)? {
        true => Err(Fault::unsupported("Only active tasks can be cancelled.")),
        false => Err(Fault::no_resource("The task handle does not belong to a task.")),
    }
}
