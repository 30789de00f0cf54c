//! The function that state machines ask on AWS: what `values` says, and the answers to what services sign.

use cloud::Secrets;
use dataset::Dataset;
use serde_json::{Value, json};
use verify::Client;

use crate::target::now;
use crate::{signed, values};

/// The function, ready to be invoked.
pub struct Function {
    dataset: Dataset,
    client: Client,
    secrets: Secrets,
}

impl Function {
    /// The function of an enver: whose texts it reads, where its services answer, and with what they sign. Nothing is
    /// asked yet.
    pub fn new(dataset: Dataset, client: Client, secrets: Secrets) -> Self {
        Self { dataset, client, secrets }
    }

    /// What a task's payload asks for, as the task takes it: under `values`.
    ///
    /// # Errors
    ///
    /// What is wrong with the payload, or why a signed request has no answer.
    pub async fn answer(&self, payload: &Value) -> Result<Value, String> {
        let values = if signed::is_call(payload) {
            let secret = self.secrets.service().await.map_err(|error| error.chain())?;
            signed::answer(&signed::send(payload, &self.client, &secret).await?.response)
        } else {
            values::answer(&self.dataset, payload, now())?
        };
        Ok(json!({ "values": values }))
    }
}
