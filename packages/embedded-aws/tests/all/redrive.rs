//! SQS: dead-letter queues, and the way back.

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};

use crate::queues::{Bed, attribute, bodies, create, known, receive};

/// A queue whose messages are dead after two receives, and the URL and ARN of where they go then.
async fn mortal() -> (Bed, String, String) {
    let bed = Bed::standard().await;
    let dead = create(&bed.client, "dead", &[]).await;
    let arn = attribute(&bed.client, &dead, QueueAttributeName::QueueArn).await;
    let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":2}}"#);
    let set = bed.client.set_queue_attributes().queue_url(&bed.url);
    set.attributes(QueueAttributeName::RedrivePolicy, policy).send().await.unwrap();
    (bed, dead, arn)
}

async fn die(bed: &Bed) {
    bed.send("one").await;
    for _ in 0..2 {
        assert_eq!(bed.receive().await.len(), 1);
        bed.advance(31);
    }
    assert!(bed.receive().await.is_empty());
}

#[tokio::test]
async fn a_message_received_too_often_goes_to_the_dead_letter_queue() {
    let (bed, dead, _) = mortal().await;
    die(&bed).await;
    let received = receive(&bed.client, &dead).await;
    assert_eq!(bodies(&received), ["one"]);
    let source = known(&received[0], MessageSystemAttributeName::DeadLetterQueueSourceArn);
    assert_eq!(source, "arn:aws:sqs:us-east-1:000000000000:jobs");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_at_the_dead_letter_queue_wakes() {
    let (bed, dead, _) = mortal().await;
    let poll = tokio::spawn(bed.client.receive_message().queue_url(&dead).wait_time_seconds(20).send());
    tokio::task::yield_now().await;
    bed.send("one").await;
    for _ in 0..2 {
        let receive = bed.client.receive_message().queue_url(&bed.url).visibility_timeout(0);
        receive.send().await.unwrap();
    }
    assert!(bed.receive().await.is_empty());
    assert_eq!(bodies(&poll.await.unwrap().unwrap().messages.unwrap()), ["one"]);
}

#[tokio::test]
async fn dead_messages_go_back_to_where_they_came_from() {
    let (bed, dead, arn) = mortal().await;
    die(&bed).await;
    bed.client.start_message_move_task().source_arn(&arn).send().await.unwrap();
    assert!(receive(&bed.client, &dead).await.is_empty());
    let back = bed.receive().await;
    assert_eq!(bodies(&back), ["one"]);
    assert_eq!(known(&back[0], MessageSystemAttributeName::ApproximateReceiveCount), "1");
    let tasks = bed.client.list_message_move_tasks().source_arn(&arn).send().await.unwrap().results.unwrap();
    assert_eq!(tasks[0].status(), Some("COMPLETED"));
    assert_eq!(tasks[0].approximate_number_of_messages_moved(), 1);
}

#[tokio::test]
async fn dead_messages_go_to_another_queue_if_asked() {
    let (bed, _, arn) = mortal().await;
    die(&bed).await;
    let other = create(&bed.client, "other", &[]).await;
    let other_arn = attribute(&bed.client, &other, QueueAttributeName::QueueArn).await;
    bed.client.start_message_move_task().source_arn(&arn).destination_arn(other_arn).send().await.unwrap();
    assert_eq!(bodies(&receive(&bed.client, &other).await), ["one"]);
}

#[tokio::test]
async fn the_queues_before_a_dead_letter_queue_are_listed() {
    let (bed, dead, _) = mortal().await;
    let list = bed.client.list_dead_letter_source_queues().queue_url(dead).send().await.unwrap();
    assert_eq!(list.queue_urls(), std::slice::from_ref(&bed.url));
}

#[tokio::test]
async fn only_a_dead_letter_queue_that_exists_is_accepted() {
    let bed = Bed::standard().await;
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:nothing","maxReceiveCount":2}"#;
    let set = |policy| {
        let set = bed.client.set_queue_attributes().queue_url(&bed.url);
        set.attributes(QueueAttributeName::RedrivePolicy, policy).send()
    };
    assert_eq!(set(policy).await.unwrap_err().into_service_error().code(), Some("InvalidParameterValue"));
    assert!(set("nonsense").await.unwrap_err().into_service_error().is_invalid_attribute_value());
    let arn = bed.attribute(QueueAttributeName::QueueArn).await;
    let start = bed.client.start_message_move_task().source_arn(arn).send();
    assert_eq!(start.await.unwrap_err().into_service_error().code(), Some("InvalidParameterValue"));
}

#[tokio::test]
async fn a_redrive_policy_can_be_taken_away() {
    let (bed, dead, _) = mortal().await;
    let set = bed.client.set_queue_attributes().queue_url(&bed.url);
    set.attributes(QueueAttributeName::RedrivePolicy, "").send().await.unwrap();
    bed.send("one").await;
    for _ in 0..4 {
        assert_eq!(bed.receive().await.len(), 1);
        bed.advance(31);
    }
    assert!(receive(&bed.client, &dead).await.is_empty());
}
