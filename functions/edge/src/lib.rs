//! The Cloudflare Worker: the services behind `fetch`, which live as long as its instance.

#![cfg(target_arch = "wasm32")]

mod passed_on;
mod services;

use std::sync::OnceLock;

use cloud::VariableError;
use host_worker::{forward, head_of, respond, serve, shielded};
use worker::web_sys::{Request, Response};
use worker::{Context, Env, Result, console_error, event};

use crate::services::{ALLOWED, Broken, Services};

/// Made by the first request, because before it the runtime has neither time nor randomness.
static SERVICES: OnceLock<Services> = OnceLock::new();

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let head = match head_of(&request) {
        Ok(head) => head,
        Err(refusal) => return respond(refusal),
    };
    let services = match services(&env) {
        Ok(services) => services,
        Err(error) => {
            let broken = Broken::because("the Worker's variables are not whole", error);
            return serve(head, &request, &broken).await;
        }
    };
    match shielded(answer(services, head, &request)).await {
        Ok(answer) => answer,
        // What panicked took the head with it.
        Err(_) => respond(head_of(&request).map_or_else(|refusal| refusal, |head| services.panicked(head.headers()))),
    }
}

async fn answer(services: &Services, head: http::Request<()>, request: &Request) -> Result<Response> {
    #[cfg(feature = "probe")]
    probe::panic_if_asked(&head);
    let Some(service) = services.elsewhere(&head) else { return serve(head, request, services).await };
    let base_url = services.base_url(service).await;
    match forward(&head, request, &base_url, ALLOWED).await {
        Ok(answer) => Ok(answer.into()),
        Err(why) => {
            console_error!("{} {} was passed on to {service} in vain: {why}", head.method(), head.uri().path());
            respond(services.in_vain(&why, head.headers()))
        }
    }
}

/// The services, made once. What is wrong with the variables is said at every request until it is put right.
fn services(env: &Env) -> std::result::Result<&'static Services, VariableError> {
    if let Some(services) = SERVICES.get() {
        return Ok(services);
    }
    let services = Services::new(host_worker::platform(env)?);
    Ok(SERVICES.get_or_init(|| services))
}

/// What only the Worker of the tests has in it.
#[cfg(feature = "probe")]
mod probe {
    #[allow(clippy::panic, reason = "what is proven is that a panic harms nobody")]
    pub fn panic_if_asked(head: &http::Request<()>) {
        if head.uri().path() == "/probe/panic" {
            panic!("asked to");
        }
    }
}
