//! SQS: the JSON protocol in front of a queue on SQLite.

mod protocol;
mod store;

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use s3s::Body;
use http::{HeaderValue, Response, StatusCode};
use serde_json::Value;
use tokio::sync::Notify;

use crate::OpenError;
use crate::recorder::Recorder;
use crate::router::json;

pub(crate) const LARGEST_BODY: usize = 8 * 1024 * 1024;
use store::Store;

/// All queues of one place.
pub(crate) struct Sqs {
    store: Mutex<Store>,
    region: String,
    arrived: Notify,
}

/// An error as SQS names it: the shape, the code of the older query protocol, and a sentence.
#[derive(Debug)]
pub(crate) struct Fault {
    pub shape: &'static str,
    pub query: &'static str,
    pub message: String,
}

impl Fault {
    fn new(shape: &'static str, query: &'static str, message: impl Into<String>) -> Self {
        Self { shape, query, message: message.into() }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", "InvalidParameterValue", message)
    }

    fn no_queue() -> Self {
        Self::new("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::new("InternalError", "InternalError", error.to_string())
    }
}

impl Sqs {
    pub fn open(file: Option<&Path>, region: String) -> Result<Self, OpenError> {
        Ok(Self { store: Mutex::new(Store::open(file)?), region, arrived: Notify::new() })
    }

    pub fn advance(&self, _: Duration) {}

    pub async fn answer(&self, operation: &str, body: &[u8], authority: &str, _recorder: Option<&Recorder>) -> Response<Body> {
        let outcome = match serde_json::from_slice::<Value>(body) {
            Ok(request) => self.run(operation, &request, authority).await,
            Err(error) => Err(Fault::invalid(error.to_string())),
        };
        match outcome {
            Ok(Value::Null) => json(StatusCode::OK, Bytes::from_static(b"{}")),
            Ok(answer) => json(StatusCode::OK, answer.to_string()),
            Err(fault) => {
                let body = serde_json::json!({ "__type": format!("com.amazonaws.sqs#{}", fault.shape), "message": fault.message });
                let mut response = json(StatusCode::BAD_REQUEST, body.to_string());
                if let Ok(code) = HeaderValue::from_str(&format!("{};Sender", fault.query)) {
                    response.headers_mut().insert("x-amzn-query-error", code);
                }
                response
            }
        }
    }

    async fn run(&self, operation: &str, request: &Value, origin: &str) -> Result<Value, Fault> {
        let place = protocol::Place { origin, region: &self.region };
        if operation == "ReceiveMessage" {
            return self.receive(request).await;
        }
        let answer = protocol::run(&mut *self.lock()?, operation, request, &place, now())?;
        if matches!(operation, "SendMessage" | "SendMessageBatch" | "ChangeMessageVisibility" | "DeleteMessage") {
            self.arrived.notify_waiters();
        }
        Ok(answer)
    }

    /// Receives, waiting for the first message as long as the caller or the queue says.
    async fn receive(&self, request: &Value) -> Result<Value, Fault> {
        let wait = protocol::wait(&*self.lock()?, request)?;
        let until = tokio::time::Instant::now() + Duration::from_secs(wait);
        loop {
            let arrived = self.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            let (answer, next) = protocol::receive(&mut *self.lock()?, request, now())?;
            let found = answer["Messages"].as_array().is_some_and(|messages| !messages.is_empty());
            if found || wait == 0 || tokio::time::Instant::now() >= until {
                return Ok(answer);
            }
            // A delayed or hidden message becomes visible without anybody sending it.
            let next = next.map(|at| Duration::from_millis(u64::try_from(at - now()).unwrap_or(0)));
            let pause = until.saturating_duration_since(tokio::time::Instant::now());
            let _ = tokio::time::timeout(next.map_or(pause, |next| next.min(pause)), arrived).await;
        }
    }

    fn lock(&self) -> Result<std::sync::MutexGuard<'_, Store>, Fault> {
        self.store.lock().map_err(|_| Fault::new("InternalError", "InternalError", "the queues are poisoned"))
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
