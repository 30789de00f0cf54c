//! A service's table: reading records, one at a time or in pages.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use operation::{Call, Page, Pagination};
use serde::Serialize;
use serde::de::DeserializeOwned;
use service_errors::{Error, Kind};
use validation::types::PageQuery;

use crate::{Entity, Key, Secrets, Stored, Transaction, cursor, failed};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The table of one service.
#[derive(Clone)]
pub struct Table {
    pub(crate) client: Client,
    /// The logical name, as declarations write it.
    pub logical: &'static str,
    pub(crate) name: String,
    secrets: Secrets,
    pub(crate) on_event: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What to list.
#[derive(Debug, Clone, Copy)]
pub enum Listing<'a> {
    /// All records of a kind.
    All,
    /// Those of them whose order begins like this.
    Ordered(&'a str),
    /// Those of one owner.
    Owner(&'a str),
    /// Those of a further list that is the first of its pair (see [`Entity::lists`]).
    First(&'a str),
    /// Those of a further list that is the second of its pair.
    Second(&'a str),
}

/// A stretch of a list's order ([`Entity::order`]); without bounds it is the whole list.
#[derive(Debug, Clone, Default)]
pub struct Stretch {
    /// From this on.
    pub from: Option<String>,
    /// Up to before this.
    pub before: Option<String>,
}

/// Which sort keys of a partition are read.
enum Sorts<'a> {
    Prefix(&'a str),
    Stretch(&'a Stretch),
}

impl Sorts<'_> {
    /// The name of the sort attribute, the bounds, and the condition they stand in.
    fn read(&self, index: Option<&str>) -> (String, Option<&str>, Option<&str>, &'static str) {
        let name = index.map_or_else(|| "sk".to_owned(), |index| format!("{index}sk"));
        match self {
            Self::Prefix(prefix) => (name, Some(prefix), None, "#pk = :pk AND begins_with(#sort, :from)"),
            Self::Stretch(stretch) => {
                let (from, before) = (stretch.from.as_deref(), stretch.before.as_deref());
                let condition = match (from, before) {
                    (None, None) => "#pk = :pk",
                    (Some(_), None) => "#pk = :pk AND #sort >= :from",
                    (None, Some(_)) => "#pk = :pk AND #sort < :before",
                    // A sort key goes on behind its order with the record's id, so none is equal to `before`.
                    (Some(_), Some(_)) => "#pk = :pk AND #sort BETWEEN :from AND :before",
                };
                (name, from, before, condition)
            }
        }
    }
}

impl Table {
    pub(crate) fn new(client: Client, logical: &'static str, name: String, secrets: Secrets) -> Self {
        Self { client, logical, name, secrets, on_event: None }
    }

    /// Calls `wake` whenever a transaction put an event into the outbox, so that a relay need not poll.
    pub fn on_event(mut self, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        self.on_event = Some(wake);
        self
    }

    /// One record of a tenant; `None` when there is none or it was removed.
    pub async fn get<T: Entity>(&self, tenant: &str, id: &str) -> Result<Option<Stored<T>>, Error> {
        self.read(&Key::record::<T>(tenant, id)).await
    }

    /// One record of a tenant, or 404. Another tenant's record is not found either.
    pub async fn require<T: Entity>(&self, tenant: &str, id: &str) -> Result<Stored<T>, Error> {
        self.get(tenant, id).await?.ok_or_else(|| Error::new(Kind::NotFound))
    }

    /// Whatever stands under a key: a record or a part of one.
    pub async fn read<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Stored<T>>, Error> {
        self.item(key).await?.filter(|item| !item.contains_key("deletedAt")).map(stored).transpose()
    }

    pub(crate) async fn item(&self, key: &Key) -> Result<Option<Item>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .consistent_read(true)
            .send()
            .await
            .map_err(failed)?;
        Ok(answer.item)
    }

    /// A page of records, newest first.
    pub async fn list<T: Entity>(
        &self,
        tenant: &str,
        listing: Listing<'_>,
        query: &PageQuery,
    ) -> Result<Page<T>, Error> {
        self.list_between(tenant, listing, &Stretch::default(), query).await
    }

    /// A page of the records of a stretch, newest first.
    pub async fn list_between<T: Entity>(
        &self,
        tenant: &str,
        listing: Listing<'_>,
        stretch: &Stretch,
        query: &PageQuery,
    ) -> Result<Page<T>, Error> {
        let (index, pk) = match listing {
            Listing::All | Listing::Ordered(_) => ("gsi1", format!("{tenant}#{}", T::KIND)),
            Listing::Owner(owner) => ("gsi2", format!("{tenant}#{}#{owner}", T::KIND)),
            Listing::First(name) => ("gsi1", list_key::<T>(tenant, name)),
            Listing::Second(name) => ("gsi2", list_key::<T>(tenant, name)),
        };
        // DynamoDB refuses bounds in the wrong order; between them there is nothing.
        if let (Some(from), Some(before)) = (&stretch.from, &stretch.before)
            && from >= before
        {
            return Ok(page(Vec::new(), query, None));
        }
        let after = |sort: String, primary: String| {
            let (item_pk, sk) = primary.split_once('\n').unwrap_or((&primary, T::KIND));
            Item::from([
                ("pk".to_owned(), AttributeValue::S(item_pk.to_owned())),
                ("sk".to_owned(), AttributeValue::S(sk.to_owned())),
                (format!("{index}pk"), AttributeValue::S(pk.clone())),
                (format!("{index}sk"), AttributeValue::S(sort)),
            ])
        };
        let place =
            |key: &Item| (text(key, &format!("{index}sk")), format!("{}\n{}", text(key, "pk"), text(key, "sk")));
        let sorts =
            if let Listing::Ordered(prefix) = listing { Sorts::Prefix(prefix) } else { Sorts::Stretch(stretch) };
        self.page(Some(index), &pk, &sorts, query, place, after).await
    }

    /// A page of the parts of a record whose sort key begins with `prefix`, newest first.
    pub async fn parts<T: Entity, P: DeserializeOwned>(
        &self,
        tenant: &str,
        id: &str,
        prefix: &str,
        query: &PageQuery,
    ) -> Result<Page<P>, Error> {
        let pk = Key::record::<T>(tenant, id).pk;
        let after = |sort: String, item_pk: String| {
            Item::from([("pk".to_owned(), AttributeValue::S(item_pk)), ("sk".to_owned(), AttributeValue::S(sort))])
        };
        let place = |key: &Item| (text(key, "sk"), text(key, "pk"));
        self.page(None, &pk, &Sorts::Prefix(prefix), query, place, after).await
    }

    async fn page<T: DeserializeOwned>(
        &self,
        index: Option<&str>,
        pk: &str,
        sorts: &Sorts<'_>,
        query: &PageQuery,
        place_of: impl Fn(&Item) -> (String, String),
        start_after: impl Fn(String, String) -> Item,
    ) -> Result<Page<T>, Error> {
        let (sort_name, from, before, condition) = sorts.read(index);
        let secret = self.secrets.service().await?;
        let mut asked = format!("{}|{}|{pk}|{}", self.name, index.unwrap_or("table"), from.unwrap_or_default());
        if let Some(before) = before {
            asked = format!("{asked}\n{before}");
        }
        let start = match &query.cursor {
            None => None,
            Some(cursor) => {
                let (sort, primary) = cursor::open(&secret, &asked, cursor)?;
                Some(start_after(sort, primary))
            }
        };
        let key_name = index.map_or_else(|| "pk".to_owned(), |index| format!("{index}pk"));
        let mut request = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", key_name)
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .scan_index_forward(false)
            .set_exclusive_start_key(start)
            .limit(i32::try_from(query.size()).unwrap_or(i32::MAX));
        for (name, bound) in [(":from", from), (":before", before)] {
            if let Some(bound) = bound {
                request = request
                    .expression_attribute_names("#sort", &sort_name)
                    .expression_attribute_values(name, AttributeValue::S(bound.to_owned()));
            }
        }
        let answer = request.send().await.map_err(failed)?;
        let next_cursor = answer
            .last_evaluated_key
            .as_ref()
            .map(place_of)
            .map(|(sort, primary)| cursor::seal(&secret, &asked, &sort, &primary));
        let items: Result<Vec<T>, Error> =
            answer.items.unwrap_or_default().into_iter().map(|item| stored(item).map(|stored| stored.value)).collect();
        Ok(page(items?, query, next_cursor))
    }

    /// Begins the change of one call.
    pub fn transaction<'a>(&'a self, call: &'a Call) -> Transaction<'a> {
        Transaction::new(self, call)
    }
}

/// The partition of a further list in its index.
pub(crate) fn list_key<T: Entity>(tenant: &str, name: &str) -> String {
    format!("{tenant}#{}-list#{name}", T::KIND)
}

fn page<T>(data: Vec<T>, query: &PageQuery, next_cursor: Option<String>) -> Page<T> {
    let pagination =
        Pagination { page: None, page_size: query.size(), total_count: None, total_pages: None, next_cursor };
    Page { data, pagination }
}

fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}

/// An item as a record: the record is the JSON text under `record`, everything else is ours.
fn stored<T: DeserializeOwned>(item: Item) -> Result<Stored<T>, Error> {
    let version = item.get("version").and_then(|value| value.as_n().ok()).and_then(|n| n.parse().ok()).unwrap_or(0);
    let record = item.get("record").and_then(|value| value.as_s().ok());
    let record = record.ok_or_else(|| Error::internal("an item without its record"))?;
    let value = serde_json::from_str(record).map_err(Error::internal)?;
    Ok(Stored { value, version })
}

/// A record as an item, without its index keys.
pub(crate) fn item<T: Serialize>(key: &Key, value: &T, version: u64) -> Result<Item, Error> {
    let record = serde_json::to_string(value).map_err(Error::internal)?;
    Ok(Item::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
        ("version".to_owned(), AttributeValue::N(version.to_string())),
        ("record".to_owned(), AttributeValue::S(record)),
    ]))
}
