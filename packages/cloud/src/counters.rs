//! Counters that all instances of a service share: one item per caller and window, removed by TTL.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use operation::{Counters, Standing, Window};
use service_errors::Error;

use crate::failed;

/// Counters in the platform table.
#[derive(Debug, Clone)]
pub struct TableCounters {
    client: Client,
    table: String,
}

impl TableCounters {
    pub(crate) fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

#[async_trait]
impl Counters for TableCounters {
    async fn hit(&self, key: &str, window: Window, now: i64) -> Result<Standing, Error> {
        let reset = window.end(now);
        let counted = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.to_owned()))
            .key("sk", AttributeValue::S(format!("window#{reset}")))
            .update_expression("ADD used :one SET expiresAt = :reset")
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .expression_attribute_values(":reset", AttributeValue::N(reset.to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(failed)?;
        let used = counted.attributes.as_ref().and_then(|item| item.get("used")).and_then(|used| used.as_n().ok());
        let used = used.and_then(|used| used.parse().ok()).unwrap_or(u32::MAX);
        Ok(Standing { limit: window.limit, used, reset })
    }

    async fn first_use(&self, once: &str, now: i64, expires_at: i64) -> Result<bool, Error> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", AttributeValue::S(format!("platform#once#{once}")))
            .item("sk", AttributeValue::S("once".into()))
            .item("expiresAt", AttributeValue::N(expires_at.to_string()))
            .condition_expression("attribute_not_exists(pk) OR expiresAt <= :now")
            .expression_attribute_values(":now", AttributeValue::N(now.to_string()))
            .send()
            .await;
        match put {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            Err(error) => Err(failed(error)),
        }
    }
}
