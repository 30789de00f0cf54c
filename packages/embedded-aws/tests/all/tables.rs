//! DynamoDB.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, ConditionCheck, KeySchemaElement, KeyType, KeysAndAttributes,
    Put, PutRequest, ScalarAttributeType, TimeToLiveSpecification, TransactWriteItem, Update, WriteRequest,
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

async fn orders() -> (EmbeddedAws, Client) {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = Client::new(&aws.sdk_config());
    table(&client, "orders").await;
    (aws, client)
}

fn put(pk: &str) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    Put::builder().table_name("orders").item("pk", s(pk)).item("sk", s("1"))
}

fn write(put: aws_sdk_dynamodb::types::builders::PutBuilder) -> TransactWriteItem {
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

#[tokio::test]
async fn an_item_is_read_back_as_it_was_written() {
    let (_aws, client) = orders().await;
    let weights = AttributeValue::Ns(vec!["1".into(), "2.5".into()]);
    let put = client.put_item().table_name("orders").item("pk", s("a")).item("sk", s("1"));
    put.item("weights", weights.clone()).send().await.unwrap();
    let get = client.get_item().table_name("orders").key("pk", s("a")).key("sk", s("1"));
    let item = get.send().await.unwrap().item.unwrap();
    assert_eq!(item["weights"], weights);
    assert_eq!(item.len(), 3);
}

#[tokio::test]
async fn a_failed_condition_is_a_typed_error_with_the_old_item() {
    let (_aws, client) = orders().await;
    let put = || client.put_item().table_name("orders").item("pk", s("a")).item("sk", s("1"));
    put().send().await.unwrap();
    let again = put()
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failed) = again else {
        panic!("{again:?}");
    };
    assert_eq!(failed.item.unwrap()["pk"], s("a"));
}

