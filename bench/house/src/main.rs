//! Measurements inside one process, each a line of JSON for `bench/run`. They share a program because linking one takes
//! minutes.

mod configuration;
mod contracts;
mod services;

use tokio::runtime::Builder;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whatever went wrong, in words.
type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "\
Usage: bench-house configuration
       bench-house contracts
       bench-house services FOLDER BOOKINGS    with tables in that folder, and so many bookings in a tenant";

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let measured = match arguments[..] {
        ["configuration"] => Builder::new_multi_thread().enable_all().build()?.block_on(configuration::measure())?,
        ["contracts"] => contracts::measure(),
        // On one thread, so that its processor time is what the services themselves spend; the tables have a thread of
        // their own.
        ["services", folder, bookings] => {
            let measuring = services::measure(folder.as_ref(), bookings.parse()?);
            Builder::new_current_thread().enable_all().build()?.block_on(measuring)?
        }
        _ => return Err(USAGE.into()),
    };
    println!("{measured}");
    Ok(())
}
