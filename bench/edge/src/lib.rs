//! The operation without storage, as a Worker that `bench/run` can load: behind the host that is deployed, in the
//! environment `main`, with a real key, counters in memory and a rate limit that is never reached.

#![cfg(target_arch = "wasm32")]

use std::sync::OnceLock;

use bench_pipeline::{ports, service};
use host_worker::{clock, head_of, respond, serve, shielded, stopwatch};
use operation::{Environment, Mounted, refuse};
use service_errors::{Error, Kind};
use worker::web_sys::{Request, Response};
use worker::{Context, Env, Result, event};

/// Made by the first request, as the services of the real one are.
static SERVICE: OnceLock<Mounted<()>> = OnceLock::new();

#[event(fetch)]
async fn fetch(request: Request, _env: Env, _context: Context) -> Result<Response> {
    match shielded(answer(request)).await {
        Ok(answer) => answer,
        Err(_) => respond(refuse(&Error::new(Kind::Internal), &Default::default(), Environment::Main)),
    }
}

async fn answer(request: Request) -> Result<Response> {
    let head = match head_of(&request) {
        Ok(head) => head,
        Err(refusal) => return respond(refusal),
    };
    match mounted() {
        Ok(service) => serve(head, &request, service).await,
        Err(error) => respond(refuse(&error, head.headers(), Environment::Main)),
    }
}

fn mounted() -> std::result::Result<&'static Mounted<()>, Error> {
    if let Some(service) = SERVICE.get() {
        return Ok(service);
    }
    let mounted =
        service().mount(std::sync::Arc::new(()), ports::ports(clock(), stopwatch)).map_err(Error::internal)?;
    Ok(SERVICE.get_or_init(|| mounted))
}
