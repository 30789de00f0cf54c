//! A log-in, beside Argon2id alone at the cost that is configured, in turns.

use argon2::{Algorithm, Argon2, Params, Version};
use config_client::{ConfigClient, Document, HttpSource, Scope};
use policy::PLATFORM_TENANT;
use serde::Deserialize;
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Arc;

use crate::Failure;
use crate::house::House;
use crate::watch::{Watch, median, shortest};

const ROUNDS: usize = 100;

/// What a hash costs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Passwords {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

impl Document for Passwords {
    const SCOPE: Scope = Scope::Service("auth");
    const NAME: &'static str = "technical/passwords";
}

pub async fn measure(house: &House) -> Result<Value, Failure> {
    let platform = &house.platform;
    let source = Arc::new(HttpSource::new(platform, "auth"));
    let client = ConfigClient::new(source, platform.environment, Arc::clone(&platform.clock));
    let costs = client.get::<Passwords>(PLATFORM_TENANT).await.map_err(|error| error.chain())?;
    let params =
        Params::new(costs.memory_kib, costs.iterations, costs.lanes, None).map_err(|error| error.to_string())?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);

    let (mut whole, mut alone, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let watch = Watch::start();
        house.log_in().await?;
        let spent = watch.stop();
        whole.push(spent.wall);

        let watch = Watch::start();
        let mut hash = [0; 32];
        let hashed = argon2.hash_password_into(b"correct horse battery", b"a salt of nobody", &mut hash);
        hashed.map_err(|error| error.to_string())?;
        black_box(hash);
        let hashing = watch.stop();
        alone.push(hashing.wall);
        cpu.push(spent.process.saturating_sub(hashing.process));
    }
    Ok(json!({
        "wholeMicroseconds": shortest(&whole),
        "argon2Microseconds": shortest(&alone),
        "restMicroseconds": shortest(&whole) - shortest(&alone),
        "restMedianMicroseconds": median(whole) - median(alone),
        "restCpuMicroseconds": median(cpu),
    }))
}
