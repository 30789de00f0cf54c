//! Sending, receiving, acknowledging.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::attributes;
use super::fault::Fault;
use super::message::{self, Attributes, LARGEST};
use super::store::{self, Kept, NewMessage, Queue};
use super::{ACCOUNT, Call};

/// How long a FIFO queue knows what was sent, in milliseconds.
const DEDUPLICATION_WINDOW: i64 = 5 * 60 * 1000;

/// The most entries of a batch.
const MOST_ENTRIES: usize = 10;

/// One message to send; an entry of a batch looks the same.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Send {
    queue_url: Option<String>,
    message_body: Option<String>,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: Option<Attributes>,
    #[serde(default)]
    message_system_attributes: Option<Attributes>,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

impl Send {
    fn size(&self) -> usize {
        let none = Attributes::new();
        let attributes = self.message_attributes.as_ref().unwrap_or(&none);
        message::size(self.message_body.as_deref().unwrap_or_default(), attributes)
    }
}

pub(super) fn send(request: &Send, call: &mut Call<'_>) -> Result<Value, Fault> {
    let queue = call.queue(request.queue_url.as_deref())?;
    send_to(&queue, request, call)
}

fn send_to(queue: &Queue, request: &Send, call: &mut Call<'_>) -> Result<Value, Fault> {
    let none = Attributes::new();
    let attached = request.message_attributes.as_ref().unwrap_or(&none);
    let system = request.message_system_attributes.as_ref().unwrap_or(&none);
    let body = request.message_body.as_deref().filter(|body| !body.is_empty());
    let body = body.ok_or_else(|| Fault::missing("MessageBody"))?;
    let most = attributes::number(&queue.attributes, "MaximumMessageSize");
    if i64::try_from(request.size()).unwrap_or(i64::MAX) > most {
        let message = format!("One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.");
        return Err(Fault::invalid(message));
    }
    message::contents(body)?;
    message::check(attached)?;
    let trace = trace(system)?;
    let delay = delay(queue, request)?;
    let (group, deduplication) = order(queue, request, body)?;

    let by_group = queue.attributes.get("DeduplicationScope").is_some_and(|scope| scope == "messageGroup");
    let scope = group.filter(|_| by_group).unwrap_or_default();
    let from = call.now - DEDUPLICATION_WINDOW;
    let known = match &deduplication {
        Some(deduplication) => store::duplicate(call.db, queue.id, scope, deduplication, from)?,
        None => None,
    };
    let (id, sequence) = match known {
        Some(known) => known,
        None => {
            let id = new_id()?;
            let attributes = serde_json::to_string(attached).map_err(|error| Fault::internal(error.to_string()))?;
            let message = NewMessage {
                id: &id,
                body,
                attributes: &attributes,
                trace,
                group,
                deduplication: deduplication.as_deref(),
                sent: call.now,
                visible: call.now + delay * 1000,
            };
            let sequence = store::insert(call.db, queue.id, &message)?;
            if deduplication.is_some() {
                store::remember(call.db, queue.id, scope, &message, sequence)?;
            }
            call.wake(queue);
            (id, sequence)
        }
    };
    let mut sent = Map::new();
    sent.insert("MessageId".to_owned(), id.into());
    sent.insert("MD5OfMessageBody".to_owned(), message::digest(body).into());
    if let Some(digest) = message::attributes_digest(attached) {
        sent.insert("MD5OfMessageAttributes".to_owned(), digest.into());
    }
    if let Some(digest) = message::attributes_digest(system) {
        sent.insert("MD5OfMessageSystemAttributes".to_owned(), digest.into());
    }
    if queue.is_fifo() {
        sent.insert("SequenceNumber".to_owned(), sequence_number(sequence).into());
    }
    Ok(Value::Object(sent))
}

/// The trace header, which is the only system attribute that may be sent.
fn trace(system: &Attributes) -> Result<Option<&str>, Fault> {
    match system.iter().find(|(name, it)| *name != "AWSTraceHeader" || it.data_type != "String") {
        Some((name, _)) => Err(Fault::invalid(format!("Message system attribute name '{name}' is invalid."))),
        None => Ok(system.values().next().and_then(|attribute| attribute.string_value.as_deref())),
    }
}

