//! One service, alone in its world.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cloud::{Cloud, Limited, Platform, Relay, Route, TimeLimit};
use ed25519_dalek::SigningKey;
use embedded_aws::EmbeddedAws;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use operation::{
    Access, BreachRecord, Claims, Delivery, Environment, Hosted, LocalCounters, Observe, Record, Resource, Touch,
    encode_token,
};
use policy::Role;
use serde_json::Value;

use crate::outside::{KEY_ID, Outside};

/// When every world begins: 2026-11-21T08:00:00Z, in milliseconds since 1970.
const BEGINNING: i64 = 1_795_248_000_000;

/// One service on its own embedded cloud.
pub struct World {
    /// The cloud underneath.
    pub aws: EmbeddedAws,
    /// What the service is mounted on.
    pub platform: Platform,
    service: Arc<dyn Hosted>,
    outside: Arc<Outside>,
    key: SigningKey,
    clock: Arc<AtomicI64>,
    lines: Arc<Lines>,
    ledger: Mutex<BTreeMap<String, Ledger>>,
}

/// What one operation did so far: the codes it answered (empty for success) and the resources it touched.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Error codes; the empty code is success.
    pub codes: BTreeSet<String>,
    /// Resources by logical name.
    pub touches: BTreeSet<(Resource, String, Access)>,
}

/// Somebody with a token, or nobody.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The claims of the token.
    pub claims: Option<Claims>,
    /// The token.
    pub token: Option<String>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body as JSON; null when there is none.
    pub body: Value,
    /// The body as it was sent.
    pub bytes: Bytes,
}

impl Answer {
    /// The error code, ours or OAuth's; empty on success.
    pub fn code(&self) -> &str {
        let error = &self.body["error"];
        error["code"].as_str().or(error.as_str()).unwrap_or_default()
    }

    /// A header field as text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The operation of the last request, as its log line named it.
#[derive(Default)]
struct Lines {
    last: Mutex<String>,
    cause: Mutex<String>,
    breaches: Mutex<Vec<Breach>>,
    faults: Mutex<Vec<String>>,
}

/// An answer from outside that broke its contract, as it was logged and counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The service that answered.
    pub upstream: String,
    /// The operation.
    pub operation: String,
    /// The request in whose course it was asked.
    pub request_id: String,
    /// What is wrong with it.
    pub cause: String,
}

impl Observe for Lines {
    fn request(&self, record: &Record<'_>) {
        *self.last.lock().expect("lines") = record.operation.to_owned();
        *self.cause.lock().expect("lines") = record.cause.to_owned();
    }

    fn breach(&self, record: &BreachRecord<'_>) {
        self.breaches.lock().expect("lines").push(Breach {
            upstream: record.upstream.to_owned(),
            operation: record.operation.to_owned(),
            request_id: record.request_id.to_owned(),
            cause: record.cause.to_owned(),
        });
    }

    fn fault(&self, _: i64, fault: &str) {
        self.faults.lock().expect("lines").push(fault.to_owned());
    }
}

