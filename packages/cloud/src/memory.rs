//! What was answered under a claim, in the service's own table.

use async_trait::async_trait;
use operation::{Claim, Memory, Remembered};
use service_errors::Error;

use crate::{Key, Table};

/// The attribute that holds the remembered answer as JSON.
pub(crate) const ANSWER: &str = "answer";

#[async_trait]
impl Memory for Table {
    async fn recall(&self, claim: &Claim) -> Result<Option<Remembered>, Error> {
        let Some(item) = self.item(&Key::claim(&claim.tenant, &claim.key)).await? else { return Ok(None) };
        let text = item.get(ANSWER).and_then(|value| value.as_s().ok());
        let text = text.ok_or_else(|| Error::internal("a claim without its answer"))?;
        serde_json::from_str(text).map(Some).map_err(Error::internal)
    }
}