/// The delay in seconds. A FIFO queue has one delay for all.
fn delay(queue: &Queue, request: &Send) -> Result<i64, Fault> {
    const LONGEST: i64 = 900;
    match request.delay_seconds {
        Some(seconds) if !(0..=LONGEST).contains(&seconds) => {
            Err(Fault::parameter("DelaySeconds", seconds, "DelaySeconds must be >= 0 and <= 900."))
        }
        Some(seconds) if queue.is_fifo() && seconds != 0 => {
            Err(not_for_this_queue("DelaySeconds", &seconds.to_string()))
        }
        Some(seconds) if !queue.is_fifo() => Ok(seconds),
        _ => Ok(attributes::number(&queue.attributes, "DelaySeconds")),
    }
}

fn not_for_this_queue(name: &str, value: &str) -> Fault {
    Fault::parameter(name, value, "The request include parameter that is not valid for this queue type.")
}

/// The group and the deduplication id that hold for a message.
fn order<'a>(queue: &Queue, request: &'a Send, body: &str) -> Result<(Option<&'a str>, Option<String>), Fault> {
    let (group, given) = (request.message_group_id.as_deref(), request.message_deduplication_id.as_deref());
    for (name, value) in [("MessageGroupId", group), ("MessageDeduplicationId", given)] {
        const LONGEST: usize = 128;
        let fine = |text: &str| (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if let Some(text) = value.filter(|text| !fine(text)) {
            let reason =
                format!("{name} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
            return Err(Fault::parameter(name, text, &reason));
        }
    }
    if !queue.is_fifo() {
        return match given {
            Some(given) => Err(not_for_this_queue("MessageDeduplicationId", given)),
            None => Ok((group, None)),
        };
    }
    if group.is_none() {
        return Err(Fault::missing("MessageGroupId"));
    }
    let by_content = queue.attributes.get("ContentBasedDeduplication").is_some_and(|value| value == "true");
    match given {
        Some(given) => Ok((group, Some(given.to_owned()))),
        None if by_content => Ok((group, Some(message::hex(&Sha256::digest(body))))),
        None => Err(Fault::invalid(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        )),
    }
}

fn sequence_number(sequence: i64) -> String {
    // Twenty digits, as SQS gives them.
    const FIRST: u128 = 18_849_496_460_467_696_128;
    (FIRST + u128::from(sequence.unsigned_abs())).to_string()
}

fn random() -> Result<[u8; 16], Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Fault::internal(error.to_string()))?;
    Ok(bytes)
}

/// A random UUID.
pub(super) fn new_id() -> Result<String, Fault> {
    let mut bytes = random()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let parts = [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]];
    Ok(parts.map(message::hex).join("-"))
}

