//! The services of this Worker behind one endpoint, by the first segment of the path.

use bytes::Bytes;
use cloud::VariableError;
use http::{Request, Response};
use operation::{Body, BoxFuture, Endpoint, Environment, Hosted, RouteError, refuse};
use service_errors::{Error, Kind};

/// Why the services cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The variables are not whole.
    #[error("the Worker's variables are not whole")]
    Environment(#[from] VariableError),
    /// A service has two operations on one route.
    #[error("the routes cannot be mounted")]
    Routes(#[from] RouteError),
}

/// The mounted services.
pub struct Services {
    environment: Environment,
    hosted: Vec<Box<dyn Hosted>>,
}

impl Services {
    /// Every service this Worker carries.
    pub fn mount(platform: &cloud::Platform) -> Result<Self, StartError> {
        let hosted: Vec<Box<dyn Hosted>> = vec![Box::new(booking::mount(platform)?)];
        Ok(Self { environment: platform.environment, hosted })
    }
}

impl Endpoint for Services {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        let name = request.uri().path().split('/').nth(1).unwrap_or_default();
        match self.hosted.iter().find(|service| service.name() == name) {
            Some(service) => service.call(request),
            None => Box::pin(async move { refuse(&Error::new(Kind::NotFound), request.headers(), self.environment) }),
        }
    }
}

/// Stands in for services that could not be mounted: a fault of ours, told to the console and to no caller.
pub struct Broken(Error);

impl Broken {
    pub fn because(error: StartError) -> Self {
        Self(Error::internal(error))
    }

    /// What happened, with its causes.
    pub fn cause(&self) -> String {
        self.0.chain()
    }
}

impl Endpoint for Broken {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        // Which environment this is may be what is wrong, so the answer is as careful as the strictest.
        Box::pin(async move { refuse(&self.0, request.headers(), Environment::Main) })
    }
}
