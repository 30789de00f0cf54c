//! A page of bookings in a tenant that grows. One booking is made as anybody makes one; the others are copies of its
//! items under ids and times of their own, written in batches.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::future::try_join_all;
use serde_json::{Map, Value, json};
use validation::types::Timestamp;

use super::house::{House, now_millis};
use super::watch::{Watch, median};
use crate::Failure;

const FEW: usize = 1000;
const PAGES: usize = 200;
/// The most that BatchWriteItem takes.
const BATCH: usize = 25;
/// How many batches are under way at once.
const TOGETHER: usize = 8;
/// Characters of a time up to its seconds.
const TO_SECONDS: usize = 19;

type Item = HashMap<String, AttributeValue>;

/// A booking whose items are copied.
struct Template {
    client: Client,
    table: String,
    id: String,
    /// Up to the seconds.
    made: String,
    items: Vec<Item>,
    now: i64,
}

pub async fn measure(house: &House, bookings: usize) -> Result<Value, Failure> {
    let template = Template::make(house).await?;
    template.copy(1..FEW).await?;
    let middle = |bookings: usize| template.time(bookings / 2);
    let few = pages(house, &middle(FEW)).await?;
    let seeding = Instant::now();
    template.copy(FEW..bookings).await?;
    let seconds = seeding.elapsed().as_secs_f64();
    let many = pages(house, &middle(bookings)).await?;

    let mut lists = Map::new();
    for ((name, few), (_, many)) in few.into_iter().zip(many) {
        lists.insert(name.to_owned(), json!({ "fewMicroseconds": few, "manyMicroseconds": many }));
    }
    Ok(json!({ "few": FEW, "many": bookings, "seedingSeconds": seconds, "pages": lists }))
}

/// What a page of each list takes, in microseconds of the wall: the first one, one that a cursor leads to, one that
/// begins in the middle of time, and one of a status.
async fn pages(house: &House, middle: &str) -> Result<Vec<(&'static str, f64)>, Failure> {
    const LIST: &str = "/booking/v1/bookings";
    let first = house.ask("GET", LIST, None).await?;
    let cursor = first["pagination"]["nextCursor"].as_str().ok_or("one page holds everything")?;
    let shipper = first["data"][0]["shipperId"].as_str().ok_or("a booking without a shipper")?;
    let status = first["data"][0]["status"].as_str().ok_or("a booking without a status")?;
    let mut taken = Vec::new();
    for (name, path) in [
        ("first", LIST.to_owned()),
        ("next", format!("{LIST}?cursor={cursor}")),
        ("middle", format!("{LIST}?createdBefore={middle}Z")),
        ("status", format!("{LIST}?status={status}")),
        ("shipper", format!("{LIST}?shipperId={shipper}&pageSize=100")),
    ] {
        let mut times: Vec<Duration> = Vec::with_capacity(PAGES);
        for _ in 0..PAGES {
            let watch = Watch::start();
            let page = house.ask("GET", &path, None).await?;
            times.push(watch.stop().wall);
            let found = page["data"].as_array().map_or(0, Vec::len);
            if found < 20 {
                return Err(format!("{path} answers {found} bookings").into());
            }
        }
        taken.push((name, median(times)));
    }
    Ok(taken)
}

impl Template {
    async fn make(house: &House) -> Result<Self, Failure> {
        let made = house.ask("POST", "/booking/v1/bookings", Some(&json!({ "freight": house.freight() }))).await?;
        let word = |name: &str| made["data"][name].as_str().map(str::to_owned).ok_or(format!("no {name}"));
        let (id, time) = (word("bookingId")?, word("createdAt")?);
        let client = Client::new(&house.aws.sdk_config());
        let table = house.platform.cloud.name(booking::NAME);
        let all = client.scan().table_name(&table).send().await?.items.unwrap_or_default();
        let of_it = |item: &Item| item.get("pk").and_then(|pk| pk.as_s().ok()).is_some_and(|pk| pk.ends_with(&id));
        let items: Vec<Item> = all.into_iter().filter(of_it).collect();
        if items.is_empty() {
            return Err("the booking has no item under its id".into());
        }
        let made = time.get(..TO_SECONDS).ok_or("a time without seconds")?.to_owned();
        Ok(Self { client, table, id, made, items, now: now_millis() })
    }

    /// When number `number` was booked: a second before the one before it.
    fn time(&self, number: usize) -> String {
        let seconds = i64::try_from(number).unwrap_or(i64::MAX);
        let time = Timestamp::from_unix_millis(self.now - seconds * 1000).to_string();
        time.get(..TO_SECONDS).unwrap_or(&time).to_owned()
    }

    /// Writes the copies of these numbers.
    async fn copy(&self, numbers: std::ops::Range<usize>) -> Result<(), Failure> {
        let mut numbers = numbers.peekable();
        while numbers.peek().is_some() {
            let writes: Vec<WriteRequest> = numbers
                .by_ref()
                .take(TOGETHER * BATCH)
                .flat_map(|number| self.numbered(number))
                .collect::<Result<_, Failure>>()?;
            try_join_all(writes.chunks(BATCH).map(|batch| self.write(batch.to_vec()))).await?;
        }
        Ok(())
    }

    fn numbered(&self, number: usize) -> Vec<Result<WriteRequest, Failure>> {
        let digits = self.id.chars().rev().take_while(char::is_ascii_hexdigit).count();
        let kept = self.id.get(..self.id.len() - digits).unwrap_or_default();
        let (id, time) = (format!("{kept}{number:0digits$X}"), self.time(number));
        let renamed = |item: &Item| -> Result<WriteRequest, Failure> {
            let mut copy = item.clone();
            for value in copy.values_mut() {
                if let AttributeValue::S(text) = value {
                    *text = text.replace(&self.id, &id).replace(&self.made, &time);
                }
            }
            let put = PutRequest::builder().set_item(Some(copy)).build()?;
            Ok(WriteRequest::builder().put_request(put).build())
        };
        self.items.iter().map(renamed).collect()
    }

    async fn write(&self, batch: Vec<WriteRequest>) -> Result<(), Failure> {
        let sent = self.client.batch_write_item().request_items(&self.table, batch).send().await?;
        match sent.unprocessed_items.unwrap_or_default().is_empty() {
            true => Ok(()),
            false => Err("a batch was not written whole".into()),
        }
    }
}
