//! Time to live: items whose time has passed are deleted, a few at a time, so that calls get their turn in between.

use std::time::{SystemTime, UNIX_EPOCH};

use dynoxide::storage::TableMetadata;
use dynoxide::{DynoxideError, Item, actions};
use serde_json::{Value, json};

use super::engine::{Engine, Turn};
use super::now;

/// How many items are looked at in one call.
const PAGE: usize = 100;
/// DynamoDB leaves items alone whose time passed longer ago: that is a mistake in a unit, and no time to live.
const YEARS_5: u64 = 5 * 366 * 86_400;

/// Goes through every table with a time to live once. In streams, these deletions look like anybody's.
pub(super) async fn sweep(engine: &Engine) -> Result<(), DynoxideError> {
    for table in engine.run(Turn::Read, |tables| tables.storage.list_table_names()).await? {
        let name = table.clone();
        let about = engine.run(Turn::Read, move |tables| tables.storage.get_table_metadata(&name)).await?;
        if let Some((attribute, keys)) = about.and_then(|about| swept(&about)) {
            sweep_table(engine, &table, &attribute, &keys).await?;
        }
    }
    Ok(())
}

/// The attribute with the time, and those of the key, when the table has a time to live.
fn swept(about: &TableMetadata) -> Option<(String, Vec<String>)> {
    let attribute = about.ttl_attribute.clone().filter(|_| about.ttl_enabled)?;
    let schema: Vec<Value> = serde_json::from_str(&about.key_schema).ok()?;
    let names = schema.iter().map(|part| Some(part["AttributeName"].as_str()?.to_owned()));
    Some((attribute, names.collect::<Option<_>>()?))
}

async fn sweep_table(engine: &Engine, table: &str, attribute: &str, keys: &[String]) -> Result<(), DynoxideError> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let names = json!({ "#ttl": attribute });
    let times = json!({
        ":now": { "N": seconds.to_string() },
        ":mistake": { "N": seconds.saturating_sub(YEARS_5).to_string() },
    });
    let mut start: Option<Item> = None;
    loop {
        let scan = asked(json!({
            "TableName": table, "Limit": PAGE, "ExclusiveStartKey": start,
            "FilterExpression": "#ttl < :now AND #ttl > :mistake",
            "ExpressionAttributeNames": names, "ExpressionAttributeValues": times,
        }))?;
        let page = engine.run(Turn::Read, move |tables| now(actions::scan::execute(&tables.storage, scan))).await?;
        for mut item in page.items.unwrap_or_default() {
            item.retain(|name, _| keys.contains(name));
            // Whoever gave it more time meanwhile keeps it.
            let delete = asked(json!({
                "TableName": table, "Key": item,
                "ConditionExpression": "#ttl < :now AND #ttl > :mistake",
                "ExpressionAttributeNames": names, "ExpressionAttributeValues": times,
            }))?;
            let deleted = engine
                .run(Turn::Write, move |tables| now(actions::delete_item::execute(&tables.storage, delete)).map(drop));
            match deleted.await {
                Err(DynoxideError::ConditionalCheckFailedException(..)) | Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(());
        }
    }
}

fn asked<Q: serde::de::DeserializeOwned>(request: Value) -> Result<Q, DynoxideError> {
    serde_json::from_value(request).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
