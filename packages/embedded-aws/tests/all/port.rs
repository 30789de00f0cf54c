//! The same three protocols on a port of this machine.

use std::net::SocketAddr;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use aws_sdk_s3::primitives::ByteStream;
use aws_types::SdkConfig;
use embedded_aws::EmbeddedAws;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::buckets::put_streamed;
use crate::tables::{s, table};

/// Serves this cloud until the test ends.
pub async fn serve(aws: &EmbeddedAws) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let aws = aws.clone();
    tokio::spawn(async move { aws.serve(listener, std::future::pending()).await });
    address
}

/// A client of the port with keys of its own.
fn over_tcp(aws: &EmbeddedAws, address: SocketAddr) -> SdkConfig {
    let keys = Credentials::from_keys("AKIDOFSOMEBODY", "a secret that is not told", None);
    let config = aws.sdk_config().into_builder().endpoint_url(format!("http://{address}"));
    let config = config.credentials_provider(SharedCredentialsProvider::new(keys));
    config.http_client(aws_smithy_http_client::Builder::new().build_http()).build()
}

/// What came back to bytes that were sent.
pub struct Answer {
    pub status: u16,
    pub text: String,
}

/// Sends these bytes and reads until the server closes the connection.
pub async fn raw(address: SocketAddr, request: &[u8]) -> Answer {
    let exchange = async {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(request).await.unwrap();
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).await.unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let text = tokio::time::timeout(Duration::from_secs(60), exchange).await.expect("the server hangs");
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer { status: status.unwrap_or_else(|| panic!("no answer: {text}")), text }
}

fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

pub fn call(target: &str, body: &[u8]) -> Vec<u8> {
    request("POST", "/", &format!("X-Amz-Target: {target}\r\n"), body)
}

