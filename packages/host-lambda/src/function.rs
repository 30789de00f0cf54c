//! One function: the part of a service that its handler names, and what it makes of an event.

use std::sync::Arc;

use cloud::Platform;
use lambda_http::lambda_runtime::Diagnostic;
use operation::{BoxFuture, Hosted};
use serde_json::Value;

use crate::{Error, batch, event, preparation, relay};

/// Makes what has to be there before the first call.
pub type Prepare = for<'a> fn(&'a Platform) -> BoxFuture<'a, Result<(), service_errors::Error>>;

/// Why an event was not handled. Lambda tries again where the source of the event asks for that.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The event is none that this part of the service takes.
    #[error("the event is not {expected}: {why}")]
    Event {
        /// What it should be.
        expected: &'static str,
        /// What was found instead.
        why: String,
    },
    /// The work failed, and may succeed later.
    #[error("{0}")]
    Failed(String),
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Self {
        let error_type = match fault {
            Fault::Event { .. } => "UnusableEvent",
            Fault::Failed(_) => "Failed",
        };
        Self { error_type: error_type.to_owned(), error_message: fault.to_string() }
    }
}

/// A part of a service, ready to be invoked.
pub struct Function {
    platform: Platform,
    service: Arc<dyn Hosted>,
    part: Part,
}

enum Part {
    /// Answers requests: those of the operation of this id, or those that belong to none.
    Http(Option<&'static str>),
    /// Takes the messages of the consumer of this id.
    Consumer(&'static str),
    Relay,
    Prepare(Prepare),
}

impl Function {
    /// The part of the service that `handler` names.
    ///
    /// # Errors
    ///
    /// The service has no such part.
    pub fn of(
        handler: &str,
        platform: Platform,
        service: Arc<dyn Hosted>,
        prepare: Option<Prepare>,
    ) -> Result<Self, Error> {
        let operations = service
            .operations()
            .into_iter()
            .map(|operation| (snake_case(operation.id), Part::Http(Some(operation.id))));
        let consumers = service.consumers();
        let consumers = consumers.into_iter().map(|consumer| (snake_case(consumer.id), Part::Consumer(consumer.id)));
        let own = [("other", Part::Http(None)), ("relay", Part::Relay)].map(|(name, part)| (name.to_owned(), part));
        let prepare = prepare.map(|prepare| ("prepare".to_owned(), Part::Prepare(prepare)));
        let parts = operations.chain(consumers).chain(own).chain(prepare);
        let mut parts: Vec<_> = parts.map(|(name, part)| (format!("{}::{name}", service.name()), part)).collect();
        match parts.iter().position(|(name, _)| name == handler) {
            Some(found) => Ok(Self { platform, service, part: parts.swap_remove(found).1 }),
            None => {
                let known: Vec<_> = parts.into_iter().map(|(name, _)| name).collect();
                Err(Error::Handler { handler: handler.to_owned(), known: known.join(", ") })
            }
        }
    }

    /// Handles one event, and says what goes back to Lambda.
    ///
    /// # Errors
    ///
    /// The event is none for this part, or the work failed as a whole.
    pub async fn invoke(&self, event: Value) -> Result<Value, Fault> {
        let outcome = match &self.part {
            Part::Http(operation) => event::answer(&self.platform, &*self.service, *operation, event).await,
            Part::Consumer(id) => batch::deliver(&self.platform, &*self.service, id, event).await,
            Part::Relay => relay::run(&self.platform, self.service.name()).await,
            Part::Prepare(prepare) => preparation::prepare(&self.platform, *prepare, event).await,
        };
        // Lambda counts it, and says nothing about it where the program brings its own runtime.
        outcome.inspect_err(|fault| tell(&self.platform, &fault.to_string()))
    }
}

/// A line about what went wrong beside requests.
pub(crate) fn tell(platform: &Platform, fault: &str) {
    platform.observe.fault((platform.clock)(), fault);
}

/// `createBooking` as `create_booking`, as published handlers are written.
fn snake_case(id: &str) -> String {
    let mut name = String::with_capacity(id.len() + 4);
    for letter in id.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
