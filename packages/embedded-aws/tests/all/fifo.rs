//! SQS: queues that keep order.

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};

use crate::queues::{Bed, bodies, known};

async fn fifo() -> Bed {
    Bed::new("jobs.fifo", &[(QueueAttributeName::FifoQueue, "true")]).await
}

async fn send(bed: &Bed, group: &str, body: &str) -> aws_sdk_sqs::operation::send_message::SendMessageOutput {
    let send = bed.client.send_message().queue_url(&bed.url).message_body(body).message_group_id(group);
    send.message_deduplication_id(format!("{group}-{body}")).send().await.unwrap()
}

#[tokio::test]
async fn a_group_is_received_in_the_order_it_was_sent() {
    let bed = fifo().await;
    for body in ["1", "2", "3"] {
        send(&bed, "a", body).await;
    }
    let received = bed.receive().await;
    assert_eq!(bodies(&received), ["1", "2", "3"]);
    assert_eq!(known(&received[0], MessageSystemAttributeName::MessageGroupId), "a");
    assert_eq!(known(&received[0], MessageSystemAttributeName::MessageDeduplicationId), "a-1");
    let sequences: Vec<_> =
        received.iter().map(|message| known(message, MessageSystemAttributeName::SequenceNumber)).collect();
    assert!(sequences.is_sorted() && sequences[0].len() == 20, "{sequences:?}");
}

#[tokio::test]
async fn a_group_waits_while_one_of_its_messages_is_in_flight_and_others_do_not() {
    let bed = fifo().await;
    send(&bed, "a", "1").await;
    send(&bed, "a", "2").await;
    send(&bed, "b", "1").await;
    let one = bed.client.receive_message().queue_url(&bed.url).send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(one.body(), Some("1"));
    let others = bed.receive().await;
    assert_eq!(bodies(&others), ["1"]);
    assert_eq!(known(&others[0], MessageSystemAttributeName::MessageGroupId), "b");
    bed.delete(&one).await;
    assert_eq!(bodies(&bed.receive().await), ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_group_wakes_when_it_is_free() {
    let bed = fifo().await;
    send(&bed, "a", "1").await;
    send(&bed, "a", "2").await;
    let one = bed.client.receive_message().queue_url(&bed.url).send().await.unwrap().messages.unwrap().remove(0);
    let poll = tokio::spawn(bed.client.receive_message().queue_url(&bed.url).wait_time_seconds(20).send());
    tokio::task::yield_now().await;
    bed.delete(&one).await;
    assert_eq!(bodies(&poll.await.unwrap().unwrap().messages.unwrap()), ["2"]);
}

#[tokio::test]
async fn what_comes_back_is_still_the_first_of_its_group() {
    let bed = fifo().await;
    send(&bed, "a", "1").await;
    send(&bed, "a", "2").await;
    bed.client.receive_message().queue_url(&bed.url).send().await.unwrap();
    bed.advance(31);
    assert_eq!(bodies(&bed.receive().await), ["1", "2"]);
}

#[tokio::test]
async fn the_same_message_is_taken_once_in_five_minutes() {
    let bed = fifo().await;
    let first = send(&bed, "a", "1").await;
    let again = send(&bed, "a", "1").await;
    assert_eq!(first.message_id(), again.message_id());
    assert_eq!(first.sequence_number(), again.sequence_number());
    let received = bed.receive().await;
    assert_eq!(received.len(), 1);
    bed.delete(&received[0]).await;
    // Deleting does not shorten the window.
    send(&bed, "a", "1").await;
    assert!(bed.receive().await.is_empty());
    bed.advance(300);
    send(&bed, "a", "1").await;
    assert_eq!(bed.receive().await.len(), 1);
}

#[tokio::test]
async fn the_content_can_be_what_makes_a_message_the_same() {
    let by_content = [(QueueAttributeName::FifoQueue, "true"), (QueueAttributeName::ContentBasedDeduplication, "true")];
    let bed = Bed::new("jobs.fifo", &by_content).await;
    for body in ["same", "same", "other"] {
        let send = bed.client.send_message().queue_url(&bed.url).message_body(body).message_group_id("a");
        send.send().await.unwrap();
    }
    assert_eq!(bodies(&bed.receive().await), ["same", "other"]);
}

#[tokio::test]
async fn groups_can_be_deduplicated_each_by_itself() {
    let attributes =
        [(QueueAttributeName::FifoQueue, "true"), (QueueAttributeName::DeduplicationScope, "messageGroup")];
    let bed = Bed::new("jobs.fifo", &attributes).await;
    for group in ["a", "b"] {
        let send = bed.client.send_message().queue_url(&bed.url).message_body(group).message_group_id(group);
        send.message_deduplication_id("same").send().await.unwrap();
    }
    assert_eq!(bodies(&bed.receive().await), ["a", "b"]);
}

#[tokio::test]
async fn a_message_without_group_or_identity_is_refused() {
    let bed = fifo().await;
    let send = || bed.client.send_message().queue_url(&bed.url).message_body("1");
    let error = send().message_deduplication_id("d").send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("MissingParameter"));
    let error = send().message_group_id("a").send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("InvalidParameterValue"));
    let late = send().message_group_id("a").message_deduplication_id("d").delay_seconds(5);
    assert_eq!(late.send().await.unwrap_err().into_service_error().code(), Some("InvalidParameterValue"));
}

#[tokio::test]
async fn an_expired_receipt_deletes_nothing() {
    let bed = fifo().await;
    send(&bed, "a", "1").await;
    let received = bed.receive().await;
    bed.advance(31);
    let delete = bed.client.delete_message().queue_url(&bed.url);
    let delete = delete.receipt_handle(received[0].receipt_handle().unwrap());
    assert_eq!(delete.send().await.unwrap_err().into_service_error().code(), Some("InvalidParameterValue"));
    assert_eq!(bed.receive().await.len(), 1);
}

#[tokio::test]
async fn the_name_and_the_kind_of_a_queue_agree() {
    let bed = Bed::standard().await;
    let fifo = bed.client.create_queue().queue_name("plain").attributes(QueueAttributeName::FifoQueue, "true");
    assert_eq!(fifo.send().await.unwrap_err().into_service_error().code(), Some("InvalidParameterValue"));
    let plain = bed.client.create_queue().queue_name("plain.fifo");
    assert_eq!(plain.send().await.unwrap_err().into_service_error().code(), Some("InvalidParameterValue"));
}