/// A batch of anything: entries with ids, on one queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", bound = "T: Deserialize<'de>")]
pub(super) struct Batch<T> {
    queue_url: Option<String>,
    #[serde(default)]
    entries: Vec<Entry<T>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Entry<T> {
    #[serde(rename = "Id")]
    id: Option<String>,
    #[serde(flatten)]
    request: T,
}

pub(super) fn send_batch(batch: &Batch<Send>, call: &mut Call<'_>) -> Result<Value, Fault> {
    let size = batch.entries.iter().map(|entry| entry.request.size()).sum();
    let queue = call.queue(batch.queue_url.as_deref())?;
    check_ids(batch)?;
    if size > LARGEST {
        return Err(Fault::batch_too_long(LARGEST, size));
    }
    Ok(each(batch, |request| send_to(&queue, request, call)))
}

/// What a batch may hold besides messages to send.
pub(super) trait OnMessage {
    fn with_queue(&self, url: Option<&str>) -> Self;
}

pub(super) fn batch<T: OnMessage>(
    batch: &Batch<T>,
    call: &mut Call<'_>,
    one: fn(&T, &mut Call<'_>) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    call.queue(batch.queue_url.as_deref())?;
    check_ids(batch)?;
    Ok(each(batch, |request| one(&request.with_queue(batch.queue_url.as_deref()), call)))
}

fn check_ids<T>(batch: &Batch<T>) -> Result<(), Fault> {
    const LONGEST: usize = 80;
    match batch.entries.len() {
        0 => return Err(Fault::empty_batch()),
        count if count > MOST_ENTRIES => return Err(Fault::too_many_entries(count)),
        _ => {}
    }
    let mut seen = BTreeSet::new();
    for entry in &batch.entries {
        let id = entry.id.as_deref().ok_or_else(|| Fault::missing("Id"))?;
        let letters = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !(1..=LONGEST).contains(&id.len()) || !letters {
            return Err(Fault::entry_id());
        }
        if !seen.insert(id) {
            return Err(Fault::entry_ids(id));
        }
    }
    Ok(())
}

/// Each entry succeeds or fails by itself.
fn each<T>(batch: &Batch<T>, mut run: impl FnMut(&T) -> Result<Value, Fault>) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in &batch.entries {
        match run(&entry.request) {
            Ok(mut done) => {
                done["Id"] = json!(entry.id);
                successful.push(done);
            }
            Err(fault) => failed.push(json!({
                "Id": entry.id, "SenderFault": true, "Code": fault.code, "Message": fault.message,
            })),
        }
    }
    json!({ "Successful": successful, "Failed": failed })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Receive {
    pub queue_url: Option<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    #[serde(default)]
    attribute_names: Option<Vec<String>>,
    #[serde(default)]
    message_system_attribute_names: Option<Vec<String>>,
    #[serde(default)]
    message_attribute_names: Option<Vec<String>>,
}

/// What there was to receive, and how long to wait if it was nothing.
pub(super) struct Received {
    pub messages: Vec<Value>,
    pub wait_seconds: i64,
    pub next_due: Option<i64>,
}

pub(super) fn receive(request: &Receive, call: &mut Call<'_>) -> Result<Received, Fault> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let within = |name: &str, value: Option<i64>, or: i64, least: i64, most: i64| {
        let value = value.unwrap_or(or);
        let reason = format!("Must be >= {least} and <= {most}, if provided.");
        let fine = (least..=most).contains(&value);
        if fine { Ok(value) } else { Err(Fault::parameter(name, value, &reason)) }
    };
    let holds = |name| attributes::number(&queue.attributes, name);
    let most = within("MaxNumberOfMessages", request.max_number_of_messages, 1, 1, 10)?;
    let hidden = within("VisibilityTimeout", request.visibility_timeout, holds("VisibilityTimeout"), 0, 43_200)?;
    let wait = holds("ReceiveMessageWaitTimeSeconds");
    let wait_seconds = within("WaitTimeSeconds", request.wait_time_seconds, wait, 0, 20)?;

    call.tend(&queue)?;
    let mut messages = Vec::new();
    for mut kept in store::due(call.db, &queue, call.now, most)? {
        let receipt = message::hex(&random()?);
        store::receive(call.db, kept.sequence, &receipt, call.now + hidden * 1000, call.now)?;
        kept.receives += 1;
        kept.first_received.get_or_insert(call.now);
        let handle = Handle { sequence: kept.sequence, receipt }.to_string();
        messages.push(request.shape(&kept, &queue, handle));
    }
    let next_due = if messages.is_empty() { store::next_due(call.db, queue.id, call.now)? } else { None };
    Ok(Received { messages, wait_seconds, next_due })
}

impl Receive {
    fn shape(&self, kept: &Kept, queue: &Queue, handle: String) -> Value {
        let mut shape = Map::new();
        shape.insert("MessageId".to_owned(), kept.id.as_str().into());
        shape.insert("ReceiptHandle".to_owned(), handle.into());
        shape.insert("Body".to_owned(), kept.body.as_str().into());
        shape.insert("MD5OfBody".to_owned(), message::digest(&kept.body).into());
        let system = self.system(kept, queue);
        if !system.is_empty() {
            shape.insert("Attributes".to_owned(), Value::Object(system));
        }
        let asked = self.message_attribute_names.as_deref().unwrap_or_default();
        let mut attached: Attributes = serde_json::from_str(&kept.attributes).unwrap_or_default();
        attached.retain(|name, _| asked.iter().any(|asked| asks_for(asked, name)));
        if let Some(digest) = message::attributes_digest(&attached) {
            shape.insert("MD5OfMessageAttributes".to_owned(), digest.into());
            shape.insert("MessageAttributes".to_owned(), json!(attached));
        }
        Value::Object(shape)
    }

