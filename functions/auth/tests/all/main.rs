//! The auth service over its requests, on an embedded cloud. One module per route, and what all routes keep together.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod api_keys;
mod authorization;
mod browsers;
mod clients;
mod contract;
mod create_tenant;
mod get_key_set;
mod log_in;
mod machines;
mod metadata;
mod oauth_tokens;
mod office;
mod refresh_tokens;
mod register_user;
mod tokens;
