//! Everything outside the service under test: its configuration, and the issuer of its callers' tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ed25519_dalek::SigningKey;
use http::{Request, Response};
use operation::{BoxError, Transport};
use serde_json::{Value, json};

pub(crate) const KEY_ID: &str = "test-key";

/// Answers what services ask each other. Documents are the platform's own defaults until a test sets them.
pub(crate) struct Outside {
    documents: Mutex<BTreeMap<String, Value>>,
    asked: Mutex<BTreeSet<String>>,
    down: Mutex<bool>,
    public_key: String,
}

impl Outside {
    pub fn new(key: &SigningKey, environment: &str) -> Self {
        Self {
            documents: Mutex::new(defaults(environment)),
            asked: Mutex::default(),
            down: Mutex::new(false),
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
        *self.down.lock().expect("down") = down;
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
        if *self.down.lock().expect("down") {
            return Err("nobody answers".into());
        }
        let uri = request.uri();
        let answer = self.answer(uri.path(), uri.query().unwrap_or_default());
        let status = if answer.is_some() { 200 } else { 404 };
        Ok(Response::builder().status(status).body(answer.unwrap_or_default().to_string().into())?)
    }
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
