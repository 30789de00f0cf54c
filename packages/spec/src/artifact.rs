//! Artifacts: documents as files of an enver, each with its kind and the digest of its content.
//!
//! A file is committed in its **plain form**: valid for every tool of its standard, with `x-odmd` saying its kind and
//! digest. No commit stands in it, because a file cannot name the commit that brings it. What is uploaded is the
//! **platform form** ([`platform_form`]): the same document, and beside it `odmdKind` at the top, where the platform
//! looks for it, and the commit under `x-odmd`. Whoever gives a platform form to a tool of the standard drops
//! `odmdKind` first.

use operation::Environment;
use serde_json::{Map, Value, json};

use crate::halves::both;
use crate::json::{self, digest};
use crate::{Contract, asyncapi, examples, manifest, openapi, openapi_3_0};

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
    /// What it is.
    pub kind: Kind,
    /// The digest of its content.
    pub digest: String,
    /// Its content.
    pub text: String,
}

impl File {
    fn of(name: &'static str, document: &Value, kind: Kind) -> Self {
        let none = Map::new();
        let (text, digest) = json::stamped(document.as_object().unwrap_or(&none), STAMP, |digest| stamp(kind, digest));
        Self { name, kind, digest, text }
    }
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
    openapi: File,
    openapi_3_0: File,
}

impl<'a> Artifacts<'a> {
    /// The artifacts of a contract.
    pub fn of(contract: &'a Contract) -> Self {
        let mut newer = openapi::document(contract);
        examples::put(&mut newer, contract);
        let older = openapi_3_0::document(&newer);
        // Each is dropped where it was written: that is work, too.
        let (openapi, openapi_3_0) = both(
            move || File::of(OPENAPI, &newer, Kind::OpenApi),
            move || File::of(OPENAPI_3_0, &older, Kind::OpenApi),
        );
        Self { contract, openapi, openapi_3_0 }
    }

    /// The service.
    pub fn service(&self) -> &'static str {
        self.contract.service
    }

    /// The files of the service in an enver.
    pub fn files(&self, environment: Environment) -> Vec<File> {
        let asyncapi = File::of(ASYNCAPI, &asyncapi::document(self.contract, environment), Kind::AsyncApi);
        let named = |role: &str, file: &File| {
            (role.to_owned(), json!({ "odmdKind": file.kind.name(), "file": file.name, "digest": file.digest }))
        };
        let bundle = json!({
            "odmdKind": Kind::Bundle.name(),
            "service": self.service(),
            "enver": environment.name(),
            "artifacts": Map::from_iter([named("http", &self.openapi), named("events", &asyncapi)]),
        });
        let bundle = File::of(BUNDLE, &bundle, Kind::Bundle);
        vec![self.openapi.clone(), self.openapi_3_0.clone(), asyncapi, bundle]
    }

    /// The facts of the service in the manifest of an enver, and where its `files` are.
    pub fn facts(&self, environment: Environment, files: &[File]) -> Value {
        let mut facts = manifest::service(self.contract, environment);
        let artifacts = files.iter().map(|file| {
            let path = format!("{}/{}/{}", environment.name(), self.service(), file.name);
            let name = file.name.trim_end_matches(".json").to_owned();
            (name, json!({ "file": path, "digest": file.digest }))
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
    let stamp = stamp(kind, &digest(&document));
    if let Some(fields) = document.as_object_mut() {
        fields.insert(STAMP.to_owned(), stamp);
    }
    document
}

fn stamp(kind: Kind, digest: &str) -> Value {
    json!({ "kind": kind.name(), "digest": digest })
}

/// Where a document says its kind and its digest.
pub(crate) const STAMP: &str = "x-odmd";