    /// What SQS itself knows about a message, as far as it was asked for.
    fn system(&self, kept: &Kept, queue: &Queue) -> Map<String, Value> {
        let asked = [&self.attribute_names, &self.message_system_attribute_names];
        let asked: Vec<&String> = asked.into_iter().flatten().flatten().collect();
        let sequence = queue.is_fifo().then(|| sequence_number(kept.sequence));
        let all = [
            ("SenderId", Some(ACCOUNT.to_owned())),
            ("SentTimestamp", Some(kept.sent.to_string())),
            ("ApproximateReceiveCount", Some(kept.receives.to_string())),
            ("ApproximateFirstReceiveTimestamp", kept.first_received.map(|first| first.to_string())),
            ("SequenceNumber", sequence),
            ("MessageDeduplicationId", kept.deduplication.clone()),
            ("MessageGroupId", kept.group.clone()),
            ("AWSTraceHeader", kept.trace.clone()),
            ("DeadLetterQueueSourceArn", kept.source.clone()),
        ];
        let wanted = |name: &str| asked.iter().any(|asked| *asked == "All" || *asked == name);
        let known = all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
        known.filter(|(name, _)| wanted(name)).collect()
    }
}

/// `All`, `.*`, `order.*` or the name itself.
fn asks_for(asked: &str, name: &str) -> bool {
    asked == "All" || asked == name || asked.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
}

/// What a receive hands out, and what must be shown to delete or hide the message: its place and the receive's secret.
struct Handle {
    sequence: i64,
    receipt: String,
}

impl std::fmt::Display for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AQEB{:016x}{}", self.sequence, self.receipt)
    }
}

impl Handle {
    fn parse(text: Option<&str>) -> Result<Self, Fault> {
        let text = text.ok_or_else(|| Fault::missing("ReceiptHandle"))?;
        let parse = || {
            let (sequence, receipt) = text.strip_prefix("AQEB")?.split_at_checked(16)?;
            let hex = receipt.len() == 32 && receipt.bytes().all(|byte| byte.is_ascii_hexdigit());
            Some(Self { sequence: i64::from_str_radix(sequence, 16).ok()?, receipt: hex.then(|| receipt.to_owned())? })
        };
        parse().ok_or_else(|| Fault::receipt(text))
    }

    /// The message, if this is its latest receipt.
    fn message(&self, queue: &Queue, call: &Call<'_>) -> Result<Option<Kept>, Fault> {
        let kept = store::message(call.db, queue.id, self.sequence)?;
        Ok(kept.filter(|kept| kept.receipt.as_deref() == Some(self.receipt.as_str())))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Delete {
    queue_url: Option<String>,
    receipt_handle: Option<String>,
}

impl OnMessage for Delete {
    fn with_queue(&self, url: Option<&str>) -> Self {
        Self { queue_url: url.map(str::to_owned), ..self.clone() }
    }
}

/// Deleting what is gone already, or what someone else has received since, succeeds and does nothing.
pub(super) fn delete(request: &Delete, call: &mut Call<'_>) -> Result<Value, Fault> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let handle = Handle::parse(request.receipt_handle.as_deref())?;
    if let Some(kept) = handle.message(&queue, call)? {
        if queue.is_fifo() && kept.visible <= call.now {
            return Err(Fault::parameter("ReceiptHandle", handle, "The receipt handle has expired."));
        }
        store::delete(call.db, kept.sequence)?;
        // The rest of its group may be due now.
        call.wake(&queue);
    }
    Ok(json!({}))
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeVisibility {
    queue_url: Option<String>,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

impl OnMessage for ChangeVisibility {
    fn with_queue(&self, url: Option<&str>) -> Self {
        Self { queue_url: url.map(str::to_owned), ..self.clone() }
    }
}

pub(super) fn change_visibility(request: &ChangeVisibility, call: &mut Call<'_>) -> Result<Value, Fault> {
    const LONGEST: i64 = 43_200;
    let queue = call.queue(request.queue_url.as_deref())?;
    let handle = Handle::parse(request.receipt_handle.as_deref())?;
    let seconds = request.visibility_timeout.ok_or_else(|| Fault::missing("VisibilityTimeout"))?;
    if !(0..=LONGEST).contains(&seconds) {
        return Err(Fault::parameter("VisibilityTimeout", seconds, "Must be between 0 and 43200."));
    }
    let Some(kept) = handle.message(&queue, call)? else {
        let reason = "Message does not exist or is not available for visibility timeout change.";
        return Err(Fault::parameter("ReceiptHandle", handle, reason));
    };
    if kept.visible <= call.now {
        return Err(Fault::not_in_flight());
    }
    store::hide(call.db, kept.sequence, call.now + seconds * 1000)?;
    call.wake(&queue);
    Ok(json!({}))
}
