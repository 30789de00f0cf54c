//! The pipeline without storage, as a process that `bench/run` can load: one operation behind the native host, in the
//! environment `main`, with a real key, counters in memory and a rate limit that is never reached.
//!
//! It prints one line of JSON: where it listens, a token, and the public key of the token as a JWK.
//! With `--fresh-tokens`, a request with that token is answered as if it carried one never seen before, so that every
//! request pays for the check of a signature.

use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bench_pipeline::tokens::{self, Tokens, jwk};
use bench_pipeline::{echo, ports, service};
use bytes::Bytes;
use host_native::Limits;
use http::{Request, Response};
use operation::{Body, BoxFuture, Endpoint};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mounted = Arc::new(service().mount(Arc::new(()), ports::ports(Arc::new(now_millis), stopwatch))?);
    let token = tokens::token("first", now_millis() / 1000)?;
    let endpoint: Arc<dyn Endpoint> = match std::env::args().any(|argument| argument == "--fresh-tokens") {
        true => Arc::new(FreshTokens { inner: mounted, tokens: Tokens::many(&token, now_millis() / 1000)? }),
        false => mounted,
    };

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}{}", listener.local_addr()?, echo::DECLARATION.path);
    println!("{}", serde_json::json!({ "url": url, "token": token, "jwk": jwk() }));
    host_native::serve(endpoint, listener, Limits::default(), std::future::pending()).await;
    Ok(())
}

/// Gives every request that carries the printed token another one.
struct FreshTokens {
    inner: Arc<dyn Endpoint>,
    tokens: Tokens,
}

impl Endpoint for FreshTokens {
    fn call(&self, mut request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        self.tokens.replace(request.headers_mut());
        self.inner.call(request)
    }
}

fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn stopwatch() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_micros()).unwrap_or(u64::MAX)
}
