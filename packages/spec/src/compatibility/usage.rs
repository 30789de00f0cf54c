//! What consumers use of a contract: so much of it, and no more, must stay.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the consumers of a contract use, by operation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// The key is the `operationId`, or `POST /bookings` (in messages: `publish orders`) where there is none. An operation
    /// that is not listed is used by nobody.
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

impl Used {
    /// Whether a change at this pointer (with `*` for entries) touches what is sent or read.
    pub(super) fn touches(&self, sends: bool, pointer: &str) -> bool {
        let used = if sends { &self.sends } else { &self.reads };
        let Some(used) = used else { return true };
        // A change above what is used changes it, and so does one inside.
        used.iter().any(|used| {
            let (mut used, mut changed) = (used.split('/').skip(1), pointer.split('/').skip(1));
            loop {
                match (used.next(), changed.next()) {
                    (Some(left), Some(right)) if left == right || left == "*" || right == "*" => {}
                    (Some(_), Some(_)) => return false,
                    _ => return true,
                }
            }
        })
    }
}
