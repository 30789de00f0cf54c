//! SQS: standard queues.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, Message, MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};
use embedded_aws::EmbeddedAws;

/// A cloud with one queue.
pub struct Bed {
    pub aws: EmbeddedAws,
    pub client: Client,
    pub url: String,
}

impl Bed {
    pub async fn new(name: &str, attributes: &[(QueueAttributeName, &str)]) -> Self {
        let aws = EmbeddedAws::ephemeral().unwrap();
        let client = Client::new(&aws.sdk_config());
        let url = create(&client, name, attributes).await;
        Self { aws, client, url }
    }

    pub async fn standard() -> Self {
        Self::new("jobs", &[]).await
    }

    pub async fn send(&self, body: &str) {
        self.client.send_message().queue_url(&self.url).message_body(body).send().await.unwrap();
    }

    pub async fn receive(&self) -> Vec<Message> {
        receive(&self.client, &self.url).await
    }

    pub async fn delete(&self, message: &Message) {
        let receipt = message.receipt_handle().unwrap();
        self.client.delete_message().queue_url(&self.url).receipt_handle(receipt).send().await.unwrap();
    }

    pub fn advance(&self, seconds: u64) {
        self.aws.advance(Duration::from_secs(seconds));
    }

    pub async fn attribute(&self, name: QueueAttributeName) -> String {
        attribute(&self.client, &self.url, name).await
    }
}

pub async fn create(client: &Client, name: &str, attributes: &[(QueueAttributeName, &str)]) -> String {
    let mut create = client.create_queue().queue_name(name);
    for (name, value) in attributes {
        create = create.attributes(name.clone(), *value);
    }
    create.send().await.unwrap().queue_url.unwrap()
}

/// Up to ten messages with all that is known about them, without waiting.
pub async fn receive(client: &Client, url: &str) -> Vec<Message> {
    let receive = client.receive_message().queue_url(url).max_number_of_messages(10).message_attribute_names("All");
    let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
    receive.send().await.unwrap().messages.unwrap_or_default()
}

pub async fn attribute(client: &Client, url: &str, name: QueueAttributeName) -> String {
    let get = client.get_queue_attributes().queue_url(url).attribute_names(name.clone());
    get.send().await.unwrap().attributes.unwrap()[&name].clone()
}

pub fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body().unwrap()).collect()
}

pub fn known(message: &Message, name: MessageSystemAttributeName) -> &str {
    &message.attributes().unwrap()[&name]
}

#[tokio::test]
async fn a_message_is_received_once_and_gone_when_deleted() {
    let bed = Bed::standard().await;
    bed.send("one").await;
    let received = bed.receive().await;
    assert_eq!(bodies(&received), ["one"]);
    assert!(bed.receive().await.is_empty());
    bed.delete(&received[0]).await;
    bed.advance(60);
    assert!(bed.receive().await.is_empty());
}

#[tokio::test]
async fn the_sdk_finds_the_digests_of_bodies_and_attributes_right() {
    let bed = Bed::standard().await;
    let text = MessageAttributeValue::builder().data_type("String").string_value("straße").build().unwrap();
    let number = MessageAttributeValue::builder().data_type("Number.int").string_value("42").build().unwrap();
    let binary =
        MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([0, 255])).build().unwrap();
    let send = bed.client.send_message().queue_url(&bed.url).message_body("größe").message_attributes("b", text);
    let sent = send.message_attributes("a", number).message_attributes("c", binary.clone()).send().await.unwrap();
    assert_eq!(sent.md5_of_message_body(), Some("fdbb3a56280acfa9031707622c599ccb"));
    assert_eq!(sent.md5_of_message_attributes(), Some("14da6e6393819b21c55ab151073ddf1e"));
    let received = bed.receive().await;
    assert_eq!(received[0].md5_of_body(), sent.md5_of_message_body());
    assert_eq!(received[0].md5_of_message_attributes(), sent.md5_of_message_attributes());
    assert_eq!(received[0].message_attributes().unwrap()["c"], binary);
}

