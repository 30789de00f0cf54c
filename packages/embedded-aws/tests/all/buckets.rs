//! S3.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use embedded_aws::EmbeddedAws;

async fn labels() -> (EmbeddedAws, Client) {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = Client::new(&aws.sdk_config());
    client.create_bucket().bucket("labels").send().await.unwrap();
    (aws, client)
}

#[tokio::test]
async fn an_object_is_read_back_as_it_was_written() {
    let (_aws, client) = labels().await;
    let put = client.put_object().bucket("labels").key("2026/a b+c.txt").content_type("text/plain");
    put.metadata("shipper", "S1").body(ByteStream::from_static(b"to the harbour")).send().await.unwrap();
    let got = client.get_object().bucket("labels").key("2026/a b+c.txt").send().await.unwrap();
    assert_eq!(got.content_type(), Some("text/plain"));
    assert_eq!(got.metadata().unwrap()["shipper"], "S1");
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "to the harbour");
}

#[tokio::test]
async fn an_object_of_several_megabytes_survives_the_checksums_of_the_sdk() {
    let (_aws, client) = labels().await;
    let large: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    client.put_object().bucket("labels").key("large").body(large.clone().into()).send().await.unwrap();
    let got = client.get_object().bucket("labels").key("large").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), large);
}

#[tokio::test]
async fn a_streamed_body_arrives_in_chunks() {
    let (_aws, client) = labels().await;
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    put_streamed(&client, &bytes).await;
    let got = client.get_object().bucket("labels").key("streamed").send().await.unwrap();
    assert_eq!(got.content_encoding(), Some("gzip"));
    assert_eq!(got.body.collect().await.unwrap().to_vec(), bytes);
}

/// Puts a body that can be read only once, so that its checksum follows it, and each chunk carries a signature.
pub async fn put_streamed(client: &Client, bytes: &[u8]) {
    let body = SdkBody::from_body_1_x(http_body_util::Full::new(bytes::Bytes::copy_from_slice(bytes)));
    let put = client.put_object().bucket("labels").key("streamed").content_encoding("gzip");
    put.body(ByteStream::new(body)).send().await.unwrap();
}

#[tokio::test]
async fn a_list_shows_keys_by_prefix_and_page() {
    let (_aws, client) = labels().await;
    for key in ["a/1", "a/2", "a/3", "b/1"] {
        client.put_object().bucket("labels").key(key).body(ByteStream::from_static(b"x")).send().await.unwrap();
    }
    let list = || client.list_objects_v2().bucket("labels").prefix("a/").max_keys(2);
    let first = list().send().await.unwrap();
    let rest = list().set_continuation_token(first.next_continuation_token.clone()).send().await.unwrap();
    let keys: Vec<_> = first.contents().iter().chain(rest.contents()).map(|object| object.key().unwrap()).collect();
    assert_eq!(keys, ["a/1", "a/2", "a/3"]);
}

#[tokio::test]
async fn a_deleted_object_is_gone() {
    let (_aws, client) = labels().await;
    client.put_object().bucket("labels").key("a").body(ByteStream::from_static(b"x")).send().await.unwrap();
    client.delete_object().bucket("labels").key("a").send().await.unwrap();
    let error = client.get_object().bucket("labels").key("a").send().await.unwrap_err().into_service_error();
    assert!(error.is_no_such_key(), "{error:?}");
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_an_error_of_s3() {
    let (_aws, client) = labels().await;
    let error = client.list_objects_v2().bucket("nothing").send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("NoSuchBucket"));
}

#[tokio::test]
async fn the_first_writer_of_a_key_wins_if_asked() {
    let (_aws, client) = labels().await;
    let put = || client.put_object().bucket("labels").key("a").if_none_match("*").body(ByteStream::from_static(b"x"));
    put().send().await.unwrap();
    let error = put().send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("PreconditionFailed"));
}

#[tokio::test]
async fn parts_become_one_object() {
    use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
    let (_aws, client) = labels().await;
    let upload = client.create_multipart_upload().bucket("labels").key("parts").send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let mut parts = CompletedMultipartUpload::builder();
    for number in 1..=2 {
        let part = client.upload_part().bucket("labels").key("parts").upload_id(id).part_number(number);
        let done = part.body(vec![b'0' + number as u8; 5 * 1024 * 1024].into()).send().await.unwrap();
        let part = CompletedPart::builder().part_number(number).set_e_tag(done.e_tag).build();
        parts = parts.parts(part);
    }
    let complete = client.complete_multipart_upload().bucket("labels").key("parts").upload_id(id);
    complete.multipart_upload(parts.build()).send().await.unwrap();
    let head = client.head_object().bucket("labels").key("parts").send().await.unwrap();
    assert_eq!(head.content_length(), Some(10 * 1024 * 1024));
}
