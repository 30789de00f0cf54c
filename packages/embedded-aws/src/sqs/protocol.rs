//! The operations of SQS (API version 2012-11-05) on the stored queues.

use md5::{Digest, Md5};
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};

use super::Fault;
use super::store::{Message, NewMessage, Queue, Store, insert, move_to, queue, visible};

/// Where the queues seem to be: the host the caller used, and the region.
pub(crate) struct Place<'a> {
    pub origin: &'a str,
    pub region: &'a str,
}

const ACCOUNT: &str = "000000000000";
/// The largest message, and the largest batch, in bytes.
const LARGEST: usize = 1024 * 1024;

impl Place<'_> {
    fn url(&self, queue: &str) -> String {
        format!("http://{}/{ACCOUNT}/{queue}", self.origin)
    }

    fn arn(&self, queue: &str) -> String {
        format!("arn:aws:sqs:{}:{ACCOUNT}:{queue}", self.region)
    }
}

/// Runs every operation but `ReceiveMessage`, which may wait.
pub(crate) fn run(store: &mut Store, operation: &str, request: &Value, place: &Place<'_>, now: i64) -> Result<Value, Fault> {
    match operation {
        "ChangeMessageVisibility" => change_visibility(store, request, now).map(|()| Value::Null),
        "ChangeMessageVisibilityBatch" => {
            batch(request, |entry| change_visibility(store, &with_queue(request, entry), now).map(|()| json!({})))
        }
        "CreateQueue" => create_queue(store, request, place, now),
        "DeleteMessage" => delete_message(store, request).map(|()| Value::Null),
        "DeleteMessageBatch" => batch(request, |entry| delete_message(store, &with_queue(request, entry)).map(|()| json!({}))),
        "DeleteQueue" => {
            let queue = named(store, request)?;
            store.delete_queue(&queue.name).map(|()| Value::Null)
        }
        "GetQueueAttributes" => get_attributes(store, request, place, now),
        "GetQueueUrl" => {
            let queue = store.queue(text(request, "QueueName")?)?;
            Ok(json!({ "QueueUrl": place.url(&queue.name) }))
        }
        "ListDeadLetterSourceQueues" => {
            let dead = place.arn(&named(store, request)?.name);
            let sources = store.queues("")?.into_iter().filter(|queue| redrive(queue).is_some_and(|(arn, _)| arn == dead));
            Ok(json!({ "queueUrls": sources.map(|queue| place.url(&queue.name)).collect::<Vec<_>>() }))
        }
        "ListMessageMoveTasks" => list_moves(store, request),
        "ListQueueTags" => Ok(json!({ "Tags": store.tags(&named(store, request)?.name)? })),
        "ListQueues" => {
            let queues = store.queues(request["QueueNamePrefix"].as_str().unwrap_or_default())?;
            Ok(json!({ "QueueUrls": queues.iter().map(|queue| place.url(&queue.name)).collect::<Vec<_>>() }))
        }
        "PurgeQueue" => {
            let queue = named(store, request)?;
            store.connection.execute("DELETE FROM messages WHERE queue = ?1", [&queue.name])?;
            Ok(Value::Null)
        }
        "SendMessage" => {
            let queue = named(store, request)?;
            store.whole(|connection| send(connection, &queue, request, now))
        }
        "SendMessageBatch" => send_batch(store, request, now),
        "SetQueueAttributes" => {
            let mut queue = named(store, request)?;
            queue.attributes.extend(attributes(request)?);
            let tags = store.tags(&queue.name)?;
            store.put_queue(&queue, &tags).map(|()| Value::Null)
        }
        "StartMessageMoveTask" => start_move(store, request, now),
        "TagQueue" | "UntagQueue" => tag(store, operation, request),
        _ => Err(Fault::new("InvalidAction", "InvalidAction", format!("The action {operation} is not valid."))),
    }
}

