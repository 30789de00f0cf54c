//! The pipeline without storage, as a process that `bench/run` can load: one operation behind the native host, in the
//! environment `main`, with a real key, counters in memory and a rate limit that is never reached.
//!
//! It prints one line of JSON: where it listens, a token, and the public key of the token as a JWK.
//! With `--fresh-tokens`, a request with that token is answered as if it carried one never seen before, so that every
//! request pays for the check of a signature.

mod echo;
mod ports;
mod tokens;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use operation::{Body, BoxFuture, Endpoint, Operation, Service};
use tokio::net::TcpListener;

use crate::tokens::{Tokens, jwk};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = Service::new("bench", vec![Operation::new(&echo::DECLARATION, echo::handle)], vec![]);
    let mounted = Arc::new(service.mount(Arc::new(()), ports::ports())?);
    let token = tokens::token("first")?;
    let endpoint: Arc<dyn Endpoint> = match std::env::args().any(|argument| argument == "--fresh-tokens") {
        true => Arc::new(FreshTokens { inner: mounted, tokens: Tokens::many(&token)? }),
        false => mounted,
    };

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}{}", listener.local_addr()?, echo::DECLARATION.path);
    println!("{}", serde_json::json!({ "url": url, "token": token, "jwk": jwk() }));
    serve(endpoint, listener).await
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

async fn serve(endpoint: Arc<dyn Endpoint>, listener: TcpListener) -> Result<(), Box<dyn std::error::Error>> {
    use http_body_util::{BodyExt as _, Full};

    loop {
        let (stream, address) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let client = http::HeaderValue::try_from(address.ip().to_string())?;
        let endpoint = Arc::clone(&endpoint);
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
                let mut request = request.map(|body| body.map_err(Into::into).boxed_unsync());
                request.headers_mut().insert(operation::CLIENT_ADDRESS, client.clone());
                let endpoint = Arc::clone(&endpoint);
                async move { Ok::<_, std::convert::Infallible>(endpoint.call(request).await.map(Full::new)) }
            });
            let io = hyper_util::rt::TokioIo::new(stream);
            // A connection that breaks is the caller's affair.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(io, service).await;
        });
    }
}
