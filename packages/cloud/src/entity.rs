//! Records and where they stand in a service's single table.
//!
//! | item | `pk` | `sk` |
//! | --- | --- | --- |
//! | record | `{tenant}#{kind}#{id}` | `{kind}` |
//! | part of a record | `{tenant}#{kind}#{id}` | `{part}#…` |
//! | copy of a record, for two more lists | `{tenant}#{kind}#{id}` | `{kind}#list#{n}` |
//! | audit, and the call's first event until it is moved | `{tenant}#audit#{day}` | `{time}#{request id}#…` |
//! | further events until they are moved | `{tenant}#outbox` | `{time}#{event id}` |
//! | claim | `{tenant}#claim#{key}` | `claim` |
//! | sum that calls add to | `{tenant}#tally#{name}` | `tally` |
//!
//! Lists: index `gsi1` has all of a kind (`{tenant}#{kind}`), index `gsi2` those of one owner
//! (`{tenant}#{kind}#{owner}`; a kind that is listed by owner alone stands only there), both ordered by `{order}#{id}`;
//! index `outbox` has what is still to be moved. Every key begins with the tenant. Records of a kind with statuses
//! stand apart by status (`{tenant}#{kind}@{status}`, `{tenant}#{kind}@{status}#{owner}`): a page of one status is one
//! query, and a page of all is one query per status, merged. A record that stands in more lists than these has a copy
//! per further pair (`{tenant}#{kind}-list#{name}`, one name in each index), written with it.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::table::Item;

/// A record with an identity.
pub trait Entity: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The kind: `booking`.
    const KIND: &'static str;

    /// The tenant it belongs to.
    fn tenant(&self) -> &str;

    /// Its id, unique within tenant and kind.
    fn id(&self) -> &str;

    /// What lists are ordered by, as text: a time is [`sortable`](validation::types::Timestamp::sortable). It stays as it
    /// is. Empty for a kind that is in no list, and so in no index.
    fn order(&self) -> String {
        String::new()
    }

    /// Whose it is, if lists are asked for by owner.
    fn owner(&self) -> Option<&str> {
        None
    }

    /// Whether lists of a whole tenant are asked for; otherwise it stands in those of its owner alone.
    const LISTED_WHOLE: bool = true;

    /// The statuses it can have, if lists are asked for by status, in the order in which a record has them.
    const STATUSES: &'static [&'static str] = &[];

    /// The status it has: one of [`Entity::STATUSES`].
    fn status(&self) -> Option<&'static str> {
        None
    }

    /// The further lists it stands in, by name, two to a copy: the first in `gsi1`, the second in `gsi2`.
    fn lists(&self) -> Vec<[String; 2]> {
        Vec::new()
    }

    /// When it may be forgotten, in seconds since 1970; DynamoDB removes it some time after.
    fn expires_at(&self) -> Option<i64> {
        None
    }
}

/// A record as it stands in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored<T> {
    /// The record.
    pub value: T,
    /// Counts changes from 1; an update names the version it read.
    pub version: u64,
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    /// As the SDK takes it.
    pub(crate) fn attributes(&self) -> Item {
        let attribute = |name: &str, value: &str| (name.to_owned(), AttributeValue::S(value.to_owned()));
        Item::from([attribute("pk", &self.pk), attribute("sk", &self.sk)])
    }

    /// Whether it is this item's.
    pub(crate) fn is_of(&self, item: &Item) -> bool {
        let is = |name: &str, value: &str| {
            item.get(name).and_then(|found| found.as_s().ok()).is_some_and(|found| found == value)
        };
        is("pk", &self.pk) && is("sk", &self.sk)
    }

    /// The key of a record.
    pub fn record<T: Entity>(tenant: &str, id: &str) -> Self {
        Self::part::<T>(tenant, id, T::KIND)
    }

    /// The key of a part of a record: `version#00000003`.
    pub fn part<T: Entity>(tenant: &str, id: &str, part: &str) -> Self {
        Self { pk: format!("{tenant}#{}#{id}", T::KIND), sk: part.to_owned() }
    }

    /// The key of a record's copy number `n`, for two further lists.
    pub(crate) fn copy<T: Entity>(tenant: &str, id: &str, n: usize) -> Self {
        Self::part::<T>(tenant, id, &format!("{}#list#{n}", T::KIND))
    }

    pub(crate) fn claim(tenant: &str, key: &str) -> Self {
        Self { pk: format!("{tenant}#claim#{key}"), sk: "claim".to_owned() }
    }

    pub(crate) fn tally(tenant: &str, name: &str) -> Self {
        Self { pk: format!("{tenant}#tally#{name}"), sk: "tally".to_owned() }
    }
}
