//! JSON as it is published: keys in one order, whatever order a build keeps them in, and the digest of that.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A value whose objects are written with their keys sorted.
struct Sorted<'a>(&'a Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(&Self(item))?;
                }
                sequence.end()
            }
            Value::Object(fields) => {
                let mut sorted: Vec<_> = fields.iter().collect();
                sorted.sort_unstable_by_key(|(name, _)| name.as_str());
                let mut map = serializer.serialize_map(Some(sorted.len()))?;
                for (name, field) in sorted {
                    map.serialize_entry(name, &Self(field))?;
                }
                map.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}

/// The text of a published file: keys sorted, two spaces, a line feed at the end.
pub fn text(value: &Value) -> String {
    // Keys are strings and a `Vec` takes every write, so neither step can fail.
    let mut text = serde_json::to_string_pretty(&Sorted(value)).unwrap_or_default();
    text.push('\n');
    text
}

/// The digest of a value: `sha256:` and SHA-256, in hexadecimal, of its text without white space, keys sorted.
pub fn digest(value: &Value) -> String {
    let bytes = serde_json::to_vec(&Sorted(value)).unwrap_or_default();
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
