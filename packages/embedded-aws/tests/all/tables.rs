//! DynamoDB.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, ConditionCheck, KeySchemaElement, KeyType, Put,
    ScalarAttributeType, TimeToLiveSpecification, TransactWriteItem, Update, WriteRequest,
};
use embedded_aws::EmbeddedAws;

/// A table with a partition key and a sort key, both text.
pub async fn table(client: &Client, name: &str) {
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let text = |name: &str| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    client
        .create_table()
        .table_name(name)
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .attribute_definitions(text("pk"))
        .attribute_definitions(text("sk"))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
}

pub fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn put(table: &str, pk: &str) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    Put::builder().table_name(table).item("pk", s(pk)).item("sk", s("1"))
}

#[tokio::test]
async fn an_item_is_read_back_as_it_was_written() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = Client::new(&aws.sdk_config());
    table(&client, "orders").await;
    let weights = AttributeValue::Ns(vec!["1".into(), "2.5".into()]);
    let put = client.put_item().table_name("orders").item("pk", s("a")).item("sk", s("1")).item("weights", weights.clone());
    put.send().await.unwrap();
    let get = client.get_item().table_name("orders").key("pk", s("a")).key("sk", s("1"));
    let item = get.send().await.unwrap().item.unwrap();
    assert_eq!(item["weights"], weights);
    assert_eq!(item.len(), 3);
}
