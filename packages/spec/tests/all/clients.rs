//! Clients that are generated from contracts: those of the house are as declared, and what cannot be generated is refused
//! with the place and the mend.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use spec::client::{check, declarations, generate, usage};
use spec::compatibility::{Document, Options, Promise, compare};
use tempfile::TempDir;

#[test]
fn every_client_of_the_house_is_as_declared() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let places = ["functions", "packages"].map(|folder| root.join(folder));

    let declarations = declarations(&places).expect("declarations");
    let stale: Vec<String> = declarations
        .iter()
        .flat_map(|declaration| check(declaration).unwrap_or_else(|error| panic!("{error}")))
        .map(|file| format!("{}: {}", file.path.display(), file.why))
        .collect();

    assert!(declarations.len() >= 3, "{declarations:?}");
    assert!(stale.is_empty(), "run `enver client generate` and commit what it writes\n{}", stale.join("\n"));
}

/// A folder with a declaration and the artifact it names.
struct Consumer(TempDir);

impl Consumer {
    fn new(declaration: &str, artifact: &Value) -> Self {
        let consumer = Self(tempfile::tempdir().expect("a folder"));
        consumer.declares(declaration);
        consumer.published(artifact);
        consumer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn declares(&self, text: &str) {
        std::fs::write(self.path("upstreams.yaml"), text).expect("a declaration");
    }

    fn published(&self, artifact: &Value) {
        std::fs::write(self.path("openapi.json"), artifact.to_string()).expect("an artifact");
    }

    fn generate(&self) -> Result<Vec<PathBuf>, String> {
        generate(&self.path("upstreams.yaml")).map_err(|error| error.to_string())
    }

    fn stale(&self) -> Vec<(String, String)> {
        let stale = check(&self.path("upstreams.yaml")).expect("a declaration that can be checked");
        let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
        stale.iter().map(|file| (name(&file.path), file.why.clone())).collect()
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path("src/upstreams").join(name)).expect("a generated file")
    }

    fn refused(declaration: &str, artifact: &Value) -> String {
        let consumer = Self::new(declaration, artifact);
        let refused = consumer.generate().expect_err("a refusal");
        assert!(!consumer.path("src").exists(), "nothing is written");
        refused
    }
}

const READS_NAME: &str = "desk: { openapi: openapi.json, operations: { readTicket: { reads: [/data/name] } } }";

/// An artifact with one operation, whose answer holds `{"data": …}` of this schema.
fn artifact(data: Value) -> Value {
    json!({
        "openapi": "3.1.0", "info": { "title": "desk", "version": "1" },
        "paths": { "/desk/v1/ticket": { "get": {
            "operationId": "readTicket", "summary": "Reads the ticket.",
            "responses": {
                "200": { "description": "x", "content": { "application/json": { "schema": {
                    "type": "object", "required": ["data"], "properties": { "data": data },
                }}}},
                "404": { "description": "x", "content": { "application/json": { "schema": {
                    "properties": { "error": { "properties": { "code": { "const": "GONE" } } } }
                }}}},
            },
        }}},
        "components": { "schemas": { "Loop": {
            "type": "object", "properties": { "name": { "type": "string" }, "inner": { "$ref": "#/components/schemas/Loop" } },
        }}},
    })
}

fn named() -> Value {
    artifact(
        json!({ "type": "object", "required": ["name"], "properties": { "name": { "type": "string" }, "age": { "type": "integer" } } }),
    )
}

#[test]
fn what_was_generated_stays_fresh_until_the_artifact_or_the_declaration_changes() {
    let consumer = Consumer::new(READS_NAME, &named());
    assert_eq!(consumer.stale().len(), 3);
    assert_eq!(consumer.generate().expect("clients").len(), 3);
    assert!(consumer.stale().is_empty());
    assert!(consumer.generate().expect("clients").is_empty(), "nothing changes the second time");

    let mut other = named();
    other["info"]["version"] = json!("2");
    consumer.published(&other);
    let stale = consumer.stale();
    assert_eq!(stale[0].0, "desk.rs");
    assert!(stale[0].1.starts_with("it was made from artifact "), "{stale:?}");
    consumer.generate().expect("clients");

    consumer.declares(&READS_NAME.replace("[/data/name]", "[/data/name, /data/age]"));
    let names: Vec<String> = consumer.stale().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["desk.rs", "usage.json"]);
}

