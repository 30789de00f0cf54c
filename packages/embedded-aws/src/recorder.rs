//! What the in-process clients really touched: declared access is compared with this.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What kind of resource was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// A DynamoDB table, its indexes and stream included.
    Table,
    /// An S3 bucket.
    Bucket,
    /// An SQS queue.
    Queue,
}

/// How it was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Items or objects were read; messages were consumed, which includes deleting them and keeping them hidden.
    Read,
    /// Items or objects were written, messages were sent, or the resource itself was changed.
    Write,
}

/// One touch of one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Touch {
    /// The kind.
    pub resource: Resource,
    /// The physical name, not an ARN and not a URL.
    pub name: String,
    /// How.
    pub access: Access,
}

/// The touches since the last [`Recorder::clear`] or [`Recorder::take`], each once. An attempt counts, whether or not
/// it succeeded, for it needs the permission either way. Asking for a queue's address or for a list of names is none.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    touches: Arc<Mutex<BTreeSet<Touch>>>,
}

impl Recorder {
    /// Forgets all touches.
    pub fn clear(&self) {
        self.touches().clear();
    }

    /// All touches, which are then forgotten.
    pub fn take(&self) -> BTreeSet<Touch> {
        std::mem::take(&mut *self.touches())
    }

    pub(crate) fn add(&self, resource: Resource, name: &str, access: Access) {
        self.touches().insert(Touch { resource, name: name.to_owned(), access });
    }

    fn touches(&self) -> MutexGuard<'_, BTreeSet<Touch>> {
        self.touches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
