//! What the in-process clients touched is known exactly.

use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem};
use aws_sdk_s3::primitives::ByteStream;
use embedded_aws::{Access, EmbeddedAws, Resource};

use crate::port::{call, raw, serve};
use crate::queues;
use crate::tables::{s, table};

use Access::{Read, Write};

/// The touches since the last call.
fn taken(aws: &EmbeddedAws, kind: Resource) -> Vec<(String, Access)> {
    let touches = aws.recorder().take();
    assert!(touches.iter().all(|touch| touch.resource == kind), "{touches:?}");
    touches.into_iter().map(|touch| (touch.name, touch.access)).collect()
}

fn of(names: &[(&str, Access)]) -> Vec<(String, Access)> {
    names.iter().map(|(name, access)| ((*name).to_owned(), *access)).collect()
}

#[tokio::test]
async fn reads_and_writes_of_tables_are_recorded() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = aws_sdk_dynamodb::Client::new(&aws.sdk_config());
    table(&client, "orders").await;
    table(&client, "stock").await;
    assert_eq!(taken(&aws, Resource::Table), of(&[("orders", Write), ("stock", Write)]));

    client.list_tables().send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Table), []);

    client.put_item().table_name("orders").item("pk", s("a")).item("sk", s("1")).send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Table), of(&[("orders", Write)]));

    client.get_item().table_name("orders").key("pk", s("a")).key("sk", s("1")).send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Table), of(&[("orders", Read)]));

    let query = client.query().table_name("orders").key_condition_expression("pk = :pk");
    query.expression_attribute_values(":pk", s("a")).send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Table), of(&[("orders", Read)]));

    let put = Put::builder().table_name("orders").item("pk", s("b")).item("sk", s("1")).build().unwrap();
    let check = ConditionCheck::builder().table_name("stock").key("pk", s("a")).key("sk", s("1"));
    let check = check.condition_expression("attribute_not_exists(pk)").build().unwrap();
    let transact = client.transact_write_items().transact_items(TransactWriteItem::builder().put(put).build());
    transact.transact_items(TransactWriteItem::builder().condition_check(check).build()).send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Table), of(&[("orders", Write), ("stock", Read)]));

    client.execute_statement().statement("SELECT * FROM \"stock\" WHERE pk = 'a'").send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Table), of(&[("stock", Read)]));
}

#[tokio::test]
async fn an_attempt_counts_although_it_fails() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = aws_sdk_dynamodb::Client::new(&aws.sdk_config());
    client.delete_item().table_name("nothing").key("pk", s("a")).send().await.unwrap_err();
    assert_eq!(taken(&aws, Resource::Table), of(&[("nothing", Write)]));
}

#[tokio::test]
async fn reads_and_writes_of_buckets_are_recorded() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = aws_sdk_s3::Client::new(&aws.sdk_config());
    client.create_bucket().bucket("labels").send().await.unwrap();
    client.create_bucket().bucket("archive").send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Bucket), of(&[("archive", Write), ("labels", Write)]));

    client.list_buckets().send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Bucket), []);

    client.put_object().bucket("labels").key("a/b").body(ByteStream::from_static(b"x")).send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Bucket), of(&[("labels", Write)]));

    client.get_object().bucket("labels").key("a/b").send().await.unwrap();
    client.list_objects_v2().bucket("labels").send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Bucket), of(&[("labels", Read)]));

    client.copy_object().bucket("archive").key("c").copy_source("labels/a/b").send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Bucket), of(&[("archive", Write), ("labels", Read)]));

    client.delete_object().bucket("archive").key("c").send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Bucket), of(&[("archive", Write)]));
}

#[tokio::test]
async fn sending_to_and_consuming_from_queues_are_recorded() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = aws_sdk_sqs::Client::new(&aws.sdk_config());
    let url = queues::create(&client, "jobs", &[]).await;
    assert_eq!(taken(&aws, Resource::Queue), of(&[("jobs", Write)]));

    client.get_queue_url().queue_name("jobs").send().await.unwrap();
    client.list_queues().send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Queue), []);

    client.send_message().queue_url(&url).message_body("one").send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Queue), of(&[("jobs", Write)]));

    let message = queues::receive(&client, &url).await.remove(0);
    assert_eq!(taken(&aws, Resource::Queue), of(&[("jobs", Read)]));

    let receipt = message.receipt_handle.unwrap();
    client.delete_message().queue_url(&url).receipt_handle(receipt).send().await.unwrap();
    assert_eq!(taken(&aws, Resource::Queue), of(&[("jobs", Read)]));
}

#[tokio::test]
async fn touches_are_told_once_and_can_be_forgotten() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = aws_sdk_dynamodb::Client::new(&aws.sdk_config());
    for _ in 0..2 {
        client.scan().table_name("orders").send().await.unwrap_err();
    }
    assert_eq!(aws.recorder().take().len(), 1);
    assert!(aws.recorder().take().is_empty());
    client.scan().table_name("orders").send().await.unwrap_err();
    aws.recorder().clear();
    assert!(aws.recorder().take().is_empty());
}

#[tokio::test]
async fn clients_of_the_port_are_not_recorded() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let answer = raw(serve(&aws).await, &call("DynamoDB_20120810.Scan", br#"{"TableName":"orders"}"#)).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("ResourceNotFoundException"), "{}", answer.text);
    assert!(aws.recorder().take().is_empty());
}