#[test]
fn a_client_that_was_edited_or_that_nobody_declares_is_stale() {
    let consumer = Consumer::new(READS_NAME, &named());
    consumer.generate().expect("clients");
    let edited = consumer.text("desk.rs").replace("success: 200", "success: 201");
    std::fs::write(consumer.path("src/upstreams/desk.rs"), edited).expect("an edit");
    std::fs::copy(consumer.path("src/upstreams/mod.rs"), consumer.path("src/upstreams/gone.rs")).expect("a left-over");
    std::fs::write(consumer.path("src/upstreams/own.rs"), "//! By hand.\n").expect("a file of somebody's own");

    let stale = consumer.stale();

    assert!(stale[0].1.contains("success: 201") && stale[0].1.contains("success: 200"), "{stale:?}");
    assert_eq!(stale[1], ("gone.rs".to_owned(), "nothing declares it any more".to_owned()));
    assert_eq!(consumer.generate().expect("clients").len(), 2);
    assert!(consumer.path("src/upstreams/own.rs").exists() && !consumer.path("src/upstreams/gone.rs").exists());
}

#[test]
fn only_what_is_read_is_generated_and_told_as_usage() {
    let consumer = Consumer::new(READS_NAME, &named());
    consumer.generate().expect("clients");

    let client = consumer.text("desk.rs");
    assert!(client.starts_with("//! Generated by `enver client generate` from `upstreams.yaml`"), "{client}");
    assert!(client.contains("sha256:") && client.contains("pub name: String") && !client.contains("age"), "{client}");
    let usage: Value = serde_json::from_str(&consumer.text("usage.json")).expect("JSON");
    let used = &usage["upstreams"]["desk"]["operations"]["readTicket"];
    assert_eq!((&used["reads"], &used["sends"]), (&json!(["/data/name"]), &json!([])));
}

#[test]
fn usage_decides_whether_a_change_of_an_upstream_breaks_a_consumer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let used = usage(&root.join("functions/booking/src/upstreams/usage.json")).expect("usage");
    let published = std::fs::read(root.join("contracts/published/dev/auth/openapi.json")).expect("an artifact");
    let published: Value = serde_json::from_slice(&published).expect("JSON");
    let parsed = |document: &Value| Document::parse(document.to_string().as_bytes(), "auth.json").expect("a document");
    let breaks = |change: &dyn Fn(&mut Value)| {
        let mut changed = published.clone();
        change(&mut changed);
        let options = Options { promise: Promise::Consumers(used["auth"].clone()), ..Options::default() };
        !compare(&parsed(&published), &parsed(&changed), &options).is_compatible()
    };
    let without = |document: &mut Value, name: &str| {
        let user = &mut document["components"]["schemas"]["TenantUser"];
        user["properties"].as_object_mut().expect("properties").remove(name);
        user["required"].as_array_mut().expect("a list").retain(|one| one != name);
    };

    assert!(!breaks(&|document| without(document, "userId")), "booking does not read it");
    assert!(breaks(&|document| without(document, "status")));
    assert!(breaks(&|document| {
        let paths = document["paths"].as_object_mut().expect("paths");
        paths.remove("/auth/internal/v1/tenants/{tenant}/users/{userId}");
    }));
    assert!(!breaks(&|document| {
        document["paths"].as_object_mut().expect("paths").remove("/auth/v1/login");
    }));
}

