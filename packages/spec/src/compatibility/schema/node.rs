//! A schema where it stands: in which document, at which place of it, and as which party reads it.

use serde_json::Value;

use super::flat::says_nothing;
use super::source::{Address, Source, address};
use crate::compatibility::report::Side;

/// How a schema is read by one party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct View {
    /// The keyword of properties that do not go this way: `readOnly` in requests, `writeOnly` in answers.
    pub hidden: Option<&'static str>,
    /// Whether the party sends. A sender leaves hidden properties out; a receiver does not look at them.
    pub sends: bool,
}

/// A schema.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    pub source: &'a Source<'a>,
    pub value: &'a Value,
    pub view: View,
}

/// Schemas that a value must satisfy all; none accepts everything.
pub type All<'a> = Vec<Node<'a>>;

impl<'a> Node<'a> {
    /// In which document it stands.
    pub fn side(&self) -> Side {
        self.source.side
    }

    /// Another schema, read by the same party.
    pub fn with(&self, value: &'a Value) -> Self {
        Self { value, ..*self }
    }

    /// The list under a keyword.
    pub fn list(&self, keyword: &str) -> Vec<Self> {
        let items = self.value.get(keyword).and_then(Value::as_array).into_iter().flatten();
        items.map(|value| self.with(value)).collect()
    }

    /// What the reference in this schema leads to.
    pub fn target(&self) -> Option<Self> {
        Some(self.with(self.source.target(self.value)?))
    }

    pub fn reference(&self) -> Option<&'a str> {
        self.value.get("$ref")?.as_str()
    }

    /// The schema itself, if this only refers to it.
    pub fn bare(&self) -> Self {
        let mut node = *self;
        for _ in 0..super::LONGEST_CHAIN {
            let Value::Object(map) = node.value else { break };
            let Some(target) = node.target() else { break };
            if map.keys().any(|key| key != "$ref" && !says_nothing(key)) {
                break;
            }
            node = target;
        }
        node
    }

    /// Tells this schema from every other in the two documents.
    pub fn key(&self) -> (Address, View) {
        (address(self.value), self.view)
    }

    /// Whether a property with this schema does not go this way.
    pub fn is_hidden(&self) -> bool {
        let Some(keyword) = self.view.hidden else { return false };
        let mut node = *self;
        for _ in 0..super::LONGEST_CHAIN {
            if node.value.get(keyword) == Some(&Value::Bool(true)) {
                return true;
            }
            match node.target() {
                Some(target) => node = target,
                None => return false,
            }
        }
        false
    }
}

/// A place in a document: under these keys of a value.
#[derive(Clone)]
pub struct At<'a> {
    pub side: Side,
    pub value: &'a Value,
    pub keys: Vec<&'a str>,
}
