//! The Cloudflare Worker: the fetch event handed to the endpoint, which lives as long as its instance.
//!
//! Until the services are mounted here, the endpoint is a probe that writes and reads one item of DynamoDB.

#![cfg(target_arch = "wasm32")]

mod probe;

use std::sync::OnceLock;

use worker::{Context, Env, Request, Response, Result, event};

use crate::probe::Probe;

/// Made by the first request, because before it the runtime has neither time nor randomness.
static ENDPOINT: OnceLock<Probe> = OnceLock::new();

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let endpoint = ENDPOINT.get_or_init(|| Probe::new(&host_worker::sdk_config(&env)));

    host_worker::serve(request, endpoint).await
}
