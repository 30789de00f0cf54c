//! Answers a request with its JSON body, behind lambda_http and nothing else.

use lambda_http::{Body, Error, Request, Response, service_fn};
use serde_json::{Value, json};

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(lambda_http::run(service_fn(echo)))
}

async fn echo(request: Request) -> Result<Response<Body>, Error> {
    let data: Value = serde_json::from_slice(request.body().as_ref())?;
    let answer = Body::from(json!({ "data": data }).to_string());
    Ok(Response::builder().header("content-type", "application/json").body(answer)?)
}
