//! What is shared goes by these names, and only what was promised is shared.

use crate::grammar::is_made_of;
use crate::{Build, EnverId, Revision, Wants, Wiring};

/// A default that stands for the `CONFIG_SERVICE_URL` of the function: where the platform answers before anything was
/// shared.
pub const BOOTSTRAP: &str = "${CONFIG_SERVICE_URL}";

/// A default that stands for the document that the consumer's client was generated from.
pub const PINNED: &str = "${PINNED_ARTIFACT}";

/// The parameter under which a value is shared: `/odmd-share/booking/b..dev/bookingApiBaseUrl`.
pub fn share_name(build: &str, revision: &Revision, producer: &str) -> String {
    format!("/odmd-share/{build}/{revision}/{producer}")
}

/// The parameter that names the bucket of a build's documents.
pub fn artifact_bucket_parameter(build: &str) -> String {
    format!("/odmd-config/{build}/buildArtifactBucketName")
}

/// The parameter that says which events of an enver go to which queues: `/odmd-config/booking/b..dev/subscriptions`.
pub fn subscriptions_parameter(build: &str, revision: &Revision) -> String {
    format!("/odmd-config/{build}/{revision}/subscriptions")
}

/// The key of a document in that bucket: `111122220003/b..dev/bookingApiBaseUrl-schema-url.json`. The bucket keeps every
/// version.
pub fn artifact_key(account_id: &str, revision: &Revision, producer: &str) -> String {
    format!("{account_id}/{revision}/{}.json", producer.replace('/', "-"))
}

/// The stack of an enver: `booking--dev`, for a tag `booking--t--v1-0-0`.
pub fn stack_name(build: &str, revision: &Revision) -> String {
    let version = if revision.is_tag() { revision.to_string() } else { revision.value().to_owned() };
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    let mut name: String = format!("{build}--{version}").chars().map(plain).collect();
    if name.starts_with('-') {
        name.replace_range(..1, "A");
    }
    if name.ends_with('-') {
        name.pop();
        name.push('Z');
    }
    name
}

/// A value on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The parameter.
    pub name: String,
    /// What it is set to.
    pub value: String,
}

/// Why values cannot be shared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// No such enver is wired.
    #[error("there is no enver {0}: share from one of those that `enver wiring` lists")]
    Enver(String),
    /// There is nothing to share.
    #[error("{0} shares nothing: give at least one value")]
    Nothing(String),
    /// The central account holds what others share.
    #[error("{0} runs in the central account, which only keeps what others share: move the enver to a workspace")]
    Central(String),
    /// The value was not promised.
    #[error("{enver} promises no {producer}: declare it in contracts/src/builds, or share one of {promised}")]
    NotPromised {
        /// The enver.
        enver: String,
        /// The name that was given.
        producer: String,
        /// What it promises.
        promised: String,
    },
    /// One name has two values.
    #[error("{enver} shares {producer} twice: keep one value")]
    Twice {
        /// The enver.
        enver: String,
        /// The name.
        producer: String,
    },
    /// A document is shared as what is no pinned place, or a plain value as a place.
    #[error("{enver} cannot share {value:?} as {producer}: {mend}")]
    Form {
        /// The enver.
        enver: String,
        /// The name.
        producer: String,
        /// The value.
        value: String,
        /// What to share instead.
        mend: &'static str,
    },
}

/// The parameters that share these values of one enver, as pairs of producer and value.
///
/// # Errors
///
/// The first value that may not be shared.
pub fn share_out(wiring: &Wiring, enver: &EnverId, values: &[(String, String)]) -> Result<Vec<Shared>, ShareError> {
    let (Some(wired), Some(build)) = (wiring.find(enver), wiring.build(&enver.build)) else {
        return Err(ShareError::Enver(enver.to_string()));
    };
    if wired.account == crate::Account::CENTRAL {
        return Err(ShareError::Central(enver.to_string()));
    }
    if values.is_empty() {
        return Err(ShareError::Nothing(enver.to_string()));
    }
    let mut shared: Vec<Shared> = Vec::with_capacity(values.len());
    for (producer, value) in values {
        check(build, enver, producer, value)?;
        let name = share_name(&enver.build, &enver.revision, producer);
        if shared.iter().any(|other| other.name == name) {
            return Err(ShareError::Twice { enver: enver.to_string(), producer: producer.clone() });
        }
        shared.push(Shared { name, value: value.clone() });
    }
    Ok(shared)
}

fn check(build: &Build, enver: &EnverId, producer: &str, value: &str) -> Result<(), ShareError> {
    let form = |mend| ShareError::Form {
        enver: enver.to_string(),
        producer: producer.to_owned(),
        value: value.to_owned(),
        mend,
    };
    match build.promised().find(|(path, _)| path == producer) {
        None => Err(ShareError::NotPromised {
            enver: enver.to_string(),
            producer: producer.to_owned(),
            promised: build.promised().map(|(path, _)| path).collect::<Vec<_>>().join(", "),
        }),
        Some((_, Wants::Document(_))) if !is_pinned_place(value) => {
            Err(form("a document is shared as s3://<bucket>/<key>@<version>, so that it never changes under a reader"))
        }
        Some((_, Wants::Value)) if value.is_empty() || value.starts_with("s3://") => {
            Err(form("share a plain text, or declare the producer's child as a document"))
        }
        Some(_) => Ok(()),
    }
}

fn is_pinned_place(value: &str) -> bool {
    let parts = value.strip_prefix("s3://").and_then(|place| place.split_once('/'));
    let parts = parts.and_then(|(bucket, rest)| Some((bucket, rest.rsplit_once('@')?)));
    parts.is_some_and(|(bucket, (key, version))| is_made_of(bucket, b".-") && !key.is_empty() && !version.is_empty())
}