/// How long a receiver is willing to wait, in seconds.
pub(crate) fn wait(store: &Store, request: &Value) -> Result<u64, Fault> {
    const LONGEST: i64 = 20;
    let queue = named(store, request)?;
    let wait = match &request["WaitTimeSeconds"] {
        Value::Null => number(&queue, "ReceiveMessageWaitTimeSeconds", 0),
        given => given.as_i64().unwrap_or(-1),
    };
    match u64::try_from(wait) {
        Ok(seconds) if wait <= LONGEST => Ok(seconds),
        _ => Err(Fault::invalid("Value for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20.")),
    }
}

/// Receives what is visible now, and says when the next message becomes visible.
pub(crate) fn receive(store: &mut Store, request: &Value, now: i64) -> Result<(Value, Option<i64>), Fault> {
    const MOST: i64 = 10;
    let queue = named(store, request)?;
    let most = request["MaxNumberOfMessages"].as_i64().unwrap_or(1);
    if !(1..=MOST).contains(&most) {
        return Err(Fault::invalid(
            "Value for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
        ));
    }
    let timeout = match &request["VisibilityTimeout"] {
        Value::Null => number(&queue, "VisibilityTimeout", 30),
        given => seconds(given, "VisibilityTimeout", 43_200)?,
    };
    let fifo = is_fifo(&queue);
    let retention = number(&queue, "MessageRetentionPeriod", 345_600) * 1000;
    let messages = store.whole(|connection| {
        connection
            .prepare_cached("DELETE FROM messages WHERE queue = ?1 AND sent <= ?2")?
            .execute(params![queue.name, now - retention])?;
        let mut taken = Vec::new();
        // Messages that are moved away make room for the next ones.
        loop {
            let wanted = usize::try_from(most).unwrap_or(0) - taken.len();
            let found = if wanted == 0 { Vec::new() } else { visible(connection, &queue.name, fifo, wanted, now)? };
            let mut moved = false;
            let mut hidden = false;
            for message in found {
                match redrive(&queue) {
                    Some((arn, most_receives)) if message.receives >= most_receives => {
                        let dead = arn.rsplit(':').next().unwrap_or_default().to_owned();
                        if crate::sqs::store::queue(connection, &dead)?.is_some() {
                            move_to(connection, message.sequence, &dead, &queue.name, now)?;
                            moved = true;
                            continue;
                        }
                    }
                    _ => {}
                }
                let receipt = random();
                connection
                    .prepare_cached(
                        "UPDATE messages SET receives = receives + 1, first_received = coalesce(first_received, ?2),
                         visible_at = ?3, receipt = ?4 WHERE sequence = ?1",
                    )?
                    .execute(params![message.sequence, now, now + timeout * 1000, receipt])?;
                hidden = timeout > 0;
                taken.push(received(&message, &receipt, request, fifo, now));
            }
            if !moved || hidden && fifo {
                return Ok(taken);
            }
        }
    })?;
    let next = store.next_visible(&queue.name, now)?;
    Ok((if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) }, next))
}

fn received(message: &Message, receipt: &str, request: &Value, fifo: bool, now: i64) -> Value {
    let lists = [&request["AttributeNames"], &request["MessageSystemAttributeNames"]];
    let asked: Vec<&str> = lists.iter().flat_map(|list| list.as_array().into_iter().flatten()).filter_map(Value::as_str).collect();
    let wanted = |name: &str| asked.contains(&"All") || asked.contains(&name);
    let mut system = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| wanted(name)) {
            system.insert(name.to_owned(), value.into());
        }
    };
    put("ApproximateReceiveCount", Some((message.receives + 1).to_string()));
    put("ApproximateFirstReceiveTimestamp", Some(message.first_received.unwrap_or(now).to_string()));
    put("SentTimestamp", Some(message.sent.to_string()));
    put("SenderId", Some(ACCOUNT.to_owned()));
    put("DeadLetterQueueSourceArn", message.source.clone());
    if fifo {
        put("MessageGroupId", message.group.clone());
        put("MessageDeduplicationId", message.dedup.clone());
        put("SequenceNumber", Some(sequence_number(message.sequence)));
    }
    let mut answer = json!({
        "MessageId": message.id, "ReceiptHandle": receipt, "Body": message.body, "MD5OfBody": md5(message.body.as_bytes()),
    });
    if !system.is_empty() {
        answer["Attributes"] = Value::Object(system);
    }
    let named: Vec<&str> =
        request["MessageAttributeNames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let matches = |name: &str| {
        named.iter().any(|wanted| {
            *wanted == "All" || *wanted == ".*" || *wanted == name
                || wanted.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
        })
    };
    let own: Map<String, Value> = serde_json::from_str(&message.attributes).unwrap_or_default();
    let own: Map<String, Value> = own.into_iter().filter(|(name, _)| matches(name)).collect();
    if !own.is_empty() {
        answer["MD5OfMessageAttributes"] = attributes_digest(&own).into();
        answer["MessageAttributes"] = Value::Object(own);
    }
    answer
}

