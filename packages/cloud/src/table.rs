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
        let (index, pk, prefix) = match listing {
            Listing::All => ("gsi1", format!("{tenant}#{}", T::KIND), None),
            Listing::Ordered(prefix) => ("gsi1", format!("{tenant}#{}", T::KIND), Some(prefix)),
            Listing::Owner(owner) => ("gsi2", format!("{tenant}#{}#{owner}", T::KIND), None),
        };
        let after = |sort: String, item_pk: String| {
            Item::from([
                ("pk".to_owned(), AttributeValue::S(item_pk)),
                ("sk".to_owned(), AttributeValue::S(T::KIND.to_owned())),
                (format!("{index}pk"), AttributeValue::S(pk.clone())),
                (format!("{index}sk"), AttributeValue::S(sort)),
            ])
        };
        self.page(Some(index), &pk, prefix, query, |key| text(key, &format!("{index}sk")), after).await
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
        self.page(None, &pk, Some(prefix), query, |key| text(key, "sk"), after).await
    }

    async fn page<T: DeserializeOwned>(
        &self,
        index: Option<&str>,
        pk: &str,
        prefix: Option<&str>,
        query: &PageQuery,
        sort_of: impl Fn(&Item) -> String,
        start_after: impl Fn(String, String) -> Item,
    ) -> Result<Page<T>, Error> {
        let secret = self.secrets.service().await?;
        let asked = format!("{}|{}|{pk}|{}", self.name, index.unwrap_or("table"), prefix.unwrap_or_default());
        let start = match &query.cursor {
            None => None,
            Some(cursor) => {
                let (sort, item_pk) = cursor::open(&secret, &asked, cursor)?;
                Some(start_after(sort, item_pk))
            }
        };
        let key_name = |name: &str| index.map_or_else(|| name.to_owned(), |index| format!("{index}{name}"));
        let condition = if prefix.is_some() { "#pk = :pk AND begins_with(#sk, :prefix)" } else { "#pk = :pk" };
        let mut request = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", key_name("pk"))
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .scan_index_forward(false)
            .set_exclusive_start_key(start)
            .limit(i32::try_from(query.size()).unwrap_or(i32::MAX));
        if let Some(prefix) = prefix {
            request = request
                .expression_attribute_names("#sk", key_name("sk"))
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
        }
        let answer = request.send().await.map_err(failed)?;
        let next_cursor = answer
            .last_evaluated_key
            .as_ref()
            .map(|key| cursor::seal(&secret, &asked, &sort_of(key), &text(key, "pk")));
        let items: Result<Vec<T>, Error> =
            answer.items.unwrap_or_default().into_iter().map(|item| stored(item).map(|stored| stored.value)).collect();
        Ok(Page {
            data: items?,
            pagination: Pagination {
                page: None,
                page_size: query.size(),
                total_count: None,
                total_pages: None,
                next_cursor,
            },
        })
    }

    /// Begins the change of one call.
    pub fn transaction<'a>(&'a self, call: &'a Call) -> Transaction<'a> {
        Transaction::new(self, call)
    }
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
