//! JSON as it is published: keys in one order, whatever order a build keeps them in, and the digest of that.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::halves::mapped;

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
    laid_out([written(value).as_str()])
}

/// The digest of a value: `sha256:` and SHA-256, in hexadecimal, of its text without white space, keys sorted.
pub fn digest(value: &Value) -> String {
    digest_of([written(value).as_str()])
}

/// An object as a published file that says its own digest in the field `name`, made by `stamp` of it: the text with this
/// field and the digest without it. A large object is written once for both.
pub(crate) fn stamped(object: &Map<String, Value>, name: &str, stamp: impl FnOnce(&str) -> Value) -> (String, String) {
    let mut fields: Vec<_> = object.iter().collect();
    fields.sort_unstable_by_key(|(name, _)| name.as_str());
    let place = fields.partition_point(|(other, _)| other.as_str() < name);
    let mut fields = mapped(fields, |(name, field)| format!("{}:{}", quoted(name), written(field)));
    let digest = digest_of(listed(&fields));
    fields.insert(place, format!("{}:{}", quoted(name), written(&stamp(&digest))));
    (laid_out(listed(&fields)), digest)
}

/// The text of a value without white space, keys sorted.
fn written(value: &Value) -> String {
    // Keys are strings and a `String` takes every write, so this cannot fail.
    serde_json::to_string(&Sorted(value)).unwrap_or_default()
}

fn quoted(name: &str) -> String {
    written(&name.into())
}

/// The pieces of an object with these fields.
fn listed(fields: &[String]) -> impl Iterator<Item = &str> {
    let commas = std::iter::once("").chain(std::iter::repeat(","));
    let fields = commas.zip(fields).flat_map(|(comma, field)| [comma, field.as_str()]);
    std::iter::once("{").chain(fields).chain(["}"])
}

fn digest_of<'a>(pieces: impl IntoIterator<Item = &'a str>) -> String {
    let hasher = pieces.into_iter().fold(Sha256::new(), |hasher, piece| hasher.chain_update(piece));
    hasher.finalize().iter().fold("sha256:".to_owned(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// JSON without white space, given in pieces that cut no string, with line feeds and two spaces for every level.
fn laid_out<'a>(pieces: impl IntoIterator<Item = &'a str>) -> String {
    let pieces: Vec<&str> = pieces.into_iter().collect();
    // White space is not quite as much again.
    let mut text = String::with_capacity(2 * pieces.iter().map(|piece| piece.len()).sum::<usize>());
    let mut depth = 0;
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        (0..depth).for_each(|_| text.push_str("  "));
    };
    for piece in pieces {
        let bytes = piece.as_bytes();
        let (mut taken, mut at) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'"' => at = after_string(bytes, at),
                b'{' | b'[' if matches!(bytes.get(at), Some(b'}' | b']')) => at += 1,
                b'{' | b'[' | b',' => {
                    depth += usize::from(*byte != b',');
                    text.push_str(&piece[taken..at]);
                    line(&mut text, depth);
                    taken = at;
                }
                b'}' | b']' => {
                    depth -= 1;
                    text.push_str(&piece[taken..at - 1]);
                    line(&mut text, depth);
                    taken = at - 1;
                }
                b':' => {
                    text.push_str(&piece[taken..at]);
                    text.push(' ');
                    taken = at;
                }
                _ => {}
            }
        }
        text.push_str(&piece[taken..]);
    }
    text.push('\n');
    text
}

/// The place behind the string whose first character is here.
fn after_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}
