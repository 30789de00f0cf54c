//! The operations on queues themselves.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Call;
use super::attributes::{self, Attributes, Redrive};
use super::fault::Fault;
use super::store::{self, Queue};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    queue_name: Option<String>,
    #[serde(default)]
    attributes: Option<Attributes>,
    #[serde(default, alias = "tags")]
    tags: Option<BTreeMap<String, String>>,
}

/// Making a queue that is there already is fine, unless it differs in what was asked for.
pub(super) fn create(request: Create, call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = request.queue_name.ok_or_else(|| Fault::missing("QueueName"))?;
    let asked = request.attributes.unwrap_or_default();
    let fifo = asked.contains_key("FifoQueue");
    check_name(&name, fifo)?;
    attributes::check(&asked, fifo)?;
    if let Some(queue) = store::queue(call.db, &name)? {
        let has = attributes::effective(&queue.attributes, queue.is_fifo());
        let differs = |(name, value): &(&String, &String)| has.get(*name).map_or("", String::as_str) != value.as_str();
        return match asked.iter().find(differs) {
            Some((attribute, _)) => Err(Fault::queue_exists(attribute)),
            None => Ok(json!({ "QueueUrl": call.url(&name) })),
        };
    }
    check_redrive(&asked, fifo, call)?;
    let set: Attributes = asked.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    store::create_queue(call.db, &name, &set, &request.tags.unwrap_or_default(), call.now)?;
    Ok(json!({ "QueueUrl": call.url(&name) }))
}

fn check_name(name: &str, fifo: bool) -> Result<(), Fault> {
    const LONGEST: usize = 80;
    let plain = name.strip_suffix(".fifo").filter(|_| fifo).unwrap_or(name);
    let letters = plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if fifo && plain == name {
        return Err(Fault::invalid(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end \
             with .fifo suffix and be 1 to 80 in length.",
        ));
    }
    if plain.is_empty() || name.len() > LONGEST || !letters {
        return Err(Fault::invalid(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ));
    }
    Ok(())
}

/// A dead-letter queue must be there, and of the same kind.
fn check_redrive(set: &Attributes, fifo: bool, call: &Call<'_>) -> Result<(), Fault> {
    let Some(redrive) = Redrive::of(set) else { return Ok(()) };
    let policy = &set["RedrivePolicy"];
    match call.at(&redrive.target_arn)? {
        None => Err(Fault::parameter("RedrivePolicy", policy, "Dead letter target does not exist.")),
        Some(target) if target.is_fifo() != fifo => {
            let reason = "Dead-letter queue must be same type of queue as the source.";
            Err(Fault::parameter("RedrivePolicy", policy, reason))
        }
        Some(_) => Ok(()),
    }
}

/// A request that only names a queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    queue_url: Option<String>,
}

pub(super) fn delete(request: &Named, call: &mut Call<'_>) -> Result<Value, Fault> {
    let queue = call.queue(request.queue_url.as_deref())?;
    store::delete_queue(call.db, queue.id)?;
    // Whoever waits there learns that it is gone.
    call.wake(&queue);
    Ok(json!({}))
}

