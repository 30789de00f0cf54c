//! What consumers use of a contract: so much of it, and no more, must stay.

use std::collections::BTreeMap;
use std::iter;

use serde::{Deserialize, Serialize};

/// What the consumers of a contract use, by operation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// The key is the `operationId`, or `POST /bookings` (in messages: `publish orders`) where there is none. An
    /// operation that is not listed is used by nobody.
    pub operations: BTreeMap<String, Used>,
}

/// What is used of one operation. Pointers are JSON pointers into the body or message, with `*` for every entry of a list
/// and every property of a map: `/data/*/id`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// What is sent; `None` if anything may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sends: Option<Vec<String>>,
    /// What is read; `None` if anything may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<Vec<String>>,
}

impl Usage {
    /// These operations with everything in them.
    #[must_use]
    pub fn of_operations<I: IntoIterator<Item = S>, S: Into<String>>(names: I) -> Self {
        Self { operations: names.into_iter().map(|name| (name.into(), Used::default())).collect() }
    }
}

/// How what consumers use lies to a place in the value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// Everything there is used.
    Inside,
    /// Something below it is, at these pointers from there.
    Above(Vec<String>),
    /// Nothing.
    Apart,
}

impl Used {
    /// Whether a change at this pointer (with `*` for entries) touches what is sent or read.
    pub(super) fn touches(&self, sends: bool, pointer: &str) -> bool {
        // A change above what is used changes it, and so does one inside.
        self.reach(sends, pointer) != Reach::Apart
    }

    pub(super) fn reach(&self, sends: bool, pointer: &str) -> Reach {
        let used = if sends { &self.sends } else { &self.reads };
        let Some(used) = used else { return Reach::Inside };
        let mut below = Vec::new();
        for used in used {
            let (mut used, mut place) = (used.split('/').skip(1), pointer.split('/').skip(1));
            loop {
                match (used.next(), place.next()) {
                    (Some(left), Some(right)) if left == right || left == "*" || right == "*" => {}
                    (Some(_), Some(_)) => break,
                    (None, _) => return Reach::Inside,
                    (Some(first), None) => {
                        below.push(iter::once(first).chain(used).collect::<Vec<_>>().join("/"));
                        break;
                    }
                }
            }
        }
        if below.is_empty() { Reach::Apart } else { Reach::Above(below) }
    }
}
