//! A consumer: what a service does with one kind of message. Batches, redrive and dead letters belong to the host.

use std::future::Future;

use serde_json::Value;
use service_errors::Error;
use validation::{Contract, Issue, Json, Part, Rejection, Schema, parse_body};

use crate::{BoxFuture, CloudEvent, Context, EventType, LazySchema, Touch};

/// The facts of a consumer.
#[derive(Debug, Clone, Copy)]
pub struct ConsumerDeclaration {
    /// The consumer id: verb and noun in camel case.
    pub id: &'static str,
    /// The queue it reads, by its logical name.
    pub queue: &'static str,
    /// The types of event it takes; others on the queue are acknowledged and left alone.
    pub events: &'static [EventType],
    /// One sentence.
    pub summary: &'static str,
    /// The audit action of its state change.
    pub audit: Option<&'static str>,
    /// The resources it touches besides its queue.
    pub touches: &'static [Touch],
    /// How often a message is tried before it becomes a dead letter.
    pub max_receive_count: u32,
}

/// One kind of message of a service whose state is an `S`.
pub struct Consumer<S> {
    /// The facts.
    pub declaration: &'static ConsumerDeclaration,
    /// The schema of the data it reads.
    pub data: LazySchema,
    run: Box<RunFn<S>>,
}

type Running = BoxFuture<'static, Result<(), Error>>;
type RunFn<S> = dyn Fn(&Schema, Context<S>, CloudEvent<Value>) -> Result<Running, Vec<Issue>> + Send + Sync;

/// What became of a message.
#[derive(Debug)]
pub enum Delivery {
    /// It took effect, now or before: delete it.
    Done,
    /// It failed and may succeed later: leave it to its visibility time-out.
    Retry(Error),
    /// It can never succeed: let the queue's redrive policy make it a dead letter.
    Poison(String),
}

impl<S: Send + Sync + 'static> Consumer<S> {
    /// Joins a declaration with the function that handles **one** message whose data is a `T`.
    pub fn new<T, F, Fut>(declaration: &'static ConsumerDeclaration, handle: F) -> Self
    where
        T: Contract,
        F: Fn(Context<S>, CloudEvent<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let run = move |schema: &Schema, context, event: CloudEvent<Value>| {
            let bytes = event.data.to_string();
            let data = parse_body::<T>(schema, bytes.as_bytes()).map_err(|rejection| match rejection {
                Rejection::Issues(issues) => issues,
                Rejection::NotJson { message, .. } => {
                    vec![Issue { part: Part::Body, pointer: String::new(), rule: "json".into(), message }]
                }
            })?;
            let future = handle(
                context,
                CloudEvent {
                    specversion: event.specversion,
                    id: event.id,
                    source: event.source,
                    kind: event.kind,
                    subject: event.subject,
                    time: event.time,
                    datacontenttype: event.datacontenttype,
                    tenantid: event.tenantid,
                    requestid: event.requestid,
                    data,
                },
            );
            Ok(Box::pin(future) as Running)
        };
        Self { declaration, data: LazySchema::of_request::<T>(), run: Box::new(run) }
    }

    pub(crate) fn takes(&self, kind: &str) -> bool {
        self.declaration.events.iter().any(|event| event.name == kind)
    }

    pub(crate) fn run(&self, context: Context<S>, event: CloudEvent<Value>) -> Result<Running, Vec<Issue>> {
        (self.run)(self.data.get(), context, event)
    }
}

/// Reads the envelope of a message. A key that stands twice is refused here, before anybody trusts the payload.
pub(crate) fn envelope(message: &[u8]) -> Result<CloudEvent<Value>, String> {
    let event: CloudEvent<Json> = serde_json::from_slice(message).map_err(|error| error.to_string())?;
    if event.specversion != "1.0" {
        return Err(format!("specversion {:?} is not 1.0", event.specversion));
    }
    Ok(CloudEvent {
        specversion: event.specversion,
        id: event.id,
        source: event.source,
        kind: event.kind,
        subject: event.subject,
        time: event.time,
        datacontenttype: event.datacontenttype,
        tenantid: event.tenantid,
        requestid: event.requestid,
        data: event.data.0,
    })
}
