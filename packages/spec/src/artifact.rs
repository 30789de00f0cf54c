//! Artifacts: documents as files of an enver, each with its kind and the digest of its content.
//!
//! A file is committed in its **plain form**: valid for every tool of its standard, with `x-odmd` saying its kind and
//! digest. No commit stands in it, because a file cannot name the commit that brings it. What is uploaded is the
//! **platform form** ([`platform_form`]): the same document, and beside it `odmdKind` at the top, where the platform
//! looks for it, and the commit under `x-odmd`. Whoever gives a platform form to a tool of the standard drops
//! `odmdKind` first.

use operation::Environment;
use serde_json::{Map, Value, json};

use crate::{Contract, asyncapi, json::digest, manifest, openapi, openapi_3_0};

/// What a document is: its `odmdKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// OpenAPI: HTTP.
    OpenApi,
    /// AsyncAPI: messages.
    AsyncApi,
    /// A document that names others.
    Bundle,
    /// What infrastructure code reads.
    Manifest,
}

impl Kind {
    /// As `odmdKind` says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenApi => "openapi",
            Self::AsyncApi => "asyncapi",
            Self::Bundle => "bundle",
            Self::Manifest => "manifest",
        }
    }
}

/// A file of a service in an enver.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name in the folder of its service.
    pub name: &'static str,
    /// Its content.
    pub document: Value,
}

/// OpenAPI 3.1.0.
pub const OPENAPI: &str = "openapi.json";
/// OpenAPI 3.0.3.
pub const OPENAPI_3_0: &str = "openapi-3.0.json";
/// AsyncAPI 2.6.0.
pub const ASYNCAPI: &str = "asyncapi.json";
/// What names the others.
pub const BUNDLE: &str = "bundle.json";

/// The files of a service.
pub const NAMES: [&str; 4] = [OPENAPI, OPENAPI_3_0, ASYNCAPI, BUNDLE];

/// The artifacts of one service. What does not depend on the enver is made once.
pub struct Artifacts<'a> {
    contract: &'a Contract,
    openapi: Value,
    openapi_3_0: Value,
}

impl<'a> Artifacts<'a> {
    /// The artifacts of a contract. Fails when the types of OpenAPI 3.0 cannot hold it.
    pub fn of(contract: &'a Contract) -> Result<Self, serde_json::Error> {
        let openapi = openapi::document(contract);
        let openapi_3_0 = stamped(openapi_3_0::document(&openapi)?, Kind::OpenApi);
        Ok(Self { contract, openapi: stamped(openapi, Kind::OpenApi), openapi_3_0 })
    }

    /// The service.
    pub fn service(&self) -> &'static str {
        self.contract.service
    }

    /// The files of the service in an enver.
    pub fn files(&self, environment: Environment) -> Vec<File> {
        let asyncapi = stamped(asyncapi::document(self.contract, environment), Kind::AsyncApi);
        let named = |role: &str, name: &str, document: &Value| {
            let stamp = &document[STAMP];
            (role.to_owned(), json!({ "odmdKind": stamp["kind"], "file": name, "digest": stamp["digest"] }))
        };
        let bundle = json!({
            "odmdKind": Kind::Bundle.name(),
            "service": self.service(),
            "enver": environment.name(),
            "artifacts": Map::from_iter([named("http", OPENAPI, &self.openapi), named("events", ASYNCAPI, &asyncapi)]),
        });
        vec![
            File { name: OPENAPI, document: self.openapi.clone() },
            File { name: OPENAPI_3_0, document: self.openapi_3_0.clone() },
            File { name: ASYNCAPI, document: asyncapi },
            File { name: BUNDLE, document: stamped(bundle, Kind::Bundle) },
        ]
    }

    /// The facts of the service in the manifest of an enver, and where its `files` are.
    pub fn facts(&self, environment: Environment, files: &[File]) -> Value {
        let mut facts = manifest::service(self.contract, environment);
        let artifacts = files.iter().map(|file| {
            let path = format!("{}/{}/{}", environment.name(), self.service(), file.name);
            let name = file.name.trim_end_matches(".json").to_owned();
            (name, json!({ "file": path, "digest": file.document[STAMP]["digest"] }))
        });
        facts["artifacts"] = Value::Object(artifacts.collect());
        facts
    }
}

/// The manifest: per enver the facts of its services, by their names.
pub fn manifest(envers: Map<String, Value>) -> Value {
    stamped(json!({ "envers": envers }), Kind::Manifest)
}

/// Whether a document is what its digest says: nobody has changed it by hand.
pub fn intact(document: &Value) -> bool {
    let mut content = document.clone();
    let stamp = content.as_object_mut().and_then(|fields| fields.remove(STAMP));
    stamp.is_some_and(|stamp| stamp["digest"] == digest(&content))
}

/// The platform form of a document, as it stands at this commit.
pub fn platform_form(document: &Value, commit: &str) -> Value {
    let mut document = document.clone();
    let kind = document[STAMP]["kind"].clone();
    if let Some(fields) = document.as_object_mut() {
        fields.insert("odmdKind".to_owned(), kind);
        if let Some(Value::Object(stamp)) = fields.get_mut(STAMP) {
            stamp.insert("commit".to_owned(), commit.into());
        }
    }
    document
}

/// A document with its kind and the digest of everything but this.
pub fn stamped(mut document: Value, kind: Kind) -> Value {
    let digest = digest(&document);
    if let Some(fields) = document.as_object_mut() {
        fields.insert(STAMP.to_owned(), json!({ "kind": kind.name(), "digest": digest }));
    }
    document
}

const STAMP: &str = "x-odmd";