pub(super) fn purge(request: &Named, call: &mut Call<'_>) -> Result<Value, Fault> {
    let queue = call.queue(request.queue_url.as_deref())?;
    store::purge(call.db, queue.id)?;
    Ok(json!({}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetUrl {
    queue_name: Option<String>,
}

pub(super) fn url(request: &GetUrl, call: &Call<'_>) -> Result<Value, Fault> {
    let queue = call.named(request.queue_name.as_deref().ok_or_else(|| Fault::missing("QueueName"))?)?;
    Ok(json!({ "QueueUrl": call.url(&queue.name) }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    queue_name_prefix: Option<String>,
    #[serde(flatten)]
    page: Page,
}

/// Which part of a list is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl Page {
    /// The names after the token, and the token of the next page.
    fn of(&self, names: Vec<String>) -> Result<(Vec<String>, Option<String>), Fault> {
        const MOST: i64 = 1000;
        let most = self.max_results.unwrap_or(MOST);
        if !(1..=MOST).contains(&most) {
            return Err(Fault::parameter("MaxResults", most, "Must be between 1 and 1000, if provided."));
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let after = self.next_token.as_deref().unwrap_or_default();
        let mut left: Vec<String> = names.into_iter().filter(|name| name.as_str() > after).collect();
        // Only who asks for pages gets them.
        let more = left.len() > most && self.max_results.is_some();
        left.truncate(most);
        let next = left.last().filter(|_| more).cloned();
        Ok((left, next))
    }
}

pub(super) fn list(request: &List, call: &Call<'_>) -> Result<Value, Fault> {
    let prefix = request.queue_name_prefix.as_deref().unwrap_or_default();
    let names = store::queues(call.db)?.into_iter().map(|queue| queue.name).filter(|name| name.starts_with(prefix));
    let (names, next) = request.page.of(names.collect())?;
    Ok(urls("QueueUrls", &names, next, call))
}

fn urls(key: &str, names: &[String], next: Option<String>, call: &Call<'_>) -> Value {
    let urls: Vec<String> = names.iter().map(|name| call.url(name)).collect();
    match next {
        Some(next) => json!({ key: urls, "NextToken": next }),
        None => json!({ key: urls }),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSources {
    queue_url: Option<String>,
    #[serde(flatten)]
    page: Page,
}

pub(super) fn list_sources(request: &ListSources, call: &Call<'_>) -> Result<Value, Fault> {
    let target = call.queue(request.queue_url.as_deref())?;
    let names = sources(&target, call)?.into_iter().map(|queue| queue.name).collect();
    let (names, next) = request.page.of(names)?;
    Ok(urls("queueUrls", &names, next, call))
}

/// The queues whose messages go to this one when they are received too often.
pub(super) fn sources(target: &Queue, call: &Call<'_>) -> Result<Vec<Queue>, Fault> {
    let arn = call.arn(&target.name);
    let mut queues = store::queues(call.db)?;
    queues.retain(|queue| Redrive::of(&queue.attributes).is_some_and(|redrive| redrive.target_arn == arn));
    Ok(queues)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetAttributes {
    queue_url: Option<String>,
    #[serde(default)]
    attribute_names: Option<Vec<String>>,
}

pub(super) fn attributes(request: &GetAttributes, call: &mut Call<'_>) -> Result<Value, Fault> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let asked = request.attribute_names.as_deref().unwrap_or_default();
    if let Some(unknown) = asked.iter().find(|name| !attributes::is_known(name)) {
        return Err(Fault::attribute_name(unknown));
    }
    call.tend(&queue)?;
    let [visible, in_flight, delayed] = store::counts(call.db, queue.id, call.now)?;
    let mut all = attributes::effective(&queue.attributes, queue.is_fifo());
    let computed = [
        visible.to_string(),
        delayed.to_string(),
        in_flight.to_string(),
        (queue.created / 1000).to_string(),
        (queue.modified / 1000).to_string(),
        call.arn(&queue.name),
    ];
    all.extend(attributes::COMPUTED.iter().map(|name| (*name).to_owned()).zip(computed));
    if !asked.iter().any(|name| name == "All") {
        all.retain(|name, _| asked.contains(name));
    }
    Ok(if all.is_empty() { json!({}) } else { json!({ "Attributes": all }) })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetAttributes {
    queue_url: Option<String>,
    attributes: Option<Attributes>,
}

pub(super) fn set_attributes(request: SetAttributes, call: &mut Call<'_>) -> Result<Value, Fault> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let asked = request.attributes.ok_or_else(|| Fault::missing("Attributes"))?;
    if asked.contains_key("FifoQueue") {
        return Err(Fault::attribute_name("FifoQueue"));
    }
    attributes::check(&asked, queue.is_fifo())?;
    check_redrive(&asked, queue.is_fifo(), call)?;
    let mut set = queue.attributes.clone();
    set.extend(asked);
    // An empty value takes the attribute away.
    set.retain(|_, value| !value.is_empty());
    store::set_attributes(call.db, queue.id, &set, call.now)?;
    call.wake(&queue);
    Ok(json!({}))
}

pub(super) fn tags(request: &Named, call: &Call<'_>) -> Result<Value, Fault> {
    let queue = call.queue(request.queue_url.as_deref())?;
    Ok(json!({ "Tags": store::tags(call.db, queue.id)? }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    queue_url: Option<String>,
    tags: Option<BTreeMap<String, String>>,
}

pub(super) fn tag(request: Tag, call: &Call<'_>) -> Result<Value, Fault> {
    let queue = call.queue(request.queue_url.as_deref())?;
    const MOST: usize = 50;
    let mut tags = store::tags(call.db, queue.id)?;
    tags.extend(request.tags.ok_or_else(|| Fault::missing("Tags"))?);
    if tags.len() > MOST {
        return Err(Fault::invalid(format!("Too many tags added for queue {}.", queue.name)));
    }
    store::set_tags(call.db, queue.id, &tags)?;
    Ok(json!({}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Untag {
    queue_url: Option<String>,
    tag_keys: Option<Vec<String>>,
}

pub(super) fn untag(request: &Untag, call: &Call<'_>) -> Result<Value, Fault> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let gone = request.tag_keys.as_ref().ok_or_else(|| Fault::missing("TagKeys"))?;
    let mut tags = store::tags(call.db, queue.id)?;
    tags.retain(|key, _| !gone.contains(key));
    store::set_tags(call.db, queue.id, &tags)?;
    Ok(json!({}))
}
