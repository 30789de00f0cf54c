//! Judges that are not ours: the AWS command line and the Python SDK, unmodified.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use embedded_aws::EmbeddedAws;
use tokio::process::Command;

use crate::port::serve;

fn tool(name: &str) -> PathBuf {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv/bin").join(name);
    assert!(tool.exists(), "{} is missing: run .ci/tools aws-clients", tool.display());
    tool
}

/// Runs a tool against the port, away from all configuration, and returns what it printed.
async fn run(address: SocketAddr, name: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(tool(name));
    command
        .args(arguments)
        .env_clear()
        .env("AWS_ENDPOINT_URL", format!("http://{address}"))
        .env("AWS_ACCESS_KEY_ID", "AKIDOFSOMEBODY")
        .env("AWS_SECRET_ACCESS_KEY", "a secret that is not told")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("HOME", "/nonexistent")
        .env("PATH", "/usr/bin:/bin")
        .kill_on_drop(true);
    let output = command.output().await.unwrap();
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(told(&output.stdout)),
        false => Err(format!("{}{}", told(&output.stdout), told(&output.stderr))),
    }
}

/// Runs the AWS command line, whose answer must be text.
async fn aws(address: SocketAddr, arguments: &[&str]) -> String {
    let answer = run(address, "aws", &[arguments, &["--output", "text"]].concat()).await;
    answer.unwrap_or_else(|error| panic!("aws {}: {error}", arguments.join(" ")))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_works_with_tables() {
    let address = serve(&EmbeddedAws::ephemeral().unwrap()).await;
    let orders = async |command: &str, more: &[&str]| {
        let arguments = [&["dynamodb", command, "--table-name", "orders"], more].concat();
        aws(address, &arguments).await
    };
    let keys = ["--key-schema", "AttributeName=pk,KeyType=HASH", "--attribute-definitions"];
    let create = [&keys[..], &["AttributeName=pk,AttributeType=S", "--billing-mode", "PAY_PER_REQUEST"]].concat();
    orders("create-table", &create).await;
    orders("put-item", &["--item", r#"{"pk":{"S":"a"},"weight":{"N":"2.50"},"name":{"S":"größe"}}"#]).await;
    let get = ["--key", r#"{"pk":{"S":"a"}}"#, "--query", "Item.[weight.N,name.S]"];
    assert_eq!(orders("get-item", &get).await, "2.5\tgröße");
    let values = ["--key-condition-expression", "pk = :pk", "--expression-attribute-values", r#"{":pk":{"S":"a"}}"#];
    let query = [&values[..], &["--query", "[Count,Items[0].weight.N]"]].concat();
    assert_eq!(orders("query", &query).await, "1\t2.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_works_with_parameters() {
    let address = serve(&EmbeddedAws::ephemeral().unwrap()).await;
    let ssm = async |command: &str, more: &[&str]| aws(address, &[&["ssm", command], more].concat()).await;
    let name = "/odmd-share/booking/b..dev/bookingApiBaseUrl";
    let put = ["--name", name, "--type", "String", "--overwrite", "--value"];
    assert_eq!(ssm("put-parameter", &[&put[..], &["a"]].concat()).await, "Standard\t1");
    assert_eq!(ssm("put-parameter", &[&put[..], &["b"]].concat()).await, "Standard\t2");
    let query = ["--query", "Parameter.[Value,Version,Selector]"];
    assert_eq!(ssm("get-parameter", &[&["--name", name], &query[..]].concat()).await, "b\t2\tNone");
    let first = format!("{name}:1");
    assert_eq!(ssm("get-parameter", &[&["--name", &first], &query[..]].concat()).await, "a\t1\t:1");
    let below = ["--path", "/odmd-share", "--recursive", "--query", "Parameters[].[Name,Value]"];
    assert_eq!(ssm("get-parameters-by-path", &below).await, format!("{name}\tb"));
    let two = ["--names", name, "/none", "--query", "[Parameters[].Value,InvalidParameters]"];
    assert_eq!(ssm("get-parameters", &two).await, "b\n/none");
    ssm("delete-parameter", &["--name", name]).await;
    let gone = run(address, "aws", &["ssm", "get-parameter", "--name", name]).await.unwrap_err();
    assert!(gone.contains("ParameterNotFound"), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_works_with_buckets() {
    let address = serve(&EmbeddedAws::ephemeral().unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // Large enough to be sent in parts.
    let bytes: Vec<u8> = (0..9_000_000_u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(path("out"), &bytes).unwrap();
    let s3 = async |arguments: &[&str]| {
        let arguments = [&["s3"], arguments].concat();
        run(address, "aws", &arguments).await.unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    };
    s3(&["mb", "s3://labels"]).await;
    s3(&["cp", "--quiet", &path("out"), "s3://labels/2026/a b+c"]).await;
    let listed = s3(&["ls", "s3://labels/2026/"]).await;
    assert!(listed.ends_with(" 9000000 a b+c"), "{listed}");
    s3(&["cp", "--quiet", "s3://labels/2026/a b+c", &path("back")]).await;
    assert!(std::fs::read(path("back")).unwrap() == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_works_with_queues() {
    let address = serve(&EmbeddedAws::ephemeral().unwrap()).await;
    // For SQS, the command line of version 1 listens to this argument only.
    let endpoint = format!("http://{address}");
    let sqs = async |command: &str, more: &[&str]| {
        let arguments = [&["sqs", command, "--endpoint-url", &endpoint], more].concat();
        aws(address, &arguments).await
    };
    let url = sqs("create-queue", &["--queue-name", "jobs", "--query", "QueueUrl"]).await;
    assert_eq!(url, format!("http://{address}/000000000000/jobs"));
    sqs("create-queue", &["--queue-name", "dead"]).await;
    let policy = r#"{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",\"maxReceiveCount\":\"1\"}"}"#;
    sqs("set-queue-attributes", &["--queue-url", &url, "--attributes", policy]).await;
    sqs("send-message", &["--queue-url", &url, "--message-body", "größe"]).await;
    let receive = async |url: &str| {
        let query = "Messages[0].[Body,ReceiptHandle]";
        sqs("receive-message", &["--queue-url", url, "--visibility-timeout", "0", "--query", query]).await
    };
    assert!(receive(&url).await.starts_with("größe\t"));
    assert_eq!(receive(&url).await, "None");
    let dead = url.replace("/jobs", "/dead");
    let received = receive(&dead).await;
    let (body, receipt) = received.split_once('\t').unwrap();
    assert_eq!(body, "größe");
    sqs("delete-message", &["--queue-url", &dead, "--receipt-handle", receipt]).await;
    assert_eq!(receive(&dead).await, "None");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sdk_works() {
    let address = serve(&EmbeddedAws::ephemeral().unwrap()).await;
    let printed = run(address, "python", &["-c", SCRIPT]).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(printed, "queues\nbuckets\ntables");
}

const SCRIPT: &str = r#"
import hashlib, json, threading
import boto3
from botocore.exceptions import ClientError

def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None

def equal(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"

sqs = boto3.client("sqs")
fifo = sqs.create_queue(QueueName="line.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
def send(body, group, deduplication):
    sent = sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=deduplication)
    return sent["MessageId"]
first = send("a1", "a", "1")
equal(send("again", "a", "1"), first)
send("a2", "a", "2")
send("b1", "b", "3")
def receive(url, **more):
    return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **more).get("Messages", [])
def bodies(messages):
    return [message["Body"] for message in messages]
head = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=1)["Messages"]
equal(bodies(head), ["a1"])
equal(bodies(receive(fifo)), ["b1"])
sqs.delete_message(QueueUrl=fifo, ReceiptHandle=head[0]["ReceiptHandle"])
equal(bodies(receive(fifo)), ["a2"])

jobs = sqs.create_queue(QueueName="jobs")["QueueUrl"]
entries = [{"Id": str(n), "MessageBody": f"body {n}", "MessageAttributes": {
    "text": {"DataType": "String", "StringValue": "größe"},
    "bytes": {"DataType": "Binary", "BinaryValue": bytes([0, 255])},
}} for n in range(10)]
sent = sqs.send_message_batch(QueueUrl=jobs, Entries=entries)
equal(len(sent["Successful"]), 10)
equal(sent.get("Failed", []), [])
received = receive(jobs, MessageAttributeNames=["All"])
equal(sorted(bodies(received)), [f"body {n}" for n in range(10)])
equal(received[0]["MessageAttributes"]["bytes"]["BinaryValue"], bytes([0, 255]))
digests = {entry["Id"]: entry["MD5OfMessageAttributes"] for entry in sent["Successful"]}
equal(received[0]["MD5OfMessageAttributes"], digests["0"])
equal(receive(jobs), [])
handles = [message["ReceiptHandle"] for message in received]
sqs.change_message_visibility(QueueUrl=jobs, ReceiptHandle=handles[0], VisibilityTimeout=0)
again = receive(jobs)
equal(bodies(again), [received[0]["Body"]])
handles[0] = again[0]["ReceiptHandle"]
deleted = sqs.delete_message_batch(
    QueueUrl=jobs, Entries=[{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate(handles)])
equal(len(deleted["Successful"]), 10)
equal(code(sqs.get_queue_url, QueueName="nothing"), "AWS.SimpleQueueService.NonExistentQueue")

dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
sqs.set_queue_attributes(QueueUrl=jobs, Attributes={"RedrivePolicy": policy})
sqs.send_message(QueueUrl=jobs, MessageBody="mortal")
equal(bodies(receive(jobs, VisibilityTimeout=0)), ["mortal"])
equal(receive(jobs), [])
assert sqs.start_message_move_task(SourceArn=arn)["TaskHandle"]
equal(sqs.list_message_move_tasks(SourceArn=arn)["Results"][0]["Status"], "COMPLETED")
equal(receive(dead), [])
equal(bodies(receive(jobs)), ["mortal"])
print("queues")

s3 = boto3.client("s3")
s3.create_bucket(Bucket="labels")
part = bytes(n % 251 for n in range(5 * 1024 * 1024))
whole = part + b"the end"
upload = s3.create_multipart_upload(Bucket="labels", Key="parts")["UploadId"]
parts = []
for number, body in enumerate([part, b"the end"], start=1):
    done = s3.upload_part(Bucket="labels", Key="parts", UploadId=upload, PartNumber=number, Body=body)
    parts.append({"PartNumber": number, "ETag": done["ETag"]})
s3.complete_multipart_upload(Bucket="labels", Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
got = s3.get_object(Bucket="labels", Key="parts")
equal(got["ContentLength"], len(whole))
equal(hashlib.sha256(got["Body"].read()).digest(), hashlib.sha256(whole).digest())
equal(s3.get_object(Bucket="labels", Key="parts", Range="bytes=5242880-")["Body"].read(), b"the end")
equal(code(s3.get_object, Bucket="labels", Key="nothing"), "NoSuchKey")
print("buckets")

dynamodb = boto3.client("dynamodb")
dynamodb.create_table(
    TableName="orders", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
dynamodb.get_waiter("table_exists").wait(TableName="orders")
def new(pk):
    return {"TableName": "orders", "Item": {"pk": {"S": pk}}, "ConditionExpression": "attribute_not_exists(pk)"}
equal(code(dynamodb.put_item, **new("a")), None)
equal(code(dynamodb.put_item, **new("a")), "ConditionalCheckFailedException")
try:
    dynamodb.transact_write_items(TransactItems=[{"Put": new("b")}, {"Put": new("a")}])
    raise AssertionError("the transaction went through")
except dynamodb.exceptions.TransactionCanceledException as error:
    equal([reason["Code"] for reason in error.response["CancellationReasons"]], ["None", "ConditionalCheckFailed"])
equal("Item" in dynamodb.get_item(TableName="orders", Key={"pk": {"S": "b"}}), False)

# Of those who make the same item at once, one wins; the others are told why they did not.
outcomes = []
def race():
    outcomes.append(code(dynamodb.transact_write_items, TransactItems=[{"Put": new("c")}, {"Put": new("d")}]))
racers = [threading.Thread(target=race) for _ in range(8)]
for racer in racers: racer.start()
for racer in racers: racer.join()
equal(sorted(map(str, outcomes)), ["None"] + ["TransactionCanceledException"] * 7)
print("tables")
"#;