#[test]
fn what_the_artifact_does_not_give_is_refused_with_what_it_gives() {
    for (declaration, told) in [
        (
            READS_NAME.replace("readTicket", "readTickets"),
            "the artifact has no operation readTickets; it has readTicket",
        ),
        (READS_NAME.replace("/data/name", "/data/title"), "there is no title at"),
        (READS_NAME.replace("/data/name", "data"), "\"data\" is no pointer: /like/this"),
        (READS_NAME.replace("/data/name", "/data/name/first"), "has no parts to name"),
        (READS_NAME.replace("reads:", "refusals: [LOST], reads:"), "it declares no error LOST; it declares GONE"),
        (READS_NAME.replace("reads:", "sends: [page], reads:"), "it has no parameter page"),
        (READS_NAME.replace("reads:", "sends: [/name], reads:"), "it takes no body"),
        (READS_NAME.replace("openapi: openapi.json,", ""), "its operations come from `openapi`, which is not named"),
        (READS_NAME.replace("openapi.json", "nowhere.json"), "the upstream has published no such artifact"),
        (READS_NAME.replace("reads:", "read:"), "upstreams.yaml"),
        (READS_NAME.replace("desk:", "../desk:"), "is no name of a service"),
    ] {
        let refused = Consumer::refused(&declaration, &named());
        assert!(refused.contains(told), "{declaration}: {refused}");
    }
}

#[test]
fn what_a_generated_type_would_not_check_is_refused_with_its_place() {
    let of = |name: Value| artifact(json!({ "type": "object", "properties": { "name": name } }));
    let place = "/properties/data/properties/name";
    for (schema, told) in [
        (json!({ "oneOf": [{ "type": "object" }, { "type": "string" }] }), "has \"oneOf\""),
        (json!({ "type": "string", "not": { "const": "x" } }), "has \"not\""),
        (json!({ "type": ["string", "integer"] }), "only null may stand beside a type"),
        (json!({ "type": "string", "pattern": "(?=x)" }), "the pattern cannot be read"),
        (json!({ "$ref": "other.json#/x" }), "only references within the artifact are followed"),
        (json!({ "$ref": "#/components/schemas/None" }), "where there is nothing"),
    ] {
        let refused = Consumer::refused(READS_NAME, &of(schema.clone()));
        assert!(refused.contains(told) && refused.contains(place), "{schema}: {refused}");
    }
    let refused = Consumer::refused(READS_NAME, &of(json!({ "$ref": "#/components/schemas/Loop" })));
    assert!(refused.contains("nests in itself"), "{refused}");
    let mut circle = of(json!({ "$ref": "#/components/schemas/Loop" }));
    circle["components"]["schemas"]["Loop"] = json!({ "$ref": "#/components/schemas/Loop" });
    assert!(Consumer::refused(READS_NAME, &circle).contains("refers to itself"));
}

#[test]
fn an_operation_for_people_is_refused() {
    let mut artifact = named();
    artifact["paths"]["/desk/v1/ticket"]["get"]["security"] = json!([{ "bearer": [] }]);

    assert!(Consumer::refused(READS_NAME, &artifact).contains("it is for people with tokens"));
}

#[test]
fn an_artifact_that_was_edited_by_hand_is_refused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/published/dev/config/openapi.json");
    let mut published: Value = serde_json::from_slice(&std::fs::read(root).expect("an artifact")).expect("JSON");
    let declaration = "config: { openapi: openapi.json, operations: { findOrigin: { reads: [/data/known] } } }";
    assert!(Consumer::new(declaration, &published).generate().is_ok());

    published["info"]["title"] = json!("another");

    assert!(Consumer::refused(declaration, &published).contains("was edited by hand"));
}

#[test]
fn a_place_without_declarations_is_told() {
    let empty = tempfile::tempdir().expect("a folder");

    let refused = declarations(&[empty.path().to_owned()]).expect_err("a refusal");

    assert!(refused.to_string().contains("there is no upstreams.yaml here or below"));
}
