//! The sample service over HTTP, on its own embedded cloud.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod access;
mod approve_sample;
mod create_sample;
mod delete_sample;
mod get_sample;
mod list_samples;
mod messages;
mod promises;
mod replace_sample;
mod samples;
mod update_sample;

use testing::World;

/// A world with the sample service.
pub async fn world() -> World {
    World::start(&[sample::NAME], async |platform| sample::mount(platform)).await
}
