//! What was acknowledged survives the process being killed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use embedded_aws::{EmbeddedAws, OpenError};

use crate::port::serve;
use crate::tables::{s, table};
use crate::{parameters, queues};

/// Where the folder and the round of a storm are told to the child.
const FOLDER: &str = "EMBEDDED_AWS_STORM_FOLDER";
const ROUND: &str = "EMBEDDED_AWS_STORM_ROUND";

/// What stands before each acknowledged write in the output of the child.
const ACKNOWLEDGED: &str = "acknowledged ";

/// The kinds of writes in a storm.
const KINDS: [&str; 5] = ["put", "transact", "object", "message", "parameter"];

/// How many writes of each kind are acknowledged before the child is killed.
const EACH: usize = 50;

/// What an object of this key holds: more than one write of the file system.
fn contents(key: &str) -> Vec<u8> {
    key.repeat(2_000).into_bytes()
}

struct Storm {
    child: Child,
    lines: BufReader<ChildStdout>,
    /// The keys of the acknowledged writes, by kind.
    acknowledged: BTreeMap<String, BTreeSet<String>>,
}

impl Storm {
    fn begin(folder: &Path, round: u32) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "crash::a_storm_of_writes"])
            .env(FOLDER, folder)
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines, acknowledged: BTreeMap::new() }
    }

    /// Reads one line; false when there are no more.
    fn read(&mut self) -> bool {
        let mut line = String::new();
        if self.lines.read_line(&mut line).unwrap() == 0 {
            return false;
        }
        if let Some((_, write)) = line.strip_suffix('\n').and_then(|line| line.split_once(ACKNOWLEDGED)) {
            let (kind, key) = write.split_once(' ').unwrap();
            self.acknowledged.entry(kind.to_owned()).or_default().insert(key.to_owned());
        }
        true
    }

    fn read_until_each_kind_has(&mut self, count: usize) {
        while !KINDS.iter().all(|kind| self.acknowledged.get(*kind).is_some_and(|keys| keys.len() >= count)) {
            assert!(self.read(), "the storm ended early");
        }
    }

    fn of(&self, kind: &str) -> BTreeSet<String> {
        self.acknowledged.get(kind).cloned().unwrap_or_default()
    }

    /// Kills the child with SIGKILL and reads what it still could say.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        while self.read() {}
        assert!(!self.child.wait().unwrap().success());
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "the child of the other tests here, which kill it"]
fn a_storm_of_writes() {
    let (Ok(folder), Ok(round)) = (std::env::var(FOLDER), std::env::var(ROUND)) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let aws = EmbeddedAws::open(Path::new(&folder)).unwrap();
        let config = aws.sdk_config();
        let tables = aws_sdk_dynamodb::Client::new(&config);
        let buckets = aws_sdk_s3::Client::new(&config);
        let queue = aws_sdk_sqs::Client::new(&config);
        let url = queue.get_queue_url().queue_name("jobs").send().await.unwrap().queue_url.unwrap();
        let port = serve(&aws).await;
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..2 * KINDS.len() {
            let (tables, buckets, queue, url) = (tables.clone(), buckets.clone(), queue.clone(), url.clone());
            let (kind, round) = (KINDS[writer % KINDS.len()], round.clone());
            writers.spawn(async move {
                for n in 0.. {
                    let key = format!("{kind}-{round}-{writer}-{n}");
                    match kind {
                        "put" => {
                            let put = tables.put_item().table_name("orders").item("pk", s(&key)).item("sk", s("1"));
                            drop(put.send().await.unwrap());
                        }
                        "transact" => {
                            let item = |sk| {
                                let put = Put::builder().table_name("orders").item("pk", s(&key)).item("sk", s(sk));
                                TransactWriteItem::builder().put(put.build().unwrap()).build()
                            };
                            let both =
                                tables.transact_write_items().transact_items(item("1")).transact_items(item("2"));
                            drop(both.send().await.unwrap());
                        }
                        "object" => {
                            let put = buckets.put_object().bucket("labels").key(&key).body(contents(&key).into());
                            drop(put.send().await.unwrap());
                        }
                        "parameter" => assert_eq!(parameters::put(port, &format!("/storm/{key}"), &key).await, 1),
                        _ => drop(queue.send_message().queue_url(&url).message_body(&key).send().await.unwrap()),
                    }
                    println!("{ACKNOWLEDGED}{kind} {key}");
                    // The tables and queues are never waited for, and would leave no thread to the objects.
                    tokio::task::yield_now().await;
                }
            });
        }
        writers.join_next().await.unwrap().unwrap();
    });
}

