//! A service: one alphabetical list of operations and consumers, and what it takes to answer with it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use policy::Principal;
use validation::types::Timestamp;

use crate::consumer::envelope;
use crate::{
    ALREADY_DONE, Body, BoxFuture, Call, Claim, Consumer, ConsumerDeclaration, Context, Declaration, Delivery,
    Endpoint, Hosted, Operation, Ports, Verified, catch,
};

/// A service whose state is an `S`.
pub struct Service<S> {
    /// Its name: the first segment of its paths.
    pub name: &'static str,
    operations: Vec<Operation<S>>,
    consumers: Vec<Consumer<S>>,
}

impl<S: Send + Sync + 'static> Service<S> {
    /// A service of these operations and consumers.
    pub fn new(name: &'static str, operations: Vec<Operation<S>>, consumers: Vec<Consumer<S>>) -> Self {
        Self { name, operations, consumers }
    }

    /// The operations, in the order of the list.
    pub fn operations(&self) -> &[Operation<S>] {
        &self.operations
    }

    /// The consumers, in the order of the list.
    pub fn consumers(&self) -> &[Consumer<S>] {
        &self.consumers
    }

    /// Gives the service its state and its ports. Fails when two operations answer the same method and path, or a
    /// path is not a route; `cargo test` finds both.
    pub fn mount(self, state: Arc<S>, ports: Ports) -> Result<Mounted<S>, RouteError> {
        let mut router = matchit::Router::new();
        let mut routes: Vec<Vec<usize>> = Vec::new();
        for (index, operation) in self.operations.iter().enumerate() {
            let path = operation.declaration.path;
            let known = self.operations[..index].iter().position(|other| other.declaration.path == path);
            match known.and_then(|first| routes.iter_mut().find(|route| route.contains(&first))) {
                Some(route) => route.push(index),
                None => {
                    router.insert(path, routes.len())?;
                    routes.push(vec![index]);
                }
            }
        }
        Ok(Mounted { service: self, state, ports, router, routes, verified: Verified::default() })
    }
}

/// A path that is not a route, or two that are the same.
pub type RouteError = matchit::InsertError;

/// A service that answers.
pub struct Mounted<S> {
    pub(crate) service: Service<S>,
    pub(crate) state: Arc<S>,
    pub(crate) ports: Ports,
    pub(crate) router: matchit::Router<usize>,
    /// Per route, the operations under its methods.
    pub(crate) routes: Vec<Vec<usize>>,
    pub(crate) verified: Verified,
}

impl<S: Send + Sync + 'static> Mounted<S> {
    /// The service.
    pub fn service(&self) -> &Service<S> {
        &self.service
    }

    /// The service's state.
    pub fn state(&self) -> &Arc<S> {
        &self.state
    }

    /// Hands one message to the consumer of that id. At least once in, once only in effect: the handler's transaction
    /// carries a claim on the event's id.
    async fn handle_message(&self, consumer: &str, message: &[u8]) -> Delivery {
        let Some(consumer) = self.service.consumers.iter().find(|known| known.declaration.id == consumer) else {
            return Delivery::Poison(format!("there is no consumer {consumer}"));
        };
        let event = match envelope(message) {
            Ok(event) => event,
            Err(why) => return Delivery::Poison(why),
        };
        if !consumer.takes(&event.kind) {
            return Delivery::Done;
        }
        let now = (self.ports.clock)();
        let settings = match self.ports.settings.of(&event.tenantid).await {
            Ok(settings) => settings,
            Err(error) => return Delivery::Retry(error),
        };
        let claim = Claim {
            tenant: event.tenantid.clone(),
            key: format!("event#{}#{}#{}", consumer.declaration.id, event.source, event.id),
            fingerprint: String::new(),
            expires_at: now / 1000 + settings.idempotency_retention,
        };
        match self.ports.memory.recall(&claim).await {
            Ok(None) => {}
            Ok(Some(_)) => return Delivery::Done,
            Err(error) => return Delivery::Retry(error),
        }
        let call = Call {
            service: self.service.name,
            operation: consumer.declaration.id,
            audit: consumer.declaration.audit,
            success: 204,
            environment: self.ports.environment,
            request_id: event.requestid.clone(),
            principal: Principal::Service { name: event.source.clone() },
            tenant: event.tenantid.clone(),
            now: Timestamp::from_unix_millis(now),
            client: String::new(),
            claim: Some(claim),
            claimed: AtomicBool::new(false),
        };
        let context = Context { state: Arc::clone(&self.state), call: Arc::new(call) };
        let handled = match consumer.run(context, event) {
            Ok(future) => catch::panics(future).await,
            Err(issues) => {
                let issues: Vec<_> =
                    issues.iter().map(|issue| format!("{} {}", issue.pointer, issue.message)).collect();
                return Delivery::Poison(issues.join("; "));
            }
        };
        match handled {
            Ok(()) => Delivery::Done,
            Err(error) if error.code() == ALREADY_DONE.code && error.message() == ALREADY_DONE.message => {
                Delivery::Done
            }
            Err(error) => Delivery::Retry(error),
        }
    }
}

impl<S: Send + Sync + 'static> Endpoint for Mounted<S> {
    fn call(&self, request: http::Request<Body>) -> BoxFuture<'_, http::Response<Bytes>> {
        Box::pin(self.serve(request))
    }
}

impl<S: Send + Sync + 'static> Hosted for Mounted<S> {
    fn name(&self) -> &'static str {
        self.service.name
    }

    fn operations(&self) -> Vec<&'static Declaration> {
        self.service.operations.iter().map(|operation| operation.declaration).collect()
    }

    fn finds(&self, method: &http::Method, path: &str) -> Option<&'static Declaration> {
        let (route, _) = self.route(path).ok()?;
        self.operation(method, route).ok().map(|operation| operation.declaration)
    }

    fn consumers(&self) -> Vec<&'static ConsumerDeclaration> {
        self.service.consumers.iter().map(|consumer| consumer.declaration).collect()
    }

    fn deliver<'a>(&'a self, consumer: &'a str, message: &'a [u8]) -> BoxFuture<'a, Delivery> {
        Box::pin(self.handle_message(consumer, message))
    }
}
