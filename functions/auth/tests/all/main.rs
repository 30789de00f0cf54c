//! The auth service over its requests, on an embedded cloud. One module per route or group of routes, and what all keep together.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod access;
mod api_keys;
mod authorization;
mod browsers;
mod clients;
mod contract;
mod create_tenant;
mod device;
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
mod refresh_tokens;
mod register_user;
mod roles;
mod sessions;
mod tokens;
mod users;
