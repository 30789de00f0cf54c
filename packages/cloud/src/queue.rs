//! A queue: sending, receiving and acknowledging messages.

use std::sync::{Arc, OnceLock};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry};
use service_errors::Error;

use crate::failed;

/// A queue of this environment, by name; its address is asked for when it is first needed.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    name: String,
    url: Arc<OnceLock<String>>,
}

/// A message that was received and must be deleted or will come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The body.
    pub body: String,
    /// What deleting it takes.
    pub receipt: String,
}

impl Queue {
    pub(crate) fn new(client: Client, name: String) -> Self {
        Self { client, name, url: Arc::default() }
    }

    /// Sends up to ten messages. Fails unless all were taken.
    pub async fn send(&self, bodies: &[String]) -> Result<(), Error> {
        let mut batch = self.client.send_message_batch().queue_url(self.url().await?);
        for (index, body) in bodies.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(body);
            batch = batch.entries(entry.build().map_err(Error::internal)?);
        }
        let answer = batch.send().await.map_err(failed)?;
        const RETRY_AFTER_SECONDS: u64 = 1;
        match answer.failed.first() {
            Some(entry) => Err(Error::unavailable(format!("{entry:?}"), RETRY_AFTER_SECONDS)),
            None => Ok(()),
        }
    }

    /// Receives up to ten messages, waiting up to `wait_seconds` (0 to 20) for the first.
    pub async fn receive(&self, wait_seconds: i32) -> Result<Vec<Message>, Error> {
        const BATCH: i32 = 10;
        let answer = self
            .client
            .receive_message()
            .queue_url(self.url().await?)
            .max_number_of_messages(BATCH)
            .wait_time_seconds(wait_seconds)
            .send()
            .await
            .map_err(failed)?;
        let message = |message: aws_sdk_sqs::types::Message| {
            Some(Message { body: message.body?, receipt: message.receipt_handle? })
        };
        Ok(answer.messages.unwrap_or_default().into_iter().filter_map(message).collect())
    }

    /// Deletes up to ten received messages: they took effect.
    pub async fn delete(&self, receipts: &[String]) -> Result<(), Error> {
        let mut batch = self.client.delete_message_batch().queue_url(self.url().await?);
        for (index, receipt) in receipts.iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(receipt);
            batch = batch.entries(entry.build().map_err(Error::internal)?);
        }
        batch.send().await.map(drop).map_err(failed)
    }

    async fn url(&self) -> Result<String, Error> {
        if let Some(url) = self.url.get() {
            return Ok(url.clone());
        }
        let answer = self.client.get_queue_url().queue_name(&self.name).send().await.map_err(failed)?;
        let url = answer.queue_url.ok_or_else(|| Error::internal("a queue without a URL"))?;
        Ok(self.url.get_or_init(|| url).clone())
    }
}