fn send(connection: &Connection, queue: &Queue, request: &Value, now: i64) -> Result<Value, Fault> {
    let body = text(request, "MessageBody")?;
    if body.is_empty() {
        return Err(Fault::new("MissingParameter", "MissingParameter", "The request must contain the parameter MessageBody."));
    }
    if body.len() > LARGEST {
        return Err(Fault::invalid(format!("One or more parameters are invalid. Reason: Message must be shorter than {LARGEST} bytes.")));
    }
    let forbidden = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}');
    if body.contains(forbidden) {
        return Err(Fault::new("InvalidMessageContents", "InvalidMessageContents", "Invalid characters in the message body."));
    }
    let fifo = is_fifo(queue);
    let group = request["MessageGroupId"].as_str();
    let own = request["MessageAttributes"].as_object().cloned().unwrap_or_default();
    let dedup = match (fifo, request["MessageDeduplicationId"].as_str()) {
        (false, _) => None,
        (true, _) if group.is_none() => {
            return Err(Fault::new("MissingParameter", "MissingParameter", "The request must contain the parameter MessageGroupId."));
        }
        (true, Some(given)) => Some(given.to_owned()),
        (true, None) if queue.attributes.get("ContentBasedDeduplication").and_then(Value::as_str) == Some("true") => {
            Some(md5(body.as_bytes()))
        }
        (true, None) => {
            return Err(Fault::invalid(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ));
        }
    };
    let delay = match &request["DelaySeconds"] {
        Value::Null => number(queue, "DelaySeconds", 0),
        given => seconds(given, "DelaySeconds", 900)?,
    };
    let attributes = Value::Object(own.clone()).to_string();
    let id = random_uuid();
    let message = NewMessage { id: &id, body, attributes: &attributes, group, dedup: dedup.as_deref(), visible_at: now + delay * 1000 };
    let (id, sequence) = insert(connection, &queue.name, &message, now)?;
    let mut answer = json!({ "MessageId": id, "MD5OfMessageBody": md5(body.as_bytes()) });
    if !own.is_empty() {
        answer["MD5OfMessageAttributes"] = attributes_digest(&own).into();
    }
    if fifo {
        answer["SequenceNumber"] = sequence_number(sequence).into();
    }
    Ok(answer)
}

fn send_batch(store: &mut Store, request: &Value, now: i64) -> Result<Value, Fault> {
    let queue = named(store, request)?;
    let bodies = request["Entries"].as_array().into_iter().flatten();
    let size: usize = bodies.filter_map(|entry| entry["MessageBody"].as_str()).map(str::len).sum();
    if size > LARGEST {
        return Err(Fault::new(
            "BatchRequestTooLong",
            "AWS.SimpleQueueService.BatchRequestTooLong",
            format!("Batch requests cannot be longer than {LARGEST} bytes."),
        ));
    }
    store.whole(|connection| batch(request, |entry| send(connection, &queue, entry, now)))
}

