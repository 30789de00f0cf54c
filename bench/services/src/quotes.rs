//! A quote, as it is asked for: from the request to its answer, with the quote kept and audited. Beside it, what the AWS
//! SDK alone takes to write the same two items.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use serde_json::{Value, json};

use crate::Failure;
use crate::house::House;
use crate::watch::{Watch, median};

const BATCH: usize = 20;
const BATCHES: usize = 100;

type Item = HashMap<String, AttributeValue>;

pub async fn measure(house: &House) -> Result<Value, Failure> {
    let freight = house.freight();
    let quoted = house.ask("POST", "/booking/v1/quotes", Some(&freight)).await?;
    let id = quoted["data"]["quoteId"].as_str().ok_or("a quote without an id")?;
    let store = Store::with(house, id).await?;

    let (mut service, mut all, mut sdk) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..BATCHES {
        let watch = Watch::start();
        for _ in 0..BATCH {
            house.ask("POST", "/booking/v1/quotes", Some(&freight)).await?;
        }
        let spent = watch.stop();
        service.push(spent.thread);
        all.push(spent.process);

        let watch = Watch::start();
        for _ in 0..BATCH {
            store.write().await?;
        }
        sdk.push(watch.stop().thread);
    }
    let per_quote = |times| median(times) / BATCH as f64;
    let (service, sdk) = (per_quote(service), per_quote(sdk));
    Ok(json!({
        "cpuMicroseconds": service,
        "sdkMicroseconds": sdk,
        "ownMicroseconds": service - sdk,
        "withTablesMicroseconds": per_quote(all),
    }))
}

/// The two items of a quote, to be written again under other keys.
struct Store {
    client: Client,
    table: String,
    items: Vec<Item>,
}

impl Store {
    async fn with(house: &House, id: &str) -> Result<Self, Failure> {
        let client = Client::new(&house.aws.sdk_config());
        let table = house.platform.cloud.name(booking::NAME);
        let all = client.scan().table_name(&table).send().await?.items.unwrap_or_default();
        let names_it = |item: &Item| item.values().any(|value| value.as_s().is_ok_and(|text| text.contains(id)));
        let items: Vec<Item> = all.into_iter().filter(names_it).collect();
        if items.len() != 2 {
            return Err(format!("a quote is {} items, and not itself and its audit entry", items.len()).into());
        }
        Ok(Self { client, table, items })
    }

    async fn write(&self) -> Result<(), Failure> {
        let mut writes = Vec::with_capacity(self.items.len());
        for item in &self.items {
            let mut item = item.clone();
            item.insert("pk".to_owned(), AttributeValue::S(format!("bench#again#{}", operation::random_id())));
            let put = Put::builder().table_name(&self.table).set_item(Some(item));
            let put = put.condition_expression("attribute_not_exists(pk)").build()?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        self.client.transact_write_items().set_transact_items(Some(writes)).send().await?;
        Ok(())
    }
}
