//! Runs a service as AWS Lambda functions: one program, and a function per operation and consumer, told apart by the
//! name of its handler.
//!
//! Thin: an event becomes the pipeline's request or a consumer's message, and its answer goes back; storage is the AWS
//! SDK over HTTPS. A function's environment holds `SERVICE_NAME`, `ENVIRONMENT`, `CONFIG_SERVICE_URL`, `AWS_REGION` and
//! `LOG_LEVEL`, and what the Lambda runtime itself puts there.
//!
//! | handler | what it does |
//! | --- | --- |
//! | `booking::create_booking` | answers one operation: events of API Gateway (v1 and v2), function URLs, load balancers |
//! | `booking::update_shipper_summary` | takes batches of one consumer's queue, and says which messages failed |
//! | `booking::other` | answers what is no operation: 404, 405, preflights |
//! | `booking::relay` | moves events from the outbox to queues, whatever woke it |
//! | `config::prepare` | makes what has to be there before the first call, as a custom resource of CloudFormation |

mod batch;
mod environment;
mod event;
mod function;
mod outgoing;
mod preparation;
mod relay;
mod target;

use std::fmt::Display;
use std::process::ExitCode;
use std::sync::Arc;

use cloud::{Platform, VariableError};
use lambda_http::{LambdaEvent, lambda_runtime, service_fn};
use operation::{Hosted, RouteError};
use serde_json::Value;

pub use function::{Fault, Function, Prepare};

/// Why a function could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The environment is not whole.
    #[error("the function's environment is not whole")]
    Environment(#[from] VariableError),
    /// The service has two operations on one route.
    #[error("the service's routes cannot be mounted")]
    Routes(#[from] RouteError),
    /// The service has no such part.
    #[error("the handler is {handler:?}: it must be one of {known}")]
    Handler {
        /// What the function is configured with.
        handler: String,
        /// What this program answers to.
        known: String,
    },
    /// What the program needs is not there.
    #[error("the function cannot be set up: {0}")]
    SetUp(String),
    /// There is no runtime to run on.
    #[error("the runtime could not be started")]
    Runtime(#[from] std::io::Error),
    /// The Lambda runtime API ended the function.
    #[error("the Lambda runtime API failed")]
    Lambda(#[source] lambda_http::Error),
}

/// The `main` of a program: runs the service that `mount` mounts, and says on standard error why it ended.
pub fn main<M: Hosted + 'static>(mount: fn(&Platform) -> Result<M, RouteError>) -> ExitCode {
    end(run(mount, None))
}

/// The same for the service that prepares the platform: its handler `prepare` runs `prepare`.
pub fn main_preparing<M: Hosted + 'static>(
    mount: fn(&Platform) -> Result<M, RouteError>,
    prepare: Prepare,
) -> ExitCode {
    end(run(mount, Some(prepare)))
}

/// The same for a program that is no service: `make` makes the one function that it is.
pub fn main_answering<E: Display, A: AsyncFn(Value) -> Result<Value, Fault>>(
    make: impl FnOnce(&Platform) -> Result<A, E>,
) -> ExitCode {
    end(answer(make))
}

fn answer<E: Display, A: AsyncFn(Value) -> Result<Value, Fault>>(
    make: impl FnOnce(&Platform) -> Result<A, E>,
) -> Result<(), Error> {
    let platform = environment::platform()?;
    let answers = make(&platform).map_err(|error| Error::SetUp(error.to_string()))?;
    serve(async |event| answers(event).await.inspect_err(|fault| function::tell(&platform, &fault.to_string())))
}

/// Runs the service that `mount` mounts until Lambda ends it.
fn run<M: Hosted + 'static>(
    mount: fn(&Platform) -> Result<M, RouteError>,
    prepare: Option<Prepare>,
) -> Result<(), Error> {
    let platform = environment::platform()?;
    let service = Arc::new(mount(&platform)?);
    let handler = std::env::var("_HANDLER").unwrap_or_default();
    let function = Function::of(&handler, platform, service, prepare)?;
    serve(async |event| function.invoke(event).await)
}

fn serve(invoke: impl AsyncFn(Value) -> Result<Value, Fault>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = service_fn(|event: LambdaEvent<Value>| invoke(event.payload));
    runtime.block_on(lambda_runtime::run(handle)).map_err(Error::Lambda)
}

fn end(outcome: Result<(), Error>) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
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
