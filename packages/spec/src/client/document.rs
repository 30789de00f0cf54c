//! A published artifact: its content, its digest, and its places.

use std::path::Path;

use serde_json::Value;

use super::ClientError;
use crate::artifact::STAMP;

/// An artifact.
pub(crate) struct Document {
    root: Value,
    pub digest: String,
}

/// A place in an artifact.
#[derive(Clone)]
pub(crate) struct Place<'a> {
    document: &'a Document,
    /// Where it is, as a JSON pointer.
    pub pointer: String,
    pub value: &'a Value,
}

/// How long a chain of references may be: a longer one is a circle.
const CHAIN: usize = 32;

impl Document {
    pub fn read(path: &Path) -> Result<Self, ClientError> {
        let failed = |why: String| ClientError::File { path: path.to_owned(), why };
        let text = std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                failed("the upstream has published no such artifact: `enver publish` writes it".to_owned())
            }
            _ => failed(error.to_string()),
        })?;
        let root: Value = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
        let stamped = root.get(STAMP).map(|stamp| stamp["digest"].as_str().unwrap_or_default().to_owned());
        if stamped.is_some() && !crate::artifact::intact(&root) {
            return Err(failed("the artifact was edited by hand: `enver publish` restores it".to_owned()));
        }
        // Somebody else's document does not say its digest.
        let digest = stamped.unwrap_or_else(|| crate::json::digest(&root));
        Ok(Self { root, digest })
    }

    pub fn root(&self) -> Place<'_> {
        Place { document: self, pointer: String::new(), value: &self.root }
    }
}

impl<'a> Place<'a> {
    /// The place under a key, if there is one.
    pub fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        let pointer = format!("{}/{}", self.pointer, key.replace('~', "~0").replace('/', "~1"));
        Some(Self { document: self.document, pointer, value })
    }

    /// The text under a key; empty when there is none.
    pub fn text(&self, key: &str) -> &'a str {
        self.value.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The places of an object or a list, with their keys.
    pub fn each(&self) -> Vec<(String, Self)> {
        let keys: Vec<String> = match self.value {
            Value::Object(fields) => fields.keys().cloned().collect(),
            Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
            _ => Vec::new(),
        };
        keys.into_iter().filter_map(|key| Some((key.clone(), self.element(&key)?))).collect()
    }

    fn element(&self, key: &str) -> Option<Self> {
        match self.value {
            Value::Array(items) => {
                let value = items.get(key.parse::<usize>().ok()?)?;
                Some(Self { document: self.document, pointer: format!("{}/{key}", self.pointer), value })
            }
            _ => self.get(key),
        }
    }

    /// Where a reference leads, and the last name on the way; the place itself where there is none.
    pub fn resolved(&self) -> Result<(Self, Option<String>), String> {
        let (mut place, mut name) = (self.clone(), None);
        for _ in 0..CHAIN {
            let Some(target) = place.value.get("$ref").and_then(Value::as_str) else { return Ok((place, name)) };
            let pointer = target.strip_prefix('#').ok_or_else(|| {
                format!("{} refers to {target}: only references within the artifact are followed", place.pointer)
            })?;
            let value = self.document.root.pointer(pointer);
            let value = value.ok_or_else(|| format!("{} refers to {target}, where there is nothing", place.pointer))?;
            name = target.rsplit('/').next().map(str::to_owned);
            place = Self { document: self.document, pointer: pointer.to_owned(), value };
        }
        Err(format!("{} refers to itself", self.pointer))
    }
}