#[tokio::test]
async fn only_the_attributes_that_were_asked_for_are_told() {
    let bed = Bed::standard().await;
    let value = || MessageAttributeValue::builder().data_type("String").string_value("x").build().unwrap();
    let send = bed.client.send_message().queue_url(&bed.url).message_body("one");
    send.message_attributes("order.id", value()).message_attributes("other", value()).send().await.unwrap();
    let receive = bed.client.receive_message().queue_url(&bed.url).message_attribute_names("order.*");
    let message = receive.send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(message.message_attributes().unwrap().keys().collect::<Vec<_>>(), ["order.id"]);
    assert_eq!(message.attributes(), None);
}

#[tokio::test]
async fn a_message_that_is_not_deleted_comes_back_and_counts() {
    let bed = Bed::standard().await;
    bed.send("one").await;
    let first = bed.receive().await.remove(0);
    bed.advance(31);
    let second = bed.receive().await.remove(0);
    assert_eq!(known(&second, MessageSystemAttributeName::ApproximateReceiveCount), "2");
    let when = MessageSystemAttributeName::ApproximateFirstReceiveTimestamp;
    assert_eq!(known(&first, when.clone()), known(&second, when));
    // The first receipt has no power any more, and says so to nobody.
    bed.delete(&first).await;
    bed.advance(31);
    assert_eq!(bed.receive().await.len(), 1);
}

#[tokio::test]
async fn the_visibility_timeout_can_be_changed_while_in_flight() {
    let bed = Bed::standard().await;
    bed.send("one").await;
    let message = bed.receive().await.remove(0);
    let change = |seconds| {
        let change = bed.client.change_message_visibility().queue_url(&bed.url).visibility_timeout(seconds);
        change.receipt_handle(message.receipt_handle().unwrap()).send()
    };
    change(100).await.unwrap();
    bed.advance(60);
    assert!(bed.receive().await.is_empty());
    change(0).await.unwrap();
    let error = change(10).await.unwrap_err().into_service_error();
    assert!(error.is_message_not_inflight(), "{error:?}");
    assert_eq!(bed.receive().await.len(), 1);
}

#[tokio::test]
async fn a_delayed_message_comes_when_its_delay_is_over() {
    let bed = Bed::new("jobs", &[(QueueAttributeName::DelaySeconds, "5")]).await;
    bed.send("queue's delay").await;
    let send = bed.client.send_message().queue_url(&bed.url).message_body("its own").delay_seconds(60);
    send.send().await.unwrap();
    assert_eq!(bed.attribute(QueueAttributeName::ApproximateNumberOfMessagesDelayed).await, "2");
    assert!(bed.receive().await.is_empty());
    bed.advance(5);
    assert_eq!(bodies(&bed.receive().await), ["queue's delay"]);
    bed.advance(55);
    assert!(bodies(&bed.receive().await).contains(&"its own"));
}

#[tokio::test]
async fn a_message_is_forgotten_after_its_retention() {
    let bed = Bed::new("jobs", &[(QueueAttributeName::MessageRetentionPeriod, "60")]).await;
    bed.send("one").await;
    bed.advance(61);
    assert_eq!(bed.attribute(QueueAttributeName::ApproximateNumberOfMessages).await, "0");
}