/// That the server still answers.
async fn assert_alive(address: SocketAddr, after: &str) {
    let answer = raw(address, &call("DynamoDB_20120810.ListTables", b"{}")).await;
    assert_eq!(answer.status, 200, "after {after}: {}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_served() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = aws_sdk_dynamodb::Client::new(&over_tcp(&aws, serve(&aws).await));
    table(&client, "orders").await;
    client.put_item().table_name("orders").item("pk", s("a")).item("sk", s("1")).send().await.unwrap();
    let put = |pk| {
        let put = Put::builder().table_name("orders").item("pk", s(pk)).item("sk", s("1"));
        TransactWriteItem::builder().put(put.condition_expression("attribute_not_exists(pk)").build().unwrap()).build()
    };
    client.transact_write_items().transact_items(put("b")).transact_items(put("c")).send().await.unwrap();
    let refused = client.transact_write_items().transact_items(put("d")).transact_items(put("a")).send().await;
    assert!(refused.unwrap_err().into_service_error().is_transaction_canceled_exception());
    let in_process = aws_sdk_dynamodb::Client::new(&aws.sdk_config());
    for client in [client, in_process] {
        for (pk, there) in [("a", true), ("b", true), ("c", true), ("d", false)] {
            let get = client.get_item().table_name("orders").key("pk", s(pk)).key("sk", s("1"));
            assert_eq!(get.send().await.unwrap().item.is_some(), there, "{pk}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_are_served() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = aws_sdk_s3::Client::new(&over_tcp(&aws, serve(&aws).await));
    client.create_bucket().bucket("labels").send().await.unwrap();
    let put = client.put_object().bucket("labels").key("a b/ü+%");
    put.body(ByteStream::from_static(b"to the harbour")).send().await.unwrap();
    let got = client.get_object().bucket("labels").key("a b/ü+%").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "to the harbour");
    let list = client.list_objects_v2().bucket("labels").prefix("a b/").send().await.unwrap();
    assert_eq!(list.contents()[0].key(), Some("a b/ü+%"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bucket_may_be_in_the_name_of_the_host() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let address = serve(&aws).await;
    let in_process = aws_sdk_s3::Client::new(&aws.sdk_config());
    in_process.create_bucket().bucket("labels").send().await.unwrap();
    let put = b"PUT /a HTTP/1.1\r\nHost: labels.localhost:1\r\nConnection: close\r\nContent-Length: 3\r\n\r\none";
    assert_eq!(raw(address, put).await.status, 200);
    let got = in_process.get_object().bucket("labels").key("a").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "one");
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_may_be_signed_with_any_key() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let client = aws_sdk_s3::Client::new(&over_tcp(&aws, serve(&aws).await));
    client.create_bucket().bucket("labels").send().await.unwrap();
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    put_streamed(&client, &bytes).await;
    let got = client.get_object().bucket("labels").key("streamed").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_are_served_and_a_long_poll_wakes() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let address = serve(&aws).await;
    let client = aws_sdk_sqs::Client::new(&over_tcp(&aws, address));
    let url = client.create_queue().queue_name("jobs").send().await.unwrap().queue_url.unwrap();
    assert_eq!(url, format!("http://{address}/000000000000/jobs"));
    let began = std::time::Instant::now();
    let poll = tokio::spawn(client.receive_message().queue_url(&url).wait_time_seconds(20).send());
    tokio::task::yield_now().await;
    client.send_message().queue_url(&url).message_body("one").send().await.unwrap();
    let message = poll.await.unwrap().unwrap().messages.unwrap().remove(0);
    assert_eq!(message.body(), Some("one"));
    assert!(began.elapsed() < Duration::from_secs(20), "it waited to its end");
    let delete = client.delete_message().queue_url(&url).receipt_handle(message.receipt_handle.unwrap());
    delete.send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_ends_when_it_is_told_to_although_somebody_waits() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn({
        let aws = aws.clone();
        async move { aws.serve(listener, async { drop(stopped.await) }).await }
    });
    let client = aws_sdk_sqs::Client::new(&over_tcp(&aws, address));
    let url = client.create_queue().queue_name("jobs").send().await.unwrap().queue_url.unwrap();
    let poll = tokio::spawn(client.receive_message().queue_url(&url).wait_time_seconds(20).send());
    tokio::task::yield_now().await;
    drop(stop);
    tokio::time::timeout(Duration::from_secs(20), server).await.expect("it goes on").unwrap().unwrap();
    assert!(poll.await.unwrap().is_err());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bytes_to_the_json_protocols_are_refused_in_their_shape() {
    const DYNAMODB: &str = "DynamoDB_20120810.PutItem";
    const SQS: &str = "AmazonSQS.SendMessage";
    let address = serve(&EmbeddedAws::ephemeral().unwrap()).await;
    let arrays = "[".repeat(100_000).into_bytes();
    let balanced = [arrays.clone(), "]".repeat(100_000).into_bytes()].concat();
    let member = [br#"{"QueueUrl":"x","Unknown":"#.as_slice(), &balanced, b"}"].concat();
    let maps = r#"{"TableName":"t","Item":{"pk":{"M":{"a":"#.to_owned() + &r#"{"M":{"a":"#.repeat(100_000);
    let lists = r#"{"TableName":"t","Item":{"pk":{"L":["#.to_owned() + &r#"{"L":["#.repeat(100_000);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("", b"{}".to_vec()),
        (".", b"{}".to_vec()),
        ("Nothing", b"{}".to_vec()),
        ("Nothing.PutItem", b"{}".to_vec()),
        ("DynamoDB_20120810", b"{}".to_vec()),
        ("DynamoDB_20120810.Nothing", b"{}".to_vec()),
        ("DynamoDB_20120810.PutItem.PutItem", b"{}".to_vec()),
        ("AmazonSQS.Nothing", b"{}".to_vec()),
        (DYNAMODB, b"".to_vec()),
        (DYNAMODB, br#"{"TableName":"#.to_vec()),
        (DYNAMODB, b"{\"TableName\":\"\xff\xfe\"}".to_vec()),
        (DYNAMODB, b"\xff\xfe\x00".to_vec()),
        (DYNAMODB, b"null".to_vec()),
        (DYNAMODB, b"[]".to_vec()),
        (DYNAMODB, br#"{"TableName":1}"#.to_vec()),
        (DYNAMODB, arrays.clone()),
        (DYNAMODB, balanced.clone()),
        (DYNAMODB, maps.into_bytes()),
        (DYNAMODB, lists.into_bytes()),
        (SQS, b"".to_vec()),
        (SQS, br#"{"QueueUrl":"#.to_vec()),
        (SQS, b"{\"QueueUrl\":\"\xff\xfe\"}".to_vec()),
        (SQS, b"\xff\xfe\x00".to_vec()),
        (SQS, b"null".to_vec()),
        (SQS, b"[]".to_vec()),
        (SQS, br#"{"QueueUrl":1}"#.to_vec()),
        (SQS, br#"{"QueueUrl":"http://127.0.0.1/000000000000/' OR 1=1 --","MessageBody":"x"}"#.to_vec()),
        (SQS, arrays),
        (SQS, balanced),
        (SQS, member),
        (DYNAMODB, vec![b' '; 16 * 1024 * 1024 + 1]),
        (SQS, vec![b' '; 8 * 1024 * 1024 + 1]),
    ];
    for (target, body) in cases {
        let shown = format!("{target} {}", String::from_utf8_lossy(&body[..body.len().min(80)]));
        let answer = raw(address, &call(target, &body)).await;
        let expected = if body.len() > 8 * 1024 * 1024 { 413 } else { 400 };
        assert_eq!(answer.status, expected, "{shown}: {}", answer.text);
        let (head, body) = answer.text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("content-type: application/x-amz-json-1.0"), "{shown}: {head}");
        assert!(body.starts_with('{') && body.contains(r#""__type":"com.amaz"#), "{shown}: {body}");
        assert_alive(address, &shown).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bytes_to_s3_are_refused_in_its_shape() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let address = serve(&aws).await;
    aws_sdk_s3::Client::new(&aws.sdk_config()).create_bucket().bucket("labels").send().await.unwrap();
    const SIGNED: &str =
        "X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\nX-Amz-Decoded-Content-Length: 3\r\n";
    let wrong_digest = format!("X-Amz-Content-Sha256: {}\r\n", "0".repeat(64));
    let deep = "<Delete>".repeat(100_000);
    let cases: Vec<Vec<u8>> = vec![
        request("GET", "/labels/%ff%fe", "", b""),
        request("GET", "/nothing/x", "", b""),
        request("GET", "/../../etc/passwd", "", b""),
        request("PUT", "/labels/..%2f..%2fout", "", b"x"),
        request("PUT", "/labels/../../out", "", b"x"),
        request("PUT", "/..", "", b""),
        request("PUT", "/labels//etc/passwd", "", b"x"),
        request("PUT", "/labels/a%00b", "", b"x"),
        request("PUT", "/labels/a", "X-Amz-Copy-Source: labels/../other/a\r\n", b""),
        request("POST", "/labels?delete", "", b"<Delete><Object><Key>../other/a</Key></Object></Delete>"),
        request("POST", "/labels?delete", "", b"<Delete><Object>"),
        request("POST", "/labels?delete", "", b"\xff\xfe\x00"),
        request("POST", "/labels?delete", "", deep.as_bytes()),
        request("PUT", "/labels/a", "X-Amz-Content-Sha256: nonsense\r\nContent-Md5: nonsense\r\n", b"x"),
        request("PUT", "/labels/a", &wrong_digest, b"x"),
        request("PUT", "/labels/a", SIGNED, b"nonsense"),
        request("PUT", "/labels/a", SIGNED, b"3\r\none"),
        request("PUT", "/labels/a", SIGNED, b"ffffffff\r\none\r\n0\r\n\r\n"),
        request("PUT", "/labels/a", SIGNED, b"fffffffffffffffffff\r\none\r\n0\r\n\r\n"),
        request("PUT", "/labels/a", SIGNED, b"\xff\xfe\r\none\r\n0\r\n\r\n"),
        request("PUT", "/labels/a", SIGNED, &vec![b'0'; 100_000]),
    ];
    for request in cases {
        let shown = String::from_utf8_lossy(&request[..request.len().min(400)]).into_owned();
        let answer = raw(address, &request).await;
        assert!((400..500).contains(&answer.status), "{shown}\n{}", answer.text);
        assert!(answer.text.contains("<Error><Code>"), "{shown}\n{}", answer.text);
        assert_alive(address, &shown).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_http_is_refused_and_harms_nobody() {
    let address = serve(&EmbeddedAws::ephemeral().unwrap()).await;
    let many = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n", "X-Many: x\r\n".repeat(200));
    for bytes in [b"nonsense\r\n\r\n".as_slice(), b"\x16\x03\x01\x00\x05hello\r\n\r\n", many.as_bytes()] {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        let answer = raw(address, bytes).await;
        assert!((400..500).contains(&answer.status), "{shown}: {}", answer.text);
        assert_alive(address, &shown).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_without_end_is_cut_off() {
    let address = serve(&EmbeddedAws::ephemeral().unwrap()).await;
    let mut socket = TcpStream::connect(address).await.unwrap();
    let endless = async {
        socket.write_all(b"GET / HTTP/1.1\r\nX-Endless: ").await.unwrap();
        while socket.write_all(&[b'x'; 10_000]).await.is_ok() {}
    };
    tokio::time::timeout(Duration::from_secs(60), endless).await.expect("the server takes it all");
    assert_alive(address, "an endless head").await;
}
