//! Artifacts: documents as files of an enver, each with its kind and the digest of its content.
//!
//! A file is committed in its **plain form**: valid for every tool of its standard, with `x-odmd` saying its kind and
//! digest. No commit stands in it, because a file cannot name the commit that brings it. What is uploaded is the
//! **platform form** ([`platform_form`]): the same document, and beside it `odmdKind` at the top, where the platform
//! looks for it, and the commit under `x-odmd`. Whoever gives a platform form to a tool of the standard drops
//! `odmdKind` first.

use operation::Environment;
use serde_json::{Map, Value, json};

use crate::{Contract, json::digest, manifest, openapi};

/// What a document is: its `odmdKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// OpenAPI: HTTP.
    OpenApi,
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
            Self::Bundle => "bundle",
            Self::Manifest => "manifest",
        }
    }
}

/// A file of an enver.
#[derive(Debug, Clone)]
pub struct File {
    /// Its service.
    pub service: &'static str,
    /// Its name in the folder of its service.
    pub name: &'static str,
    /// Its content.
    pub document: Value,
}

/// The names of a service's files.
pub const NAMES: [&str; 2] = ["openapi.json", "bundle.json"];

/// The files of a service in an enver.
pub fn files(contract: &Contract, environment: Environment) -> Vec<File> {
    let file = |name, document| File { service: contract.service, name, document };
    let http = file("openapi.json", stamped(openapi::document(contract), Kind::OpenApi));
    let named = |role: &str, file: &File| {
        (
            role.to_owned(),
            json!({ "odmdKind": file.document[STAMP]["kind"], "file": file.name, "digest": file.document[STAMP]["digest"] }),
        )
    };
    let bundle = json!({
        "odmdKind": Kind::Bundle.name(),
        "service": contract.service,
        "enver": environment.name(),
        "artifacts": Map::from_iter([named("http", &http)]),
    });
    let bundle = file("bundle.json", stamped(bundle, Kind::Bundle));
    vec![http, bundle]
}

/// The part of the manifest that is an enver's: every service with its facts and its files.
pub fn manifest_of(contracts: &[Contract], environment: Environment) -> Value {
    let service = |contract: &Contract| {
        let mut facts = manifest::service(contract);
        let artifacts = files(contract, environment).into_iter().map(|file| {
            let path = format!("{}/{}/{}", environment.name(), file.service, file.name);
            (
                file.name.trim_end_matches(".json").to_owned(),
                json!({ "file": path, "digest": file.document[STAMP]["digest"] }),
            )
        });
        facts["artifacts"] = Value::Object(artifacts.collect());
        (contract.service.to_owned(), facts)
    };
    json!({ "services": Map::from_iter(contracts.iter().map(service)) })
}

/// The manifest of the envers, by name.
pub fn manifest(envers: Map<String, Value>) -> Value {
    stamped(json!({ "envers": envers }), Kind::Manifest)
}

/// A document with its kind and the digest of everything but this.
pub fn stamped(mut document: Value, kind: Kind) -> Value {
    let digest = digest(&document);
    if let Some(fields) = document.as_object_mut() {
        fields.insert(STAMP.to_owned(), json!({ "kind": kind.name(), "digest": digest }));
    }
    document
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

const STAMP: &str = "x-odmd";
