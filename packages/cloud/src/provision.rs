//! Making the tables and queues of a laptop's environment. In AWS the infrastructure code does this.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TimeToLiveSpecification,
};
use aws_sdk_sqs::types::QueueAttributeName;
use service_errors::Error;

use crate::{Cloud, failed};

/// The attributes of every table's key.
pub const KEY: [&str; 2] = ["pk", "sk"];
/// The attribute that says when an item may go, in seconds since 1970.
pub const EXPIRES_AT: &str = "expiresAt";

/// The indexes every table has: their names, and their partition and sort attributes.
pub const INDEXES: [(&str, &str, &str); 3] =
    [("gsi1", "gsi1pk", "gsi1sk"), ("gsi2", "gsi2pk", "gsi2sk"), ("outbox", "outbox", "sk")];

impl Cloud {
    /// Makes the table of that logical name unless there is one.
    pub async fn ensure_table(&self, logical: &str) -> Result<(), Error> {
        let attribute = |name: &str| {
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()
        };
        let key = |name: &str, kind: KeyType| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
        let mut request = self
            .dynamodb
            .create_table()
            .table_name(self.name(logical))
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key(KEY[0], KeyType::Hash).map_err(Error::internal)?)
            .key_schema(key(KEY[1], KeyType::Range).map_err(Error::internal)?);
        for name in ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "outbox"] {
            request = request.attribute_definitions(attribute(name).map_err(Error::internal)?);
        }
        for (index, partition, sort) in INDEXES {
            let index = GlobalSecondaryIndex::builder()
                .index_name(index)
                .key_schema(key(partition, KeyType::Hash).map_err(Error::internal)?)
                .key_schema(key(sort, KeyType::Range).map_err(Error::internal)?)
                .projection(Projection::builder().projection_type(ProjectionType::All).build());
            request = request.global_secondary_indexes(index.build().map_err(Error::internal)?);
        }
        match request.send().await {
            Ok(_) => {}
            Err(error) if error.as_service_error().is_some_and(|e| e.is_resource_in_use_exception()) => return Ok(()),
            Err(error) => return Err(failed(error)),
        }
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name(EXPIRES_AT).build();
        self.dynamodb
            .update_time_to_live()
            .table_name(self.name(logical))
            .time_to_live_specification(ttl.map_err(Error::internal)?)
            .send()
            .await
            .map(drop)
            .map_err(failed)
    }

    /// Makes a queue and its dead-letter queue unless they are there. A message received `max_receive_count` times
    /// without being deleted moves to the dead-letter queue.
    pub async fn ensure_queue(&self, logical: &str, max_receive_count: u32) -> Result<(), Error> {
        let dead = self.sqs().create_queue().queue_name(self.name(&format!("{logical}-dlq"))).send().await;
        let url = dead.map_err(failed)?.queue_url.unwrap_or_default();
        let arn = self
            .sqs()
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .map_err(failed)?
            .attributes
            .and_then(|mut attributes| attributes.remove(&QueueAttributeName::QueueArn))
            .ok_or_else(|| Error::internal("a queue without an ARN"))?;
        let redrive = serde_json::json!({ "deadLetterTargetArn": arn, "maxReceiveCount": max_receive_count });
        self.sqs()
            .create_queue()
            .queue_name(self.name(logical))
            .attributes(QueueAttributeName::RedrivePolicy, redrive.to_string())
            .send()
            .await
            .map(drop)
            .map_err(failed)
    }
}
