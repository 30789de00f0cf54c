//! Everything outside the service under test: its configuration, the issuer of its callers' tokens, and the people that
//! issuer knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ed25519_dalek::SigningKey;
use http::{Request, Response};
use operation::{BoxError, BoxFuture, Transport};
use serde_json::{Value, json};

pub(crate) const KEY_ID: &str = "7e570000000000000000000000000001";

/// Answers what services ask each other. Documents are the platform's own defaults until a test sets them.
pub(crate) struct Outside {
    documents: Mutex<BTreeMap<String, Value>>,
    asked: Mutex<BTreeSet<String>>,
    people: Mutex<BTreeMap<String, Value>>,
    requests: Mutex<Vec<Request<Bytes>>>,
    broken: Mutex<Option<(String, u16, Value)>>,
    mood: Mutex<Mood>,
    waited: Mutex<Vec<Duration>>,
    public_key: String,
}

/// Whether anybody outside answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Answers,
    Refuses,
    KeepsSilent,
}

impl Outside {
    pub fn new(key: &SigningKey, environment: &str) -> Self {
        Self {
            documents: Mutex::new(defaults(environment)),
            asked: Mutex::default(),
            people: Mutex::default(),
            requests: Mutex::default(),
            broken: Mutex::default(),
            mood: Mutex::new(Mood::Answers),
            waited: Mutex::default(),
            public_key: URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes()),
        }
    }

    /// Changes one document by its JSON pointer.
    pub fn set(&self, document: &str, pointer: &str, value: Value) {
        let mut documents = self.documents.lock().expect("documents");
        let document = documents.get_mut(document).unwrap_or_else(|| panic!("there is no document {document}"));
        *document.pointer_mut(pointer).unwrap_or_else(|| panic!("there is nothing at {pointer}")) = value;
    }

    /// From now on nothing outside answers, or everything does again.
    pub fn set_down(&self, down: bool) {
        *self.mood.lock().expect("mood") = if down { Mood::Refuses } else { Mood::Answers };
    }

    /// From now on connections are taken outside, and nothing is ever answered.
    pub fn set_silent(&self) {
        *self.mood.lock().expect("mood") = Mood::KeepsSilent;
    }

    /// From now on what is asked under a path with this beginning gets this status and body.
    pub fn set_broken(&self, path: &str, status: u16, body: Value) {
        *self.broken.lock().expect("broken") = Some((path.to_owned(), status, body));
    }

    /// Makes somebody of a tenant known.
    pub fn set_person(&self, tenant: &str, id: &str, roles: &[&str], status: &str) {
        let person = json!({ "userId": id, "roles": roles, "status": status });
        self.people.lock().expect("people").insert(format!("{tenant}/users/{id}"), person);
    }

    /// What was asked since this was last called.
    pub fn take_requests(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.requests.lock().expect("requests"))
    }

    /// How long callers meant to wait for an answer that never came.
    pub fn waited(&self) -> Vec<Duration> {
        self.waited.lock().expect("waited").clone()
    }

    /// The timer of this world: it goes off at once when nobody outside is going to answer, and otherwise never.
    pub fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        if *self.mood.lock().expect("mood") != Mood::KeepsSilent {
            return Box::pin(std::future::pending());
        }
        self.waited.lock().expect("waited").push(time);
        Box::pin(std::future::ready(()))
    }

    /// The documents that were asked for since this was last called.
    pub fn take_asked(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.asked.lock().expect("asked"))
    }

    fn answer(&self, path: &str, query: &str) -> Option<Value> {
        if path == "/auth/v1/jwks.json" {
            return Some(json!({ "keys": [{
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID, "x": self.public_key,
            }]}));
        }
        if let Some(person) = path.strip_prefix("/auth/internal/v1/tenants/") {
            return Some(json!({ "data": self.people.lock().expect("people").get(person)? }));
        }
        let documents = self.documents.lock().expect("documents");
        if path == "/config/internal/v1/origins" {
            let origin = query.strip_prefix("origin=")?.replace("%3A", ":").replace("%2F", "/");
            let origins = documents.get("global.security.cors")?["origins"].as_array()?.clone();
            return Some(json!({ "data": { "known": origins.contains(&Value::from(origin)) } }));
        }
        let name = path.strip_prefix("/config/internal/v1/tenants/")?.split_once("/documents/")?.1;
        self.asked.lock().expect("asked").insert(name.to_owned());
        Some(json!({ "data": { "document": name, "version": "1-0", "value": documents.get(name)? } }))
    }
}

#[async_trait]
impl Transport for Outside {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        let mood = *self.mood.lock().expect("mood");
        match mood {
            Mood::Answers => {}
            Mood::Refuses => return Err("nobody answers".into()),
            Mood::KeepsSilent => std::future::pending().await,
        }
        let uri = request.uri().clone();
        self.requests.lock().expect("requests").push(request);
        let broken = self.broken.lock().expect("broken").clone();
        let (status, body) = match broken.filter(|(path, ..)| uri.path().starts_with(path)) {
            Some((_, status, body)) => (status, body),
            None => match self.answer(uri.path(), uri.query().unwrap_or_default()) {
                Some(answer) => (200, answer),
                None => (404, not_found(uri.path())),
            },
        };
        Ok(Response::builder().status(status).body(body.to_string().into())?)
    }
}

/// How a service says that something is not there.
fn not_found(path: &str) -> Value {
    let code = if path.starts_with("/auth/") { "USER_NOT_FOUND" } else { "DOCUMENT_NOT_FOUND" };
    json!({ "error": { "message": "It is not there.", "code": code, "details": {} } })
}

/// The values of the platform's default documents: data, read where the configuration service reads it.
fn defaults(environment: &str) -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/config/defaults");
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    files
        .map(|file| {
            let path = file.expect("a file of the folder").path();
            let yaml = std::fs::read_to_string(&path).expect("a readable default");
            let document: Value = serde_saphyr::from_str(&yaml).expect("a default in YAML");
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
            let name = match name.split('.').collect::<Vec<_>>()[..] {
                ["services", service, category, rest] => format!("services.{service}.{environment}.{category}.{rest}"),
                _ => name,
            };
            (name, document["value"].clone())
        })
        .collect()
}
