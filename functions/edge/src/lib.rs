//! The Cloudflare Worker: the services behind `fetch`, which live as long as its instance.

#![cfg(target_arch = "wasm32")]

mod passed_on;
mod services;

use std::sync::OnceLock;

use cloud::VariableError;
use host_worker::{Panicked, forward, head_of, respond, serve, shielded};
use operation::{Environment, refuse};
use service_errors::{Error, Kind};
use worker::web_sys::{Request, Response};
use worker::{Context, Env, Result, console_error, event};

use crate::services::{ALLOWED, Broken, Services};

/// Made by the first request, because before it the runtime has neither time nor randomness.
static SERVICES: OnceLock<Services> = OnceLock::new();

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    match shielded(answer(Clone::clone(&request), env)).await {
        Ok(answer) => answer,
        // What panicked took the head with it, or panicked at it: then the runtime says 500.
        Err(Panicked) => shielded(panicked(request)).await.unwrap_or_else(|_| Err("it panicked again".into())),
    }
}

async fn answer(request: Request, env: Env) -> Result<Response> {
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
    let Some(service) = services.elsewhere(&head) else { return serve(head, &request, services).await };
    let base_url = services.base_url(service).await;
    let answer = forward(&head, &request, &base_url, ALLOWED).await;
    #[cfg(feature = "probe")]
    probe::harm(&head);
    match answer {
        Ok(answer) => Ok(answer.into()),
        Err(why) => {
            console_error!("{} {} was passed on to {service} in vain: {why}", head.method(), head.uri().path());
            respond(services.in_vain(&why, head.headers()))
        }
    }
}

/// Answers a request that panicked; as carefully as in `main` if the making of the services did.
async fn panicked(request: Request) -> Result<Response> {
    let environment = SERVICES.get().map_or(Environment::Main, Services::environment);
    let refused = |head: http::Request<()>| refuse(&Error::new(Kind::Internal), head.headers(), environment);
    respond(head_of(&request).map_or_else(|refusal| refusal, refused))
}

/// The services, made once. What is wrong with the variables is said at every request until it is put right.
fn services(env: &Env) -> std::result::Result<&'static Services, VariableError> {
    if let Some(services) = SERVICES.get() {
        return Ok(services);
    }
    let services = Services::new(host_worker::platform(env)?);
    Ok(SERVICES.get_or_init(|| services))
}

/// What only the Worker of the tests has in it: requests that end in the worst way, and hold a lock when they do.
#[cfg(feature = "probe")]
mod probe {
    use std::sync::{Mutex, PoisonError};

    static LOCK: Mutex<()> = Mutex::new(());

    #[allow(clippy::panic, reason = "what is proven is that a panic harms nobody")]
    pub fn harm(head: &http::Request<()>) {
        let Some(how) = head.headers().get("x-probe") else { return };
        let _held = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        match how.as_bytes() {
            b"overflow" => drop(endless(how.len())),
            _ => panic!("asked to"),
        }
    }

    #[allow(unconditional_recursion, reason = "what is proven is that the end of the stack harms nobody")]
    fn endless(depth: usize) -> usize {
        let frame = std::hint::black_box([depth; 256]);
        endless(frame[depth % 256] + 1) + frame[0]
    }
}
