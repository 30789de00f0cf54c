//! Batches of queues, what wakes the relay, and what CloudFormation says.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cloud::Message;
use contracts::subscriptions_parameter;
use host_lambda::{Fault, Function};
use serde_json::{Value, json};
use testing::World;

use crate::shapes::Shape;
use crate::{booking, function};

const QUEUE: &str = "arn:aws:sqs:eu-central-1:111122220003:enver-dev-booking-events";

fn record(id: &str, body: &Value, queue: &str) -> Value {
    json!({ "messageId": id, "receiptHandle": "r", "body": body.to_string(), "eventSource": "aws:sqs", "eventSourceARN": queue })
}

/// An event that the consumer leaves alone, because it takes others.
fn event_of_others() -> Value {
    json!({
        "specversion": "1.0", "id": "event-1", "source": "config", "type": "config.changed", "subject": "a",
        "time": "2026-11-21T08:00:00Z", "datacontenttype": "application/json", "tenantid": "acme", "requestid": "r",
        "data": {},
    })
}

fn failed(outcome: &Value) -> Vec<&str> {
    let failures = outcome["batchItemFailures"].as_array().expect("a list");
    failures.iter().map(|failure| failure["itemIdentifier"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn of_a_batch_only_the_poisoned_messages_come_again() {
    let world = booking().await;
    let consumer = function(&world, "booking::update_shipper_summary");
    let records = [record("poison", &json!({ "not": "an event" }), QUEUE), record("good", &event_of_others(), QUEUE)];

    let outcome = consumer.invoke(json!({ "Records": records })).await.expect("an outcome");

    assert_eq!(failed(&outcome), ["poison"]);
    let [told] = &world.faults()[..] else { panic!("{:?}", world.faults()) };
    assert!(told.starts_with("updateShipperSummary could not take message poison: "), "{told}");
}

#[tokio::test]
async fn nothing_overtakes_a_failed_message_of_an_ordered_queue() {
    let world = booking().await;
    let consumer = function(&world, "booking::update_shipper_summary");
    let queue = format!("{QUEUE}.fifo");
    let records = [
        record("first", &event_of_others(), &queue),
        record("poison", &json!(1), &queue),
        record("after", &event_of_others(), &queue),
    ];

    let outcome = consumer.invoke(json!({ "Records": records })).await.expect("an outcome");

    assert_eq!(failed(&outcome), ["poison", "after"]);
}

#[tokio::test]
async fn what_is_no_batch_is_refused_as_a_whole() {
    let world = booking().await;
    let consumer = function(&world, "booking::update_shipper_summary");

    for event in [json!({}), json!({ "Records": 1 }), json!({ "Records": [{ "body": "{}" }] })] {
        let fault = consumer.invoke(event).await.expect_err("a fault");
        assert!(fault.to_string().starts_with("the event is not a batch of SQS: "), "{fault}");
    }
}

/// Books something, through the function that books.
pub async fn book(world: &World) {
    let caller = world.caller("acme", policy::Role::Shipper);
    let place = json!({ "lat": 17.05, "lng": 79.27, "address": "Nalgonda" });
    let freight = json!({
        "pickup": place, "drop": { "lat": 16.87, "lng": 79.56, "address": "Miryalguda" }, "material": "coal",
        "tonnes": 10, "distanceKm": 100, "pickupAt": world.in_seconds(2 * 86_400),
    });
    let request = ::http::Request::post("/booking/v1/bookings").header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {}", caller.token.expect("a token")));
    let request = request.body(Bytes::from(json!({ "freight": freight }).to_string())).expect("a request");
    let create = function(world, "booking::create_booking");
    let made = create.invoke(Shape::HttpApi.event(&request)).await.expect("an answer");
    assert_eq!(made["statusCode"], 201, "{made}");
}

/// Says who takes the service's events, as a deployment does.
pub async fn subscribe(world: &World, subscriptions: Value) -> String {
    let wiring = contracts::wire().expect("a wiring");
    let id = &wiring.at("booking", contracts::Stage::Dev).expect("an enver").id;
    let parameter = subscriptions_parameter(&id.build, &id.revision);
    world.platform.cloud.parameters().put(&parameter, &subscriptions.to_string()).await.expect("a parameter");
    parameter
}

/// The queue of a consumer of the service.
pub fn queue_of(world: &World, consumer: &str) -> (&'static str, u32) {
    let facts = world.service().consumers().into_iter().find(|facts| facts.id == consumer).expect("a consumer");
    (facts.queue, facts.max_receive_count)
}

/// Messages as Lambda hands them over; each is named by its place.
pub fn batch(messages: &[Message]) -> Value {
    let records = messages.iter().enumerate().map(|(index, message)| {
        json!({ "messageId": index.to_string(), "receiptHandle": message.receipt, "body": message.body,
                "eventSource": "aws:sqs", "eventSourceARN": QUEUE })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

#[tokio::test]
async fn what_one_function_writes_the_relay_moves_and_the_consumer_takes_once() {
    let world = booking().await;
    let (queue, _) = queue_of(&world, "updateShipperSummary");
    subscribe(&world, json!({ "booking.created": [queue] })).await;
    book(&world).await;

    let moved = function(&world, "booking::relay").invoke(json!({ "Records": [] })).await.expect("an outcome");
    assert_eq!(moved, json!({ "moved": 1 }));
    let messages = world.platform.cloud.queue(queue).receive(0).await.expect("a queue");
    assert_eq!(messages.len(), 1);
    let consumer = function(&world, "booking::update_shipper_summary");
    for _ in 0..2 {
        assert_eq!(failed(&consumer.invoke(batch(&messages)).await.expect("an outcome")), [""; 0]);
    }
    let shipper = world.caller("acme", policy::Role::Shipper);
    let summary = world.ask("GET", "/booking/v1/summary").by(&shipper).send().await;
    assert_eq!(summary.body["data"]["openBookings"], 1, "{}", summary.body);
}

#[tokio::test]
async fn a_poisoned_message_becomes_a_dead_letter_and_costs_no_other() {
    let world = booking().await;
    let (name, most) = queue_of(&world, "updateShipperSummary");
    let queue = world.platform.cloud.queue(name);
    let poison = r#"{"not": "an event"}"#.to_owned();
    queue.send(&[poison.clone(), event_of_others().to_string()]).await.expect("a queue");
    let consumer = function(&world, "booking::update_shipper_summary");

    let mut tries = Vec::new();
    loop {
        let messages = queue.receive(0).await.expect("a queue");
        if messages.is_empty() {
            break;
        }
        let outcome = consumer.invoke(batch(&messages)).await.expect("an outcome");
        let failed = failed(&outcome);
        // What did not fail Lambda deletes; the others it leaves alone until they are visible again.
        let done = messages.iter().enumerate().filter(|(index, _)| !failed.contains(&index.to_string().as_str()));
        let done: Vec<String> = done.map(|(_, message)| message.receipt.clone()).collect();
        if !done.is_empty() {
            queue.delete(&done).await.expect("a queue");
        }
        tries.push((messages.len(), failed.len()));
        world.aws.advance(Duration::from_secs(3600));
    }

    assert_eq!(tries.len(), most as usize, "{tries:?}");
    assert_eq!(tries[0], (2, 1));
    assert!(tries[1..].iter().all(|tried| *tried == (1, 1)), "{tries:?}");
    let dead = world.platform.cloud.queue(&format!("{name}-dlq")).receive(0).await.expect("a queue");
    assert_eq!(dead.iter().map(|dead| &dead.body).collect::<Vec<_>>(), [&poison]);
}

#[tokio::test]
async fn an_empty_batch_has_no_failures() {
    let world = booking().await;
    let consumer = function(&world, "booking::update_shipper_summary");

    assert_eq!(failed(&consumer.invoke(json!({ "Records": [] })).await.expect("an outcome")), [""; 0]);
}

#[tokio::test]
async fn the_relay_moves_nothing_while_nobody_said_who_takes_what() {
    let world = booking().await;
    book(&world).await;
    let relay = function(&world, "booking::relay");
    let schedule = json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} });

    let fault = relay.invoke(schedule.clone()).await.expect_err("a fault").to_string();
    let parameter = subscribe(&world, json!({ "booking.created": ["booking-events"] })).await;
    assert!(fault.contains(&parameter), "{fault}");
    world.platform.cloud.ensure_queue("booking-events", 5).await.expect("a queue");
    assert_eq!(relay.invoke(schedule.clone()).await.expect("an outcome"), json!({ "moved": 1 }));

    subscribe(&world, json!("nobody")).await;
    let fault = relay.invoke(schedule).await.expect_err("a fault").to_string();
    assert!(fault.contains(&parameter), "{fault}");
}

#[tokio::test]
async fn preparing_twice_is_preparing_once() {
    let world = testing::World::start(&["config"], async |platform| config::mount(platform)).await;
    let service = Arc::clone(world.service());
    let prepare = Function::of(
        "config::prepare",
        world.platform.clone(),
        service,
        Some(|platform| Box::pin(config::seed(platform))),
    );
    let prepare = prepare.expect("a handler");

    for _ in 0..2 {
        assert_eq!(prepare.invoke(json!({})).await.expect("done"), Value::Null);
    }

    let half = prepare.invoke(json!({ "ResponseURL": "https://nowhere.example", "RequestType": "Create" })).await;
    assert!(matches!(half, Err(Fault::Event { .. })), "{half:?}");
}