#[tokio::test]
async fn a_transaction_with_a_failed_condition_writes_nothing_and_says_which() {
    let (_aws, client) = orders().await;
    client.put_item().table_name("orders").item("pk", s("a")).item("sk", s("1")).send().await.unwrap();
    let transaction = client
        .transact_write_items()
        .transact_items(write(put("b")))
        .transact_items(write(put("a").condition_expression("attribute_not_exists(pk)")));
    let error = transaction.send().await.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error else { panic!("{error:?}") };
    let codes: Vec<_> = canceled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    let get = client.get_item().table_name("orders").key("pk", s("b")).key("sk", s("1"));
    assert_eq!(get.send().await.unwrap().item, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_transactions_lose_no_update() {
    const WRITERS: usize = 8;
    const ROUNDS: usize = 20;
    let (_aws, client) = orders().await;
    let counter = client.put_item().table_name("orders").item("pk", s("counter")).item("sk", s("1"));
    counter.item("n", AttributeValue::N("0".into())).send().await.unwrap();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut done = 0;
                while done < ROUNDS {
                    let get = client.get_item().table_name("orders").key("pk", s("counter")).key("sk", s("1"));
                    let item = get.consistent_read(true).send().await.unwrap().item.unwrap();
                    let n: usize = item["n"].as_n().unwrap().parse().unwrap();
                    let update = Update::builder()
                        .table_name("orders")
                        .key("pk", s("counter"))
                        .key("sk", s("1"))
                        .update_expression("SET n = :next")
                        .condition_expression("n = :was")
                        .expression_attribute_values(":next", AttributeValue::N((n + 1).to_string()))
                        .expression_attribute_values(":was", AttributeValue::N(n.to_string()))
                        .build()
                        .unwrap();
                    let mark = put(&format!("{writer}-{done}")).build().unwrap();
                    let transaction = client
                        .transact_write_items()
                        .transact_items(TransactWriteItem::builder().update(update).build())
                        .transact_items(TransactWriteItem::builder().put(mark).build());
                    match transaction.send().await {
                        Ok(_) => done += 1,
                        Err(error) => assert!(error.into_service_error().is_transaction_canceled_exception()),
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let get = client.get_item().table_name("orders").key("pk", s("counter")).key("sk", s("1"));
    let item = get.send().await.unwrap().item.unwrap();
    assert_eq!(item["n"].as_n().unwrap(), &(WRITERS * ROUNDS).to_string());
    let marks = client.scan().table_name("orders").send().await.unwrap().count;
    assert_eq!(marks, i32::try_from(WRITERS * ROUNDS + 1).unwrap());
}

#[tokio::test]
async fn a_transaction_repeated_with_its_token_happens_once() {
    let (_aws, client) = orders().await;
    for _ in 0..2 {
        let update = Update::builder().table_name("orders").key("pk", s("a")).key("sk", s("1"));
        let update = update.update_expression("ADD n :one");
        let update = update.expression_attribute_values(":one", AttributeValue::N("1".into())).build().unwrap();
        let item = TransactWriteItem::builder().update(update).build();
        client.transact_write_items().client_request_token("once").transact_items(item).send().await.unwrap();
    }
    let get = client.get_item().table_name("orders").key("pk", s("a")).key("sk", s("1"));
    assert_eq!(get.send().await.unwrap().item.unwrap()["n"], AttributeValue::N("1".into()));
}

#[tokio::test]
async fn a_query_pages_in_the_order_of_the_sort_key() {
    let (_aws, client) = orders().await;
    for sk in ["3", "1", "2"] {
        client.put_item().table_name("orders").item("pk", s("a")).item("sk", s(sk)).send().await.unwrap();
    }
    let query = || {
        let query = client.query().table_name("orders").key_condition_expression("pk = :pk").limit(2);
        query.expression_attribute_values(":pk", s("a"))
    };
    let first = query().send().await.unwrap();
    let rest = query().set_exclusive_start_key(first.last_evaluated_key.clone()).send().await.unwrap();
    let keys: Vec<_> = first.items().iter().chain(rest.items()).map(|item| item["sk"].clone()).collect();
    assert_eq!(keys, [s("1"), s("2"), s("3")]);
    assert_eq!(rest.last_evaluated_key, None);
}

#[tokio::test]
async fn batches_write_and_read_many_items() {
    let (_aws, client) = orders().await;
    let request = |pk: &str| {
        let put = PutRequest::builder().item("pk", s(pk)).item("sk", s("1")).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    client.batch_write_item().request_items("orders", vec![request("a"), request("b")]).send().await.unwrap();
    let key = |pk: &str| [("pk".to_owned(), s(pk)), ("sk".to_owned(), s("1"))].into();
    let keys = KeysAndAttributes::builder().keys(key("a")).keys(key("b")).keys(key("c")).build().unwrap();
    let read = client.batch_get_item().request_items("orders", keys).send().await.unwrap();
    assert_eq!(read.responses.unwrap()["orders"].len(), 2);
}

#[tokio::test]
async fn an_unknown_table_is_a_typed_error() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = Client::new(&aws.sdk_config());
    let get = client.get_item().table_name("nothing").key("pk", s("a"));
    let error = get.send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
}

#[tokio::test]
async fn an_invalid_expression_is_refused_as_dynamodb_refuses_it() {
    let (_aws, client) = orders().await;
    let get = client.get_item().table_name("orders").key("pk", s("a"));
    let error = get.send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("ValidationException"));
    assert_eq!(error.message(), Some("The provided key element does not match the schema"));
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_an_unknown_operation() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = Client::new(&aws.sdk_config());
    let error = client.describe_limits().send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("UnknownOperationException"));
}

#[tokio::test]
async fn a_served_table_loses_the_items_whose_time_has_passed_and_no_others() {
    let (aws, client) = orders().await;
    let specification = TimeToLiveSpecification::builder().attribute_name("expires").enabled(true).build().unwrap();
    client.update_time_to_live().table_name("orders").time_to_live_specification(specification).send().await.unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let minute_ago = AttributeValue::N((now - 60).to_string());
    for (pk, expires) in [
        ("later", AttributeValue::N((now + 600).to_string())),
        ("milliseconds-taken-for-seconds", AttributeValue::N("1000".into())),
        ("no number", s("1000")),
        ("passed", minute_ago.clone()),
    ] {
        let put = client.put_item().table_name("orders").item("pk", s(pk)).item("sk", s("1"));
        put.item("expires", expires).send().await.unwrap();
    }
    for number in 0..250 {
        let put = client.put_item().table_name("orders").item("pk", s("many")).item("sk", s(&number.to_string()));
        put.item("expires", minute_ago.clone()).send().await.unwrap();
    }

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let serving = aws.serve(listener, std::future::pending());
    let swept = async {
        loop {
            let scan = client.scan().table_name("orders").send().await.unwrap();
            let mut left: Vec<_> = scan.items().iter().map(|item| item["pk"].as_s().unwrap().clone()).collect();
            left.sort();
            if left.len() <= 3 {
                return left;
            }
            tokio::task::yield_now().await;
        }
    };
    let left = tokio::select! {
        left = swept => left,
        _ = serving => panic!("it serves for ever"),
    };
    assert_eq!(left, ["later", "milliseconds-taken-for-seconds", "no number"]);
}

#[tokio::test]
async fn the_time_to_live_of_a_table_is_kept() {
    let (_aws, client) = orders().await;
    let specification = TimeToLiveSpecification::builder().attribute_name("expires").enabled(true).build().unwrap();
    client.update_time_to_live().table_name("orders").time_to_live_specification(specification).send().await.unwrap();
    let told = client.describe_time_to_live().table_name("orders").send().await.unwrap();
    assert_eq!(told.time_to_live_description.unwrap().attribute_name(), Some("expires"));
}

#[tokio::test]
async fn a_condition_check_takes_part_in_a_transaction() {
    let (_aws, client) = orders().await;
    let check = ConditionCheck::builder().table_name("orders").key("pk", s("gate")).key("sk", s("1"));
    let check = check.condition_expression("attribute_exists(pk)").build().unwrap();
    let check = TransactWriteItem::builder().condition_check(check).build();
    let transaction = client.transact_write_items().transact_items(check).transact_items(write(put("a")));
    assert!(transaction.send().await.unwrap_err().into_service_error().is_transaction_canceled_exception());
}