/// Runs each entry by itself and tells those that failed from those that did not.
fn batch(request: &Value, mut run: impl FnMut(&Value) -> Result<Value, Fault>) -> Result<Value, Fault> {
    const MOST: usize = 10;
    let fault = |name: &'static str, query: &'static str, message: &str| Err(Fault::new(name, query, message));
    let entries = request["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() {
        return fault("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", "There should be at least one entry in the request.");
    }
    if entries.len() > MOST {
        return fault(
            "TooManyEntriesInBatchRequest",
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10.",
        );
    }
    let ids: std::collections::BTreeSet<&str> = entries.iter().filter_map(|entry| entry["Id"].as_str()).collect();
    if ids.len() != entries.len() {
        return fault("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        match run(entry) {
            Ok(mut done) => {
                done["Id"] = entry["Id"].clone();
                successful.push(done);
            }
            Err(fault) => failed.push(json!({
                "Id": entry["Id"], "Code": fault.query, "Message": fault.message, "SenderFault": true,
            })),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

fn with_queue(request: &Value, entry: &Value) -> Value {
    let mut entry = entry.clone();
    entry["QueueUrl"] = request["QueueUrl"].clone();
    entry
}

fn delete_message(store: &mut Store, request: &Value) -> Result<(), Fault> {
    let queue = named(store, request)?;
    let receipt = receipt(request)?;
    store.connection.prepare_cached("DELETE FROM messages WHERE receipt = ?1 AND queue = ?2")?.execute(params![receipt, queue.name])?;
    Ok(())
}

fn change_visibility(store: &mut Store, request: &Value, now: i64) -> Result<(), Fault> {
    let queue = named(store, request)?;
    let timeout = seconds(&request["VisibilityTimeout"], "VisibilityTimeout", 43_200)?;
    let changed = store.connection.execute(
        "UPDATE messages SET visible_at = ?3 WHERE receipt = ?1 AND queue = ?2 AND visible_at > ?4",
        params![receipt(request)?, queue.name, now + timeout * 1000, now],
    )?;
    if changed == 0 {
        return Err(Fault::new(
            "MessageNotInflight",
            "AWS.SimpleQueueService.MessageNotInflight",
            "The message is not in flight: its visibility timeout has passed, or it was deleted.",
        ));
    }
    Ok(())
}

/// A receipt handle of ours: 32 hexadecimal digits.
fn receipt(request: &Value) -> Result<&str, Fault> {
    let handle = text(request, "ReceiptHandle")?;
    if handle.len() == 32 && handle.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(handle);
    }
    Err(Fault::new("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", "The input receipt handle is invalid."))
}

fn create_queue(store: &mut Store, request: &Value, place: &Place<'_>, now: i64) -> Result<Value, Fault> {
    const LONGEST: usize = 80;
    let name = text(request, "QueueName")?;
    let plain = name.strip_suffix(".fifo").unwrap_or(name);
    let letters = plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if plain.is_empty() || name.len() > LONGEST || !letters {
        return Err(Fault::invalid(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ));
    }
    let attributes = attributes(request)?;
    let fifo = attributes.get("FifoQueue").and_then(Value::as_str) == Some("true");
    if fifo != name.ends_with(".fifo") {
        return Err(Fault::invalid("The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length."));
    }
    if let Some(known) = queue(&store.connection, name)? {
        let same = attributes.iter().all(|(name, value)| known.attributes.get(name) == Some(value));
        return match same {
            true => Ok(json!({ "QueueUrl": place.url(name) })),
            false => Err(Fault::new("QueueNameExists", "QueueAlreadyExists", "A queue already exists with the same name and a different value for an attribute")),
        };
    }
    let tags = request.get("tags").or_else(|| request.get("Tags")).cloned().unwrap_or_else(|| json!({}));
    store.put_queue(&Queue { name: name.to_owned(), attributes, created: now }, &tags)?;
    Ok(json!({ "QueueUrl": place.url(name) }))
}

/// The attributes of a request, each known and within its bounds.
fn attributes(request: &Value) -> Result<Map<String, Value>, Fault> {
    const NUMBERS: [(&str, i64, i64); 5] = [
        ("DelaySeconds", 0, 900),
        ("MaximumMessageSize", 1_024, LARGEST as i64),
        ("MessageRetentionPeriod", 60, 1_209_600),
        ("ReceiveMessageWaitTimeSeconds", 0, 20),
        ("VisibilityTimeout", 0, 43_200),
    ];
    const OTHERS: [&str; 10] = [
        "ContentBasedDeduplication",
        "DeduplicationScope",
        "FifoQueue",
        "FifoThroughputLimit",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "Policy",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "SqsManagedSseEnabled",
    ];
    let given = request["Attributes"].as_object().cloned().unwrap_or_default();
    for (name, value) in &given {
        let text = value.as_str().unwrap_or_default();
        let fine = match NUMBERS.iter().find(|(known, _, _)| known == name) {
            Some((_, low, high)) => text.parse::<i64>().is_ok_and(|number| (*low..=*high).contains(&number)),
            None if name == "RedrivePolicy" => text.is_empty() || parse_redrive(text).is_some(),
            None if OTHERS.contains(&name.as_str()) => value.is_string(),
            None => return Err(Fault::new("InvalidAttributeName", "InvalidAttributeName", format!("Unknown Attribute {name}."))),
        };
        if !fine {
            return Err(Fault::new("InvalidAttributeValue", "InvalidAttributeValue", format!("Invalid value for the parameter {name}.")));
        }
    }
    Ok(given)
}

fn get_attributes(store: &Store, request: &Value, place: &Place<'_>, now: i64) -> Result<Value, Fault> {
    const DEFAULTS: [(&str, &str); 6] = [
        ("DelaySeconds", "0"),
        ("MaximumMessageSize", "1048576"),
        ("MessageRetentionPeriod", "345600"),
        ("ReceiveMessageWaitTimeSeconds", "0"),
        ("SqsManagedSseEnabled", "true"),
        ("VisibilityTimeout", "30"),
    ];
    let queue = named(store, request)?;
    let (visible, hidden, delayed) = store.counts(&queue.name, now)?;
    let mut all: Map<String, Value> = DEFAULTS.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    all.extend(queue.attributes.clone());
    for (name, value) in [
        ("ApproximateNumberOfMessages", visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", hidden.to_string()),
        ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
        ("CreatedTimestamp", (queue.created / 1000).to_string()),
        ("LastModifiedTimestamp", (queue.created / 1000).to_string()),
        ("QueueArn", place.arn(&queue.name)),
    ] {
        all.insert(name.to_owned(), value.into());
    }
    let asked: Vec<&str> = request["AttributeNames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !asked.contains(&"All") {
        all.retain(|name, _| asked.contains(&name.as_str()));
    }
    Ok(if all.is_empty() { json!({}) } else { json!({ "Attributes": all }) })
}

fn tag(store: &Store, operation: &str, request: &Value) -> Result<Value, Fault> {
    let queue = named(store, request)?;
    let mut tags = store.tags(&queue.name)?.as_object().cloned().unwrap_or_default();
    if operation == "TagQueue" {
        tags.extend(request["Tags"].as_object().cloned().unwrap_or_default());
    }
    for name in request["TagKeys"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        tags.remove(name);
    }
    store.put_queue(&queue, &Value::Object(tags)).map(|()| Value::Null)
}

/// Moves everything in a dead-letter queue back to where it came from, or to the named queue.
fn start_move(store: &mut Store, request: &Value, now: i64) -> Result<Value, Fault> {
    let name = |arn: &str| arn.rsplit(':').next().unwrap_or_default().to_owned();
    let source = store.queue(&name(text(request, "SourceArn")?))?;
    let destination = match request["DestinationArn"].as_str() {
        Some(arn) => Some(store.queue(&name(arn))?.name),
        None => None,
    };
    let handle = random();
    store.whole(|connection| {
        let mut statement = connection.prepare("SELECT sequence, source FROM messages WHERE queue = ?1")?;
        let rows = statement.query_map([&source.name], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?)))?;
        let mut moved = 0;
        for row in rows.collect::<rusqlite::Result<Vec<_>>>()? {
            let (sequence, from) = row;
            let Some(to) = destination.clone().or(from) else { continue };
            move_to(connection, sequence, &to, &source.name, now)?;
            connection.execute("UPDATE messages SET source = NULL WHERE sequence = ?1", [sequence])?;
            moved += 1;
        }
        connection.execute(
            "INSERT INTO moves (handle, source, destination, started, moved) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![handle, source.name, destination, now, moved],
        )?;
        Ok(())
    })?;
    Ok(json!({ "TaskHandle": handle }))
}

fn list_moves(store: &Store, request: &Value) -> Result<Value, Fault> {
    let arn = text(request, "SourceArn")?;
    let source = arn.rsplit(':').next().unwrap_or_default();
    let mut statement = store
        .connection
        .prepare("SELECT started, moved FROM moves WHERE source = ?1 ORDER BY started DESC LIMIT 10")?;
    let rows = statement.query_map([source], |row| {
        let (started, moved): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok(json!({
            "Status": "COMPLETED", "SourceArn": arn, "StartedTimestamp": started,
            "ApproximateNumberOfMessagesMoved": moved, "ApproximateNumberOfMessagesToMove": moved,
        }))
    })?;
    Ok(json!({ "Results": rows.collect::<rusqlite::Result<Vec<_>>>()? }))
}

fn named(store: &Store, request: &Value) -> Result<Queue, Fault> {
    let url = text(request, "QueueUrl")?;
    store.queue(url.rsplit('/').next().unwrap_or(url))
}

fn text<'a>(request: &'a Value, name: &str) -> Result<&'a str, Fault> {
    request[name].as_str().ok_or_else(|| {
        Fault::new("MissingParameter", "MissingParameter", format!("The request must contain the parameter {name}."))
    })
}

