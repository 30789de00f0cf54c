//! The attributes of a queue: what may be set, what holds when nothing is, and what follows from them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::fault::Fault;
use super::message::LARGEST;

/// Attributes by name; SQS writes every value as text.
pub(crate) type Attributes = BTreeMap<String, String>;

/// The numbers: name, default, least, most. Seconds, but for the size, which is bytes.
const NUMBERS: [(&str, i64, i64, i64); 6] = [
    ("DelaySeconds", 0, 0, 900),
    ("KmsDataKeyReusePeriodSeconds", 300, 60, 86_400),
    ("MaximumMessageSize", LARGEST as i64, 1_024, LARGEST as i64),
    ("MessageRetentionPeriod", 345_600, 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 0, 20),
    ("VisibilityTimeout", 30, 0, 43_200),
];

/// The choices of every queue and those of FIFO queues; the first is the default.
const CHOICES: [(&str, &[&str]); 1] = [("SqsManagedSseEnabled", &["true", "false"])];
const FIFO_CHOICES: [(&str, &[&str]); 4] = [
    ("ContentBasedDeduplication", &["false", "true"]),
    ("DeduplicationScope", &["queue", "messageGroup"]),
    ("FifoQueue", &["true"]),
    ("FifoThroughputLimit", &["perQueue", "perMessageGroupId"]),
];

/// Texts that are kept as they are.
const TEXTS: [&str; 3] = ["KmsMasterKeyId", "Policy", "RedriveAllowPolicy"];

/// What is counted or known and cannot be set.
pub(crate) const COMPUTED: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// Whether an attribute has this name.
pub(crate) fn is_known(name: &str) -> bool {
    name == "All"
        || name == "RedrivePolicy"
        || COMPUTED.contains(&name)
        || TEXTS.contains(&name)
        || NUMBERS.iter().any(|(known, ..)| *known == name)
        || CHOICES.iter().chain(&FIFO_CHOICES).any(|(known, _)| *known == name)
}

/// Refuses what cannot be set on a queue of this kind.
pub(crate) fn check(given: &Attributes, fifo: bool) -> Result<(), Fault> {
    for (name, value) in given {
        let number = NUMBERS.iter().find(|(known, ..)| known == name);
        let choice = CHOICES.iter().chain(&FIFO_CHOICES).find(|(known, _)| known == name);
        let only_fifo = FIFO_CHOICES.iter().any(|(known, _)| known == name);
        let fine = match (number, choice) {
            _ if only_fifo && !fifo => return Err(Fault::attribute_name(name)),
            (Some((_, _, least, most)), _) => value.parse().is_ok_and(|value: i64| (*least..=*most).contains(&value)),
            (_, Some((_, allowed))) => allowed.contains(&value.as_str()),
            _ if name == "RedrivePolicy" => value.is_empty() || Redrive::parse(value).is_some(),
            _ if TEXTS.contains(&name.as_str()) => true,
            _ => return Err(Fault::attribute_name(name)),
        };
        if !fine {
            return Err(Fault::attribute_value(name));
        }
    }
    Ok(())
}

/// What holds of a queue, set or not.
pub(crate) fn effective(set: &Attributes, fifo: bool) -> Attributes {
    let numbers = NUMBERS.iter().filter(|(name, ..)| *name != "KmsDataKeyReusePeriodSeconds");
    let mut all: Attributes = numbers.map(|(name, value, ..)| ((*name).to_owned(), value.to_string())).collect();
    let choices = CHOICES.iter().chain(FIFO_CHOICES.iter().filter(|_| fifo));
    all.extend(choices.filter_map(|(name, allowed)| Some(((*name).to_owned(), (*allowed.first()?).to_owned()))));
    all.extend(set.clone());
    all
}

/// A number that holds of a queue.
pub(crate) fn number(set: &Attributes, name: &str) -> i64 {
    let default = NUMBERS.iter().find(|(known, ..)| *known == name).map_or(0, |(_, value, ..)| *value);
    set.get(name).and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Where messages go that were received too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redrive {
    pub target_arn: String,
    /// After so many receives, the next one moves the message.
    pub most_receives: i64,
}

impl Redrive {
    pub fn of(set: &Attributes) -> Option<Self> {
        Self::parse(set.get("RedrivePolicy")?)
    }

    fn parse(text: &str) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Policy {
            dead_letter_target_arn: String,
            max_receive_count: Value,
        }
        let policy: Policy = serde_json::from_str(text).ok()?;
        // The console writes a number, some tools write it as text.
        let count = &policy.max_receive_count;
        let most_receives = count.as_i64().or_else(|| count.as_str()?.parse().ok())?;
        (1..=1000).contains(&most_receives).then_some(Self { target_arn: policy.dead_letter_target_arn, most_receives })
    }
}
