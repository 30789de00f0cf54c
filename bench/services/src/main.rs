//! The services against their budgets, in one process and without a socket: a log-in beside Argon2id alone, the check of
//! a token, a quote, and a page of bookings in a tenant that grows.
//!
//! `bench-services FOLDER BOOKINGS` keeps its tables in that folder and grows a tenant to that many bookings. It prints
//! one line of JSON.

mod house;
mod lists;
mod log_in;
mod quotes;
mod tokens;
mod watch;

use std::path::PathBuf;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whatever went wrong, in words.
type Failure = Box<dyn std::error::Error>;

/// On one thread, so that its processor time is what the services themselves spend; the tables have a thread of their
/// own.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(bookings)) = (arguments.next().map(PathBuf::from), arguments.next()) else {
        return Err("two arguments are needed: a folder, and how many bookings".into());
    };
    let bookings: usize = bookings.parse()?;

    let tokens = tokens::measure().await?;
    let house = house::House::open(&folder).await?;
    let log_in = log_in::measure(&house).await?;
    let quote = quotes::measure(&house).await?;
    let lists = lists::measure(&house, bookings).await?;
    println!("{}", serde_json::json!({ "tokens": tokens, "logIn": log_in, "quote": quote, "lists": lists }));
    Ok(())
}