fn seconds(value: &Value, name: &str, most: i64) -> Result<i64, Fault> {
    value.as_i64().filter(|seconds| (0..=most).contains(seconds)).ok_or_else(|| {
        Fault::invalid(format!("Value for parameter {name} is invalid. Reason: Must be between 0 and {most}."))
    })
}

fn number(queue: &Queue, name: &str, or: i64) -> i64 {
    queue.attributes.get(name).and_then(Value::as_str).and_then(|text| text.parse().ok()).unwrap_or(or)
}

fn is_fifo(queue: &Queue) -> bool {
    queue.name.ends_with(".fifo")
}

/// The dead-letter queue's ARN, and after how many receipts a message moves there.
fn redrive(queue: &Queue) -> Option<(String, i64)> {
    parse_redrive(queue.attributes.get("RedrivePolicy")?.as_str()?)
}

fn parse_redrive(text: &str) -> Option<(String, i64)> {
    let policy: Value = serde_json::from_str(text).ok()?;
    let most = &policy["maxReceiveCount"];
    let most = most.as_i64().or_else(|| most.as_str()?.parse().ok())?;
    Some((policy["deadLetterTargetArn"].as_str()?.to_owned(), most))
}

fn sequence_number(sequence: i64) -> String {
    format!("{:020}", 18_849_496_460_467_696_128_u128 + sequence.unsigned_abs() as u128)
}

fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

/// The digest of message attributes: names in order, each with its type and value, every part with its length before it.
fn attributes_digest(attributes: &Map<String, Value>) -> String {
    let mut digest = Md5::new();
    let mut part = |bytes: &[u8], digest: &mut Md5| {
        digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        digest.update(bytes);
    };
    let mut names: Vec<&String> = attributes.keys().collect();
    names.sort();
    for name in names {
        let attribute = &attributes[name];
        part(name.as_bytes(), &mut digest);
        part(attribute["DataType"].as_str().unwrap_or_default().as_bytes(), &mut digest);
        if let Some(text) = attribute["StringValue"].as_str() {
            digest.update([1]);
            part(text.as_bytes(), &mut digest);
        } else {
            let binary = attribute["BinaryValue"].as_str().unwrap_or_default();
            let bytes = aws_smithy_types::base64::decode(binary).unwrap_or_default();
            digest.update([2]);
            part(&bytes, &mut digest);
        }
    }
    hex(&digest.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn random() -> String {
    let mut bytes = [0_u8; 16];
    // SQLite's own randomness would do as well; a repeated handle would only delete what was delivered twice.
    let _ = getrandom::fill(&mut bytes);
    hex(&bytes)
}

fn random_uuid() -> String {
    let text = random();
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}
