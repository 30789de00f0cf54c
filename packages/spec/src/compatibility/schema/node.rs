//! A schema where it stands: in which document, at which pointer, and as which party reads it.

use std::rc::Rc;

use serde_json::Value;

use crate::compatibility::document::Document;
use crate::compatibility::report::Side;
use crate::compatibility::sides::escaped;

/// How a schema is read by one party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct View {
    /// The keyword of properties that do not go this way: `readOnly` in requests, `writeOnly` in answers.
    pub hidden: Option<&'static str>,
    /// Whether the party sends. A sender leaves hidden properties out; a receiver does not look at them.
    pub sends: bool,
}

/// A schema.
#[derive(Clone)]
pub struct Node<'a> {
    pub document: &'a Document,
    pub side: Side,
    pub value: &'a Value,
    pub at: At,
    pub view: View,
}

/// Schemas that a value must satisfy all; none accepts everything.
pub type All<'a> = Vec<Node<'a>>;

/// A JSON pointer that is written out only when somebody reads it.
#[derive(Clone)]
pub enum At {
    Whole(Rc<str>),
    Under(Rc<(At, Box<str>)>),
}

impl At {
    pub fn under(&self, key: &str) -> Self {
        Self::Under(Rc::new((self.clone(), key.into())))
    }

    pub fn pointer(&self) -> String {
        let mut keys = Vec::new();
        let mut next = self;
        loop {
            match next {
                Self::Whole(start) => {
                    let mut pointer = start.to_string();
                    for key in keys.into_iter().rev() {
                        pointer.push('/');
                        pointer.push_str(&escaped(key));
                    }
                    return pointer;
                }
                Self::Under(step) => {
                    keys.push(&*step.1);
                    next = &step.0;
                }
            }
        }
    }
}

impl<'a> Node<'a> {
    /// A schema below this one.
    pub fn under(&self, key: &str, value: &'a Value) -> Self {
        Self { value, at: self.at.under(key), ..self.clone() }
    }

    /// An entry of a keyword that holds several schemas.
    pub fn entry(&self, keyword: &str, key: &str, value: &'a Value) -> Self {
        Self { value, at: self.at.under(keyword).under(key), ..self.clone() }
    }

    /// The list under a keyword.
    pub fn list(&self, keyword: &str) -> Vec<Self> {
        let items = self.value.get(keyword).and_then(Value::as_array).into_iter().flatten();
        items.enumerate().map(|(index, value)| self.entry(keyword, &index.to_string(), value)).collect()
    }

    /// What the reference in this schema leads to.
    pub fn target(&self) -> Option<Self> {
        let reference = self.reference()?;
        let value = self.document.target(reference)?;
        let at = At::Whole(reference.strip_prefix('#')?.into());
        Some(Self { value, at, ..self.clone() })
    }

    pub fn reference(&self) -> Option<&'a str> {
        self.value.get("$ref")?.as_str()
    }

    /// Tells this schema from every other in the two documents.
    pub fn key(&self) -> (usize, View) {
        (std::ptr::from_ref(self.value) as usize, self.view)
    }

    /// Whether a property with this schema does not go this way.
    pub fn is_hidden(&self) -> bool {
        let Some(keyword) = self.view.hidden else { return false };
        let mut node = self.clone();
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