#[tokio::test]
async fn the_counts_tell_what_waits_and_what_is_in_flight() {
    let bed = Bed::standard().await;
    bed.send("one").await;
    bed.send("two").await;
    bed.client.receive_message().queue_url(&bed.url).send().await.unwrap();
    assert_eq!(bed.attribute(QueueAttributeName::ApproximateNumberOfMessages).await, "1");
    assert_eq!(bed.attribute(QueueAttributeName::ApproximateNumberOfMessagesNotVisible).await, "1");
    bed.client.purge_queue().queue_url(&bed.url).send().await.unwrap();
    assert_eq!(bed.attribute(QueueAttributeName::ApproximateNumberOfMessages).await, "0");
    assert_eq!(bed.attribute(QueueAttributeName::ApproximateNumberOfMessagesNotVisible).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_wakes_as_soon_as_something_is_sent() {
    let bed = Bed::standard().await;
    let began = std::time::Instant::now();
    let poll = tokio::spawn(bed.client.receive_message().queue_url(&bed.url).wait_time_seconds(20).send());
    tokio::task::yield_now().await;
    bed.send("one").await;
    let received = poll.await.unwrap().unwrap().messages.unwrap();
    assert_eq!(bodies(&received), ["one"]);
    assert!(began.elapsed() < Duration::from_secs(20), "it waited to its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_wakes_when_a_hidden_message_becomes_visible() {
    let bed = Bed::standard().await;
    bed.send("one").await;
    bed.receive().await;
    let poll = tokio::spawn(bed.client.receive_message().queue_url(&bed.url).wait_time_seconds(20).send());
    tokio::task::yield_now().await;
    bed.advance(30);
    assert_eq!(bodies(&poll.await.unwrap().unwrap().messages.unwrap()), ["one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_of_an_empty_queue_ends_with_nothing() {
    let bed = Bed::new("jobs", &[(QueueAttributeName::ReceiveMessageWaitTimeSeconds, "20")]).await;
    let poll = tokio::spawn(bed.client.receive_message().queue_url(&bed.url).send());
    while !poll.is_finished() {
        tokio::task::yield_now().await;
        bed.advance(1);
    }
    assert_eq!(poll.await.unwrap().unwrap().messages, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_wait_do_not_get_the_same_message() {
    let bed = Bed::standard().await;
    let poll = || {
        let receive = bed.client.receive_message().queue_url(&bed.url).wait_time_seconds(20).max_number_of_messages(1);
        tokio::spawn(receive.send())
    };
    let polls = [poll(), poll()];
    bed.send("one").await;
    bed.send("two").await;
    let mut all = Vec::new();
    for poll in polls {
        all.extend(poll.await.unwrap().unwrap().messages.unwrap().into_iter().filter_map(|message| message.body));
    }
    all.sort();
    assert_eq!(all, ["one", "two"]);
}

#[tokio::test]
async fn a_batch_sends_and_deletes_each_entry_by_itself() {
    let bed = Bed::standard().await;
    let entry =
        |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap();
    let send = bed.client.send_message_batch().queue_url(&bed.url).entries(entry("a", "one"));
    let sent = send.entries(entry("b", "not \u{1} allowed")).send().await.unwrap();
    assert_eq!((sent.successful().len(), sent.failed().len()), (1, 1));
    assert_eq!((sent.failed()[0].id(), sent.failed()[0].code()), ("b", "InvalidMessageContents"));
    let received = bed.receive().await;
    let entry = |id: &str, receipt: &str| {
        DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(receipt).build().unwrap()
    };
    let delete = bed.client.delete_message_batch().queue_url(&bed.url);
    let delete = delete.entries(entry("a", received[0].receipt_handle().unwrap())).entries(entry("b", "nonsense"));
    let deleted = delete.send().await.unwrap();
    assert_eq!((deleted.successful().len(), deleted.failed().len()), (1, 1));
    assert_eq!(deleted.failed()[0].code(), "ReceiptHandleIsInvalid");
}

#[tokio::test]
async fn a_batch_that_breaks_the_rules_is_refused_whole() {
    let bed = Bed::standard().await;
    let entry =
        |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap();
    let large = "x".repeat(600_000);
    let eleven: Vec<_> = (0..11).map(|n| entry(&n.to_string(), "x")).collect();
    let cases = [
        (vec![], "AWS.SimpleQueueService.EmptyBatchRequest"),
        (eleven, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"),
        (vec![entry("a", "x"), entry("a", "y")], "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"),
        (vec![entry("a!", "x")], "AWS.SimpleQueueService.InvalidBatchEntryId"),
        (vec![entry("a", &large), entry("b", &large)], "AWS.SimpleQueueService.BatchRequestTooLong"),
    ];
    for (entries, code) in cases {
        let send = bed.client.send_message_batch().queue_url(&bed.url).set_entries(Some(entries));
        assert_eq!(send.send().await.unwrap_err().into_service_error().code(), Some(code));
    }
    assert_eq!(bed.attribute(QueueAttributeName::ApproximateNumberOfMessages).await, "0");
}

#[tokio::test]
async fn what_sqs_refuses_is_refused_with_its_code() {
    let bed = Bed::standard().await;
    let send = |body: &str| bed.client.send_message().queue_url(&bed.url).message_body(body);
    let code = |error: &dyn ProvideErrorMetadata| error.code().unwrap().to_owned();
    let large = "x".repeat(1024 * 1024 + 1);
    let refused = send(&large).send().await.unwrap_err().into_service_error();
    assert_eq!(code(&refused), "InvalidParameterValue");
    let refused = send("").send().await.unwrap_err().into_service_error();
    assert_eq!(code(&refused), "MissingParameter");
    let refused = send("x").delay_seconds(901).send().await.unwrap_err().into_service_error();
    assert_eq!(code(&refused), "InvalidParameterValue");
    let refused = send("x").message_deduplication_id("d").send().await.unwrap_err().into_service_error();
    assert_eq!(code(&refused), "InvalidParameterValue");
    let receive = bed.client.receive_message().queue_url(&bed.url).max_number_of_messages(11);
    assert_eq!(code(&receive.send().await.unwrap_err().into_service_error()), "InvalidParameterValue");
    let delete = bed.client.delete_message().queue_url(&bed.url).receipt_handle("nonsense");
    assert!(delete.send().await.unwrap_err().into_service_error().is_receipt_handle_is_invalid());
    let far = bed.client.send_message().queue_url("http://sqs.us-east-1.example.com/1/jobs").message_body("x");
    assert_eq!(code(&far.send().await.unwrap_err().into_service_error()), "InvalidAddress");
}

#[tokio::test]
async fn a_queue_that_does_not_exist_is_a_typed_error_with_its_old_code() {
    let bed = Bed::standard().await;
    let error = bed.client.get_queue_url().queue_name("nothing").send().await.unwrap_err().into_service_error();
    assert!(error.is_queue_does_not_exist());
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
    bed.client.delete_queue().queue_url(&bed.url).send().await.unwrap();
    let send = bed.client.send_message().queue_url(&bed.url).message_body("x");
    assert!(send.send().await.unwrap_err().into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn making_a_queue_again_is_fine_unless_it_differs() {
    let bed = Bed::standard().await;
    let create = |seconds| {
        bed.client.create_queue().queue_name("jobs").attributes(QueueAttributeName::VisibilityTimeout, seconds).send()
    };
    assert_eq!(create("30").await.unwrap().queue_url, Some(bed.url.clone()));
    assert!(create("31").await.unwrap_err().into_service_error().is_queue_name_exists());
    assert!(bed.client.create_queue().queue_name("no spaces").send().await.is_err());
}

#[tokio::test]
async fn attributes_are_set_told_and_checked() {
    let bed = Bed::standard().await;
    let set = |name, value| bed.client.set_queue_attributes().queue_url(&bed.url).attributes(name, value).send();
    set(QueueAttributeName::VisibilityTimeout, "7").await.unwrap();
    assert_eq!(bed.attribute(QueueAttributeName::VisibilityTimeout).await, "7");
    assert_eq!(bed.attribute(QueueAttributeName::QueueArn).await, "arn:aws:sqs:us-east-1:000000000000:jobs");
    assert_eq!(bed.attribute(QueueAttributeName::MaximumMessageSize).await, "1048576");
    let wrong = set(QueueAttributeName::VisibilityTimeout, "-1").await.unwrap_err().into_service_error();
    assert!(wrong.is_invalid_attribute_value());
    let wrong = set(QueueAttributeName::from("Colour"), "red").await.unwrap_err().into_service_error();
    assert!(wrong.is_invalid_attribute_name());
}

#[tokio::test]
async fn queues_are_listed_by_prefix_and_page() {
    let bed = Bed::standard().await;
    for name in ["mail-a", "mail-b", "mail-c"] {
        create(&bed.client, name, &[]).await;
    }
    let list = || bed.client.list_queues().queue_name_prefix("mail-").max_results(2);
    let first = list().send().await.unwrap();
    let rest = list().set_next_token(first.next_token.clone()).send().await.unwrap();
    assert_eq!((first.queue_urls().len(), rest.queue_urls().len()), (2, 1));
    assert!(rest.queue_urls()[0].ends_with("/mail-c"));
    assert_eq!(rest.next_token, None);
}

#[tokio::test]
async fn tags_are_kept() {
    let bed = Bed::standard().await;
    bed.client.tag_queue().queue_url(&bed.url).tags("team", "freight").tags("old", "x").send().await.unwrap();
    bed.client.untag_queue().queue_url(&bed.url).tag_keys("old").send().await.unwrap();
    let tags = bed.client.list_queue_tags().queue_url(&bed.url).send().await.unwrap().tags.unwrap();
    assert_eq!(tags.into_iter().collect::<Vec<_>>(), [("team".to_owned(), "freight".to_owned())]);
}
