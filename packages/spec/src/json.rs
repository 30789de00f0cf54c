//! JSON as it is published: keys in one order, whatever order a build keeps them in, and the digest of that.

use std::collections::BTreeMap;

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
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                if fields.keys().is_sorted() {
                    fields.iter().try_for_each(|(name, field)| map.serialize_entry(name, &Self(field)))?;
                } else {
                    let mut sorted: Vec<_> = fields.iter().collect();
                    sorted.sort_unstable_by_key(|(name, _)| name.as_str());
                    sorted.into_iter().try_for_each(|(name, field)| map.serialize_entry(name, &Self(field)))?;
                }
                map.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}

/// The text of a published file: keys sorted, two spaces, a line feed at the end.
pub fn text(value: &Value) -> String {
    laid_out(&Sorted(value))
}

/// The same of an object with these fields.
pub(crate) fn text_of(fields: BTreeMap<&str, &Value>) -> String {
    laid_out(&fields.into_iter().map(|(name, field)| (name, Sorted(field))).collect::<BTreeMap<_, _>>())
}

fn laid_out(value: &impl Serialize) -> String {
    // Keys are strings and a `Vec` takes every write, so neither step can fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// The digest of a value: `sha256:` and SHA-256, in hexadecimal, of its text without white space, keys sorted.
pub fn digest(value: &Value) -> String {
    let mut hasher = Hasher(Sha256::new());
    // The hasher takes every write, so this cannot fail.
    let _ = serde_json::to_writer(std::io::BufWriter::with_capacity(1 << 16, &mut hasher), &Sorted(value));
    hasher.0.finalize().iter().fold("sha256:".to_owned(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Takes text by and by, so that a document need not stand in memory once more.
struct Hasher(Sha256);

impl std::io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
