//! A log-in at the configured cost of Argon2id, and one at a cost that is next to nothing: the rest of a log-in.

use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::house::House;
use super::watch::{Watch, median};
use crate::Failure;

const ROUNDS: usize = 100;

/// How many people log in at once where processor time is measured: a server is seldom asked by one alone, and one alone
/// pays for waking every thread.
const AT_ONCE: usize = 16;

/// The rest is measured by itself. As the difference of two log-ins it would be lost in the noise of the larger number,
/// and Argon2id leaves cold caches behind, as it is meant to.
pub async fn measure(house: &House, cheap: &House) -> Result<Value, Failure> {
    let (mut whole, mut rest, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    let people = cheap.people(AT_ONCE).await?;
    for _ in 0..ROUNDS {
        let watch = Watch::start();
        house.log_in().await?;
        whole.push(watch.stop().wall);
    }
    for _ in 0..ROUNDS {
        let watch = Watch::start();
        cheap.log_in().await?;
        rest.push(watch.stop().wall);
    }
    for _ in 0..ROUNDS {
        let watch = Watch::start();
        try_join_all(people.iter().map(|email| cheap.log_in_as(email))).await?;
        cpu.push(watch.stop().process / u32::try_from(AT_ONCE)?);
    }
    Ok(json!({
        "wholeMicroseconds": median(whole),
        "restMicroseconds": median(rest),
        "restCpuMicroseconds": median(cpu),
    }))
}
