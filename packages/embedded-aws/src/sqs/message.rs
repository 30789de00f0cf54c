//! A message on the wire: its attributes, its size, its digests.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// The most a message or a whole batch may weigh, in bytes: what SQS allows since 2025.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// The attributes that senders may attach, by name.
pub(crate) type Attributes = BTreeMap<String, Attribute>;

/// One attribute. `BinaryValue` is base64.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    pub data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<String>,
}

impl Attribute {
    /// The kind byte of the digest, and the bytes of the value.
    fn value(&self) -> (u8, Vec<u8>) {
        match (&self.string_value, &self.binary_value) {
            (None, Some(binary)) => (2, STANDARD.decode(binary).unwrap_or_default()),
            (text, _) => (1, text.clone().unwrap_or_default().into_bytes()),
        }
    }

    fn check(&self, name: &str) -> Result<(), Fault> {
        let refused =
            |reason: &str| Fault::invalid(format!("The message attribute '{name}' is invalid. Reason: {reason}"));
        const LONGEST_NAME: usize = 256;
        let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        let lower = name.to_ascii_lowercase();
        let reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
        let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
        if name.is_empty() || name.len() > LONGEST_NAME || !letters || reserved || dots {
            return Err(refused("its name is not allowed."));
        }
        match self.data_type.split('.').next().unwrap_or_default() {
            "Binary" => match &self.binary_value {
                Some(value) if STANDARD.decode(value).is_ok_and(|bytes| !bytes.is_empty()) => Ok(()),
                _ => Err(refused("it must contain a non-empty binary value.")),
            },
            kind @ ("Number" | "String") => match &self.string_value {
                None => Err(refused("it must contain a non-empty string value.")),
                Some(value) if value.is_empty() => Err(refused("it must contain a non-empty string value.")),
                Some(value) if kind == "Number" && value.parse::<f64>().is_err() => Err(refused("it is no number.")),
                Some(value) => contents(value),
            },
            _ => Err(refused("its type must begin with Binary, Number or String.")),
        }
    }
}

/// Refuses attributes that SQS would refuse.
pub(crate) fn check(attributes: &Attributes) -> Result<(), Fault> {
    const MOST: usize = 10;
    if attributes.len() > MOST {
        return Err(Fault::invalid(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [10].",
            attributes.len()
        )));
    }
    attributes.iter().try_for_each(|(name, attribute)| attribute.check(name))
}

/// Refuses the characters that XML 1.0 has not.
pub(crate) fn contents(text: &str) -> Result<(), Fault> {
    let allowed = |letter: char| match letter {
        '\t' | '\n' | '\r' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => other >= ' ',
    };
    if text.chars().all(allowed) { Ok(()) } else { Err(Fault::contents()) }
}

/// What SQS counts: the body, and of each attribute its name, type and value.
pub(crate) fn size(body: &str, attributes: &Attributes) -> usize {
    let attributes = attributes.iter().map(|(name, it)| name.len() + it.data_type.len() + it.value().1.len());
    body.len() + attributes.sum::<usize>()
}

/// The digest of a body, in hexadecimal.
pub(crate) fn digest(body: &str) -> String {
    hex(&Md5::digest(body))
}

/// The digest of attributes: in the order of their names, each name, type and value with its length before it.
pub(crate) fn attributes_digest(attributes: &Attributes) -> Option<String> {
    fn part(digest: &mut Md5, bytes: &[u8]) {
        digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        digest.update(bytes);
    }
    let mut digest = Md5::new();
    for (name, attribute) in attributes {
        part(&mut digest, name.as_bytes());
        part(&mut digest, attribute.data_type.as_bytes());
        let (kind, value) = attribute.value();
        digest.update([kind]);
        part(&mut digest, &value);
    }
    (!attributes.is_empty()).then(|| hex(&digest.finalize()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
