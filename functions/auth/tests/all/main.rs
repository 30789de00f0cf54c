//! The auth service over its requests, on an embedded cloud. One module per route or group of routes, and what all keep together.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod access;
mod api_keys;
mod authorization;
mod browsers;
mod clients;
mod create_tenant;
mod device;
mod doors;
mod get_key_set;
mod internal;
mod invitations;
mod lock_out;
mod log_in;
mod machines;
mod metadata;
mod multi_factor;
mod oauth_tokens;
mod office;
mod password_change;
mod password_reset;
mod platform;
mod promises;
mod refresh_tokens;
mod register_user;
mod roles;
mod sealed;
mod sessions;
mod tokens;
mod users;

use testing::World;

use crate::office::Office;

/// A world with the auth service, which takes the tokens of the world's callers.
pub async fn world() -> World {
    let office = Office::open().await;
    office.admit_callers().await;
    office.world
}
