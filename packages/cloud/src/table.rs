//! A service's table: reading records one at a time.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use operation::Call;
use serde::Serialize;
use serde::de::DeserializeOwned;
use service_errors::{Error, Kind};

use crate::{Entity, Key, Secrets, Stored, Transaction, failed};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The table of one service.
#[derive(Clone)]
pub struct Table {
    pub(crate) client: Client,
    /// The logical name, as declarations write it.
    pub logical: &'static str,
    pub(crate) name: String,
    pub(crate) secrets: Secrets,
    pub(crate) on_event: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("name", &self.name).finish_non_exhaustive()
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

    /// Two records of a tenant in one call. Neither is read at the same moment as the other.
    ///
    /// # Errors
    ///
    /// 503 when the table is asked for too much.
    pub async fn get_both<A: Entity, B: Entity>(
        &self,
        tenant: &str,
        one: &str,
        other: &str,
    ) -> Result<(Option<Stored<A>>, Option<Stored<B>>), Error> {
        const RETRY_AFTER_SECONDS: u64 = 1;
        let (one, other) = (Key::record::<A>(tenant, one), Key::record::<B>(tenant, other));
        let keys = [&one, &other].map(Key::attributes).to_vec();
        let asked = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let request = self.client.batch_get_item().request_items(&self.name, asked.map_err(Error::internal)?);
        let answer = request.send().await.map_err(failed)?;
        if answer.unprocessed_keys.is_some_and(|left| !left.is_empty()) {
            return Err(Error::unavailable("the table left keys unread", RETRY_AFTER_SECONDS));
        }
        let mut items = answer.responses.and_then(|mut tables| tables.remove(&self.name)).unwrap_or_default();
        let mut item = |key: &Key| {
            let place = items.iter().position(|item| key.is_of(item))?;
            Some(items.swap_remove(place)).filter(|item| !item.contains_key("deletedAt"))
        };
        Ok((item(&one).map(stored).transpose()?, item(&other).map(stored).transpose()?))
    }

    pub(crate) async fn item(&self, key: &Key) -> Result<Option<Item>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .send()
            .await
            .map_err(failed)?;
        Ok(answer.item)
    }

    /// Begins the change of one call.
    pub fn transaction<'a>(&'a self, call: &'a Call) -> Transaction<'a> {
        Transaction::new(self, call)
    }
}

/// An item as a record: the record is the JSON text under `record`, everything else is ours.
pub(crate) fn stored<T: DeserializeOwned>(item: Item) -> Result<Stored<T>, Error> {
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
