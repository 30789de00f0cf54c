//! A platform whose only other service is a desk that says what a test tells it to.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use cloud::{Cloud, Platform};
use embedded_aws::EmbeddedAws;
use http::{Request, Response};
use operation::{BoxError, BreachRecord, Environment, LocalCounters, Observe, Record, Transport};
use serde_json::Value;

use crate::upstreams::desk::Desk;

/// What the desk says next, what it was asked, and what was told of it.
#[derive(Default)]
pub struct Script {
    next: Mutex<Option<Response<Bytes>>>,
    asked: Mutex<Vec<Request<Bytes>>>,
    breaches: Mutex<Vec<String>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        self.asked.lock().unwrap().push(request);
        self.next.lock().unwrap().take().ok_or_else(|| "nobody answers".into())
    }
}

impl Observe for Script {
    fn request(&self, _: &Record<'_>) {}

    fn breach(&self, record: &BreachRecord<'_>) {
        let BreachRecord { service, upstream, operation, request_id, status, cause, .. } = record;
        let line = format!("{service} {upstream} {operation} {request_id} {status}: {cause}");
        self.breaches.lock().unwrap().push(line);
    }
}

/// A client of the desk.
pub struct Place {
    pub desk: Desk,
    pub platform: Platform,
    script: Arc<Script>,
    _aws: EmbeddedAws,
}

impl Place {
    pub async fn open() -> Self {
        let aws = EmbeddedAws::ephemeral().unwrap();
        let cloud = Cloud::new(&aws.sdk_config(), Environment::Dev);
        cloud.ensure_table("platform").await.unwrap();
        let secrets = cloud.secrets();
        secrets.ensure().await.unwrap();
        let script = Arc::new(Script::default());
        let platform = Platform {
            environment: Environment::Dev,
            secrets,
            transport: Arc::clone(&script) as _,
            time_limit: Arc::default(),
            config_service_url: "http://config".to_owned(),
            counters: Arc::new(LocalCounters::default()),
            clock: Arc::new(|| 1_795_248_000_000),
            stopwatch: || 0,
            observe: Arc::clone(&script) as _,
            wake_relay: Arc::new(|| {}),
            cloud,
        };
        let desk = Desk::new(&platform, "shop", Arc::new("http://desk".to_owned()));
        Self { desk, platform, script, _aws: aws }
    }

    /// The next call gets this status and this body.
    pub fn says(&self, status: u16, body: &Value) {
        self.sends(Response::builder().status(status).body(body.to_string().into()).unwrap());
    }

    /// The next call gets this answer.
    pub fn sends(&self, answer: Response<Bytes>) {
        *self.script.next.lock().unwrap() = Some(answer);
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.script.asked.lock().unwrap())
    }

    /// What was told of answers outside the contract.
    pub fn breaches(&self) -> Vec<String> {
        std::mem::take(&mut self.script.breaches.lock().unwrap())
    }
}
