//! A quote, as it is asked for: from the request to its answer.

use serde_json::{Value, json};

use super::house::House;
use super::watch::{Watch, median};
use crate::Failure;

const BATCH: usize = 20;
const BATCHES: usize = 100;

pub async fn measure(house: &House) -> Result<Value, Failure> {
    let freight = house.freight();
    house.ask("POST", "/booking/v1/quotes", Some(&freight)).await?;

    let mut spent = Vec::new();
    for _ in 0..BATCHES {
        let watch = Watch::start();
        for _ in 0..BATCH {
            house.ask("POST", "/booking/v1/quotes", Some(&freight)).await?;
        }
        spent.push(watch.stop().process);
    }
    Ok(json!({ "cpuMicroseconds": median(spent) / BATCH as f64 }))
}
