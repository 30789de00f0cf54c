//! The services against their budgets, in one process and without a socket: a log-in with Argon2id and without, the
//! check of a token, a quote, and a page of bookings in a tenant that grows.

mod house;
mod lists;
mod log_in;
mod quotes;
mod tokens;
mod watch;

use std::path::Path;

use serde_json::{Value, json};

use crate::Failure;

/// Keeps its tables in this folder and grows a tenant to so many bookings.
pub async fn measure(folder: &Path, bookings: usize) -> Result<Value, Failure> {
    let tokens = tokens::measure().await?;
    let cheap = house::House::open(&folder.join("cheap"), true).await?;
    let house = house::House::open(&folder.join("house"), false).await?;
    let log_in = log_in::measure(&house, &cheap).await?;
    let quote = quotes::measure(&house).await?;
    let lists = lists::measure(&house, bookings).await?;
    Ok(json!({ "tokens": tokens, "logIn": log_in, "quote": quote, "lists": lists }))
}
