//! The secret that services sign with, their calls to each other and what callers bring back: one item of the platform
//! table.

use std::sync::{Arc, OnceLock};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use service_errors::Error;

use crate::{failed, signed};

/// Reads the secret when it is first needed and keeps it.
#[derive(Clone)]
pub struct Secrets {
    client: Client,
    table: String,
    service: Arc<OnceLock<[u8; 32]>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("table", &self.table).finish_non_exhaustive()
    }
}

const PK: &str = "platform#secret";
const SK: &str = "service";

impl Secrets {
    pub(crate) fn new(client: Client, table: String) -> Self {
        Self { client, table, service: Arc::default() }
    }

    /// The secret of this environment. Fails with 503 while the platform has not made one.
    pub async fn service(&self) -> Result<[u8; 32], Error> {
        if let Some(secret) = self.service.get() {
            return Ok(*secret);
        }
        const RETRY_AFTER_SECONDS: u64 = 1;
        let missing = || Error::unavailable("the platform table holds no service secret", RETRY_AFTER_SECONDS);
        let item = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(PK.into()))
            .key("sk", AttributeValue::S(SK.into()))
            .consistent_read(true)
            .send()
            .await
            .map_err(failed)?
            .item
            .ok_or_else(missing)?;
        let value = item.get("value").and_then(|value| value.as_b().ok()).ok_or_else(missing)?;
        let secret: [u8; 32] = value.as_ref().try_into().map_err(|_| missing())?;
        Ok(*self.service.get_or_init(|| secret))
    }

    /// A text for a caller to bring back, signed for one place: what it is, and whose. The caller can read it.
    pub async fn sign(&self, place: &str, text: &str) -> Result<String, Error> {
        Ok(signed::sign(&self.service().await?, place, text))
    }

    /// The text in a token, if it was signed for this place.
    pub async fn signed(&self, place: &str, token: &str) -> Result<Option<String>, Error> {
        Ok(signed::signed(&self.service().await?, place, token))
    }

    /// Makes the secret unless there is one.
    pub async fn ensure(&self) -> Result<(), Error> {
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::internal(error.to_string()))?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", AttributeValue::S(PK.into()))
            .item("sk", AttributeValue::S(SK.into()))
            .item("value", AttributeValue::B(Blob::new(secret)))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match put {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            other => other.map(drop).map_err(failed),
        }
    }
}
