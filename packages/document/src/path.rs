//! The way to a value of a document, written out as a JSON pointer only when somebody reads it.

use crate::issue::escaped;

/// A step, and those before it.
pub enum Path<'p> {
    /// A pointer that is written out.
    At(&'p str),
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    pub fn pointer(&self) -> String {
        match self {
            Self::At(pointer) => (*pointer).to_owned(),
            Self::Key(above, key) => format!("{}/{}", above.pointer(), escaped(key)),
            Self::Index(above, index) => format!("{}/{index}", above.pointer()),
        }
    }

    /// The key it ends with.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Key(_, key) => Some(key),
            _ => None,
        }
    }
}
