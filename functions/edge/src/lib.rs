//! The Cloudflare Worker: the services behind `fetch`, which live as long as its instance.

#![cfg(target_arch = "wasm32")]

mod services;

use std::sync::OnceLock;

use worker::{Context, Env, Request, Response, Result, console_error, event};

use crate::services::{Broken, Services};

/// Made by the first request, because before it the runtime has neither time nor randomness.
static SERVICES: OnceLock<Services> = OnceLock::new();

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    match services(&env) {
        Ok(services) => host_worker::serve(request, services).await,
        Err(error) => {
            let broken = Broken::because(error);
            console_error!("{}", broken.cause());
            host_worker::serve(request, &broken).await
        }
    }
}

/// The services, mounted once. What is wrong with the variables is said at every request until it is put right.
fn services(env: &Env) -> std::result::Result<&'static Services, services::StartError> {
    if let Some(services) = SERVICES.get() {
        return Ok(services);
    }
    let services = Services::mount(&host_worker::platform(env)?)?;
    Ok(SERVICES.get_or_init(|| services))
}
