//! Runs a service as AWS Lambda functions.
//!
//! Thin: an API Gateway event becomes the pipeline's request and its answer goes back; storage is the AWS SDK over
//! HTTPS. A function's environment holds `SERVICE_NAME`, `ENVIRONMENT`, `CONFIG_SERVICE_URL`, `AWS_REGION` and
//! `LOG_LEVEL`, and what the Lambda runtime itself puts there.

mod environment;
mod event;

use std::process::ExitCode;
use std::sync::Arc;

use cloud::{Platform, VariableError};
use lambda_http::service_fn;
use operation::{Hosted, RouteError};

/// Why a function could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The environment is not whole.
    #[error("the function's environment is not whole")]
    Environment(#[from] VariableError),
    /// The service has two operations on one route.
    #[error("the service's routes cannot be mounted")]
    Routes(#[from] RouteError),
    /// There is no runtime to run on.
    #[error("the runtime could not be started")]
    Runtime(#[from] std::io::Error),
    /// The Lambda runtime API ended the function.
    #[error("the Lambda runtime API failed")]
    Lambda(#[source] lambda_http::Error),
}

/// The `main` of a function: runs the service that `mount` mounts, and says on standard error why it ended.
pub fn main<M: Hosted + 'static>(mount: fn(&Platform) -> Result<M, RouteError>) -> ExitCode {
    let Err(error) = run(mount) else { return ExitCode::SUCCESS };
    let mut text = error.to_string();
    let mut next = std::error::Error::source(&error);
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    eprintln!("{text}");
    ExitCode::FAILURE
}

/// Runs the service that `mount` mounts until Lambda ends it.
pub fn run<M: Hosted + 'static>(mount: fn(&Platform) -> Result<M, RouteError>) -> Result<(), Error> {
    let platform = environment::platform()?;
    let service: Arc<dyn Hosted> = Arc::new(mount(&platform)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let handler = service_fn(move |event| event::answer(Arc::clone(&service), event));
    runtime.block_on(lambda_http::run(handler)).map_err(Error::Lambda)
}