impl World {
    /// A world in `dev` for the service that `mount` mounts; it has the tables named, and the queues of its consumers.
    pub async fn start<M, E>(tables: &[&str], mount: impl AsyncFnOnce(&Platform) -> Result<M, E>) -> Self
    where
        M: Hosted + 'static,
        E: std::fmt::Debug,
    {
        let environment = Environment::Dev;
        let aws = EmbeddedAws::ephemeral().expect("an embedded cloud");
        let cloud = Cloud::new(&aws.unsigned_config(), environment);
        for table in tables.iter().chain([&"platform"]) {
            cloud.ensure_table(table).await.expect("a table");
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("randomness");
        let key = SigningKey::from_bytes(&seed);
        let outside = Arc::new(Outside::new(&key, environment.name()));
        let clock = Arc::new(AtomicI64::new(BEGINNING));
        let lines = Arc::new(Lines::default());
        let time_limit = Arc::<TimeLimit>::default();
        let sleep = {
            let outside = Arc::clone(&outside);
            Arc::new(move |time| outside.sleep(time))
        };
        let secrets = cloud.secrets();
        secrets.ensure().await.expect("a service secret");
        let platform = Platform {
            environment,
            secrets,
            transport: Arc::new(Limited::new(Arc::clone(&outside) as _, sleep, Arc::clone(&time_limit))),
            time_limit,
            config_service_url: "http://outside".to_owned(),
            counters: Arc::new(LocalCounters::default()),
            clock: {
                let clock = Arc::clone(&clock);
                Arc::new(move || clock.load(Ordering::Relaxed))
            },
            stopwatch: || 0,
            observe: Arc::clone(&lines) as _,
            wake_relay: Arc::new(|| {}),
            cloud,
        };
        let service: Arc<dyn Hosted> = Arc::new(mount(&platform).await.expect("a mounted service"));
        for consumer in service.consumers() {
            platform.cloud.ensure_queue(consumer.queue, consumer.max_receive_count).await.expect("a queue");
        }
        Self { aws, platform, service, outside, key, clock, lines, ledger: Mutex::default() }
    }

    /// The service.
    pub fn service(&self) -> &Arc<dyn Hosted> {
        &self.service
    }

    /// Somebody of this tenant with this role: `acme-shipper`, the same at every call.
    pub fn caller(&self, tenant: &str, role: Role) -> Caller {
        self.caller_named(tenant, &format!("{tenant}-{}", role.name()), &[role])
    }

    /// Somebody of this tenant under this id, whom the auth service knows as active in these roles.
    pub fn caller_named(&self, tenant: &str, id: &str, roles: &[Role]) -> Caller {
        let now = self.now() / 1000;
        let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        self.outside.set_person(tenant, id, &names, "active");
        self.caller_with(Claims {
            iss: "https://auth.enver.example".into(),
            aud: "enver".into(),
            sub: id.into(),
            exp: now + 900,
            iat: now,
            jti: operation::random_id(),
            tenant_id: tenant.into(),
            sid: operation::random_id(),
            auth_time: now,
            amr: vec!["pwd".into()],
            roles: roles.iter().map(|role| role.name().to_owned()).collect(),
            permissions: vec![],
        })
    }

    /// Somebody with exactly these claims, signed by the issuer.
    pub fn caller_with(&self, claims: Claims) -> Caller {
        let token = encode_token(&claims, &self.key, KEY_ID).expect("a token");
        Caller { claims: Some(claims), token: Some(token) }
    }

    /// What the tokens of callers are signed with: the id of the key, and its private half.
    pub fn key(&self) -> (&'static str, [u8; 32]) {
        (KEY_ID, self.key.to_bytes())
    }

    /// Nobody.
    pub fn stranger(&self) -> Caller {
        Caller { claims: None, token: None }
    }

    /// Now, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// A time so many seconds from now, as RFC 3339 writes it.
    pub fn in_seconds(&self, seconds: i64) -> String {
        validation::types::Timestamp::from_unix_millis(self.now() + seconds * 1000).to_string()
    }

    /// Lets time pass.
    pub fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// Changes what the configuration service answers; it is read at once, and settings after a second.
    pub fn configure(&self, document: &str, pointer: &str, value: Value) {
        self.outside.set(document, pointer, value);
    }

    /// From now on no other service answers, or all do again.
    pub fn set_outside_down(&self, down: bool) {
        self.outside.set_down(down);
    }

    /// From now on other services take connections and never answer.
    pub fn set_outside_silent(&self) {
        self.outside.set_silent();
    }

    /// How long the service meant to wait for answers that never came.
    pub fn waited(&self) -> Vec<Duration> {
        self.outside.waited()
    }

    /// From now on whatever is asked outside under a path with this beginning gets this answer.
    pub fn set_outside_answer(&self, path: &str, status: u16, body: Value) {
        self.outside.set_broken(path, status, body);
    }

    /// What the auth service says of somebody from now on.
    pub fn set_person(&self, tenant: &str, id: &str, roles: &[&str], status: &str) {
        self.outside.set_person(tenant, id, roles, status);
    }

    /// What was asked outside since this was last called.
    pub fn asked_outside(&self) -> Vec<Request<Bytes>> {
        self.outside.take_requests()
    }

    /// What the log was told beside requests, so far.
    pub fn faults(&self) -> Vec<String> {
        self.lines.faults.lock().expect("lines").clone()
    }

    /// The answers from outside that broke their contract, so far.
    pub fn breaches(&self) -> Vec<Breach> {
        self.lines.breaches.lock().expect("lines").clone()
    }

    /// Begins a request.
    pub fn ask<'a>(&'a self, method: &str, path: &str) -> Ask<'a> {
        Ask { world: self, request: Request::builder().method(method).uri(path), body: None }
    }

    /// Sends a request and keeps account of what it did.
    pub async fn send(&self, request: Request<operation::Body>) -> Answer {
        self.aws.recorder().clear();
        self.outside.take_asked();
        let response = self.service.call(request).await;
        let (head, bytes) = response.into_parts();
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let answer = Answer { status: head.status.as_u16(), headers: head.headers, body, bytes };
        let operation = self.lines.last.lock().expect("lines").clone();
        assert_ne!(answer.status, 500, "{operation}: {}", self.lines.cause.lock().expect("lines"));
        self.account(&operation, answer.code());
        answer
    }

    /// Moves every event from the outbox through its queue to its consumer, until nothing moves any more.
    pub async fn settle(&self) {
        let routes = self.service.consumers().into_iter().flat_map(|consumer| {
            let queue = self.platform.cloud.queue(consumer.queue);
            consumer.events.iter().map(move |event| Route { event: event.name.to_owned(), queue: queue.clone() })
        });
        let relay = Relay::new(self.platform.table(self.service.name()), routes.collect());
        loop {
            let mut moved = relay.run(|| async {}).await.expect("a relay that runs");
            for consumer in self.service.consumers() {
                let queue = self.platform.cloud.queue(consumer.queue);
                for message in queue.receive(0).await.expect("a queue that answers") {
                    moved += 1;
                    let delivery = self.deliver(consumer.id, message.body.as_bytes()).await;
                    assert!(matches!(delivery, Delivery::Done), "{}: {delivery:?}", consumer.id);
                    queue.delete(&[message.receipt]).await.expect("a message that can be deleted");
                }
            }
            if moved == 0 {
                return;
            }
        }
    }

    /// Hands a message to a consumer and keeps account of what it did.
    pub async fn deliver(&self, consumer: &str, message: &[u8]) -> Delivery {
        self.aws.recorder().clear();
        self.outside.take_asked();
        let delivery = self.service.deliver(consumer, message).await;
        if matches!(delivery, Delivery::Done) {
            self.account(consumer, "");
        }
        delivery
    }

    /// What an operation or consumer did so far.
    pub fn ledger(&self, operation: &str) -> Ledger {
        self.ledger.lock().expect("ledger").get(operation).cloned().unwrap_or_default()
    }

    fn account(&self, operation: &str, code: &str) {
        /// Documents the pipeline reads for every service.
        const PIPELINE: [&str; 6] = [
            "global.operational.idempotency",
            "global.operational.rate-limits",
            "global.operational.switches",
            "global.operational.upstreams",
            "global.security.authentication",
            "global.security.cors",
        ];
        let mut ledger = self.ledger.lock().expect("ledger");
        let entry = ledger.entry(operation.to_owned()).or_default();
        entry.codes.insert(code.to_owned());
        let prefix = self.platform.cloud.name("");
        for touch in self.aws.recorder().take() {
            let name = touch.name.strip_prefix(&prefix).unwrap_or(&touch.name).to_owned();
            let resource = match touch.resource {
                embedded_aws::Resource::Table => Resource::Table,
                embedded_aws::Resource::Bucket => Resource::Bucket,
                embedded_aws::Resource::Queue => Resource::Queue,
            };
            let access = match touch.access {
                embedded_aws::Access::Read => Access::Read,
                embedded_aws::Access::Write => Access::Write,
            };
            entry.touches.insert((resource, name, access));
        }
        for document in self.outside.take_asked() {
            if !PIPELINE.contains(&document.as_str()) {
                let parts: Vec<&str> = document.split('.').collect();
                let name = parts[parts.len() - 2..].join("/");
                entry.touches.insert((Resource::Config, name, Access::Read));
            }
        }
    }
}

/// A request being put together.
pub struct Ask<'a> {
    world: &'a World,
    request: http::request::Builder,
    body: Option<Bytes>,
}

impl Ask<'_> {
    /// In the name of this caller.
    pub fn by(self, caller: &Caller) -> Self {
        match &caller.token {
            Some(token) => self.header("authorization", &format!("Bearer {token}")),
            None => self,
        }
    }

    /// With this header field.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header name");
        self.request = self.request.header(name, HeaderValue::try_from(value).expect("a header value"));
        self
    }

    /// With this JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With this body of this media type.
    pub fn body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", media_type)
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        let body = self.body.map_or_else(operation::empty, operation::full);
        self.world.send(self.request.body(body).expect("a request")).await
    }
}

impl Ledger {
    /// Whether this touch happened.
    pub fn touched(&self, touch: &Touch) -> bool {
        self.touches.contains(&(touch.resource, touch.name.to_owned(), touch.access))
    }
}