async fn prepare(folder: &Path) {
    let aws = EmbeddedAws::open(folder).unwrap();
    let config = aws.sdk_config();
    table(&aws_sdk_dynamodb::Client::new(&config), "orders").await;
    aws_sdk_s3::Client::new(&config).create_bucket().bucket("labels").send().await.unwrap();
    queues::create(&aws_sdk_sqs::Client::new(&config), "jobs", &[]).await;
}

/// The sort keys in the table, by partition key.
async fn items(client: &aws_sdk_dynamodb::Client) -> BTreeMap<String, Vec<String>> {
    let mut items: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut pages = client.scan().table_name("orders").consistent_read(true).into_paginator().send();
    while let Some(page) = pages.next().await {
        for item in page.unwrap().items() {
            items.entry(item["pk"].as_s().unwrap().clone()).or_default().push(item["sk"].as_s().unwrap().clone());
        }
    }
    items
}

/// Takes all messages out of the queue.
async fn drain(client: &aws_sdk_sqs::Client, url: &str) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    loop {
        let messages = queues::receive(client, url).await;
        if messages.is_empty() {
            return taken;
        }
        for message in messages {
            let delete = client.delete_message().queue_url(url).receipt_handle(message.receipt_handle.unwrap());
            delete.send().await.unwrap();
            assert!(taken.insert(message.body.unwrap()), "a message was received twice");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_write_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path()).await;
    let mut before = BTreeSet::new();
    let mut deleted = BTreeSet::new();
    for round in 0..3 {
        let mut storm = Storm::begin(folder.path(), round);
        storm.read_until_each_kind_has(EACH);
        storm.kill();

        let aws = EmbeddedAws::open(folder.path()).unwrap();
        let config = aws.sdk_config();
        let items = items(&aws_sdk_dynamodb::Client::new(&config)).await;
        before.extend(storm.of("put"));
        before.extend(storm.of("transact"));
        for key in &before {
            assert!(items.contains_key(key), "round {round} lost {key}");
        }
        for (key, rows) in items.iter().filter(|(key, _)| key.starts_with("transact")) {
            assert_eq!(*rows, ["1", "2"], "round {round} has half of {key}");
        }

        let buckets = aws_sdk_s3::Client::new(&config);
        for key in storm.of("object") {
            let got = buckets.get_object().bucket("labels").key(&key).send().await;
            let got = got.unwrap_or_else(|error| panic!("round {round} lost {key}: {error:?}"));
            assert!(got.body.collect().await.unwrap().to_vec() == contents(&key), "round {round} tore {key}");
        }

        let queue = aws_sdk_sqs::Client::new(&config);
        let url = queue.get_queue_url().queue_name("jobs").send().await.unwrap().queue_url.unwrap();
        let messages = drain(&queue, &url).await;
        let lost: Vec<_> = storm.of("message").difference(&messages).cloned().collect();
        assert!(lost.is_empty(), "round {round} lost {lost:?}");
        let port = serve(&aws).await;
        for key in storm.of("parameter") {
            assert_eq!(parameters::get(port, &format!("/storm/{key}")).await.as_ref(), Some(&key), "round {round}");
        }
        let back: Vec<_> = messages.intersection(&deleted).collect();
        assert!(back.is_empty(), "round {round} brought back {back:?}");
        deleted.extend(messages);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_open_in_one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path()).await;
    let mut storm = Storm::begin(folder.path(), 0);
    storm.read_until_each_kind_has(1);
    let Err(OpenError::InUse(named)) = EmbeddedAws::open(folder.path()) else { panic!("opened twice") };
    assert_eq!(named, folder.path().display().to_string());
    storm.kill();
    EmbeddedAws::open(folder.path()).unwrap();
}

#[test]
fn a_folder_is_open_once_in_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let aws = EmbeddedAws::open(folder.path()).unwrap();
    let other = aws.clone();
    drop(aws);
    assert!(matches!(EmbeddedAws::open(folder.path()), Err(OpenError::InUse(_))));
    drop(other);
    EmbeddedAws::open(folder.path()).unwrap();
}
