//! `enver can-deploy`: yes or no, from files alone. Each test has a repository of its own, with small contracts, and
//! breaks one thing in it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::enver;

/// A repository in which every service may go everywhere.
pub struct Repository {
    folder: TempDir,
}

/// The answer to a question.
struct Told {
    code: Option<i32>,
    answer: Value,
    error: String,
}

impl Told {
    fn rules(&self) -> Vec<&str> {
        let reasons = self.answer["reasons"].as_array().into_iter().flatten();
        reasons.map(|reason| reason["rule"].as_str().expect("a rule")).collect()
    }

    /// The only reason, whose rule is this.
    #[track_caller]
    fn only(&self, rule: &str) -> &Value {
        assert_eq!((self.code, self.rules()), (Some(1), vec![rule]), "{:#} {}", self.answer, self.error);
        &self.answer["reasons"][0]
    }

    #[track_caller]
    fn is_yes(&self) {
        assert_eq!((self.code, self.rules()), (Some(0), vec![]), "{:#} {}", self.answer, self.error);
        assert_eq!(self.answer["canDeploy"], true);
    }
}

const ENVERS: [&str; 3] = ["mock", "dev", "main"];

impl Repository {
    pub fn new() -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        for enver in ENVERS {
            repository.publish(enver, "config", &http(&config()), &messages("subscribe", "config.changed", &changed()));
            repository.publish(enver, "auth", &http(&json!({ "type": "object" })), &json!(null));
            repository.publish(enver, "booking", &http(&json!({ "type": "object" })), &booked(&taken()));
        }
        repository.write("Cargo.toml", WORKSPACE);
        for (folder, dependencies) in [
            ("functions/auth", "config-client.workspace = true"),
            ("functions/booking", "config-client.workspace = true"),
            ("functions/config", ""),
            ("packages/config-client", ""),
            ("packages/dataset", ""),
        ] {
            repository.write(&format!("{folder}/Cargo.toml"), &format!("[dependencies]\n{dependencies}\n"));
        }
        repository.uses(&["/data/value"], &digest_of(&http(&config())));
        let confirmed = ["auth", "booking", "config"].map(|service| {
            let phases = ["0B", "1A", "1B"];
            phases.map(|phase| confirmation(service, phase)).concat()
        });
        repository.write("contracts/phases.toml", &confirmed.concat());
        repository
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        fs::write(path, text).unwrap();
    }

    fn publish(&self, enver: &str, service: &str, openapi: &Value, asyncapi: &Value) {
        for (kind, document) in [("openapi", openapi), ("asyncapi", asyncapi)] {
            if !document.is_null() {
                let path = format!("contracts/published/{enver}/{service}/{kind}.json");
                self.write(&path, &stamped(kind, document).to_string());
            }
        }
    }

    /// What the shared client of the configuration service reads of a document, and what it was generated from.
    fn uses(&self, reads: &[&str], digest: &str) {
        let usage = json!({ "upstreams": { "config": {
            "artifacts": { "OpenAPI": { "path": "…", "digest": digest } },
            "operations": { "readDocument": { "parameters": [], "sends": [], "reads": reads, "refusals": [] } },
            "messages": { "config.changed": { "operation": "emitConfigChanged", "reads": ["/data/document"] } },
        }}});
        self.write("packages/config-client/src/upstreams/usage.json", &usage.to_string());
    }

    async fn asked(&self, service: &str, to: &str) -> Told {
        let root = self.folder.path().to_str().expect("a path of text");
        let run = enver().args(["can-deploy", service, "--to", to, "--format", "json", "--root", root]).output().await;
        let run = run.expect("the binary starts");
        let error = String::from_utf8_lossy(&run.stderr).into_owned();
        Told { code: run.status.code(), answer: serde_json::from_slice(&run.stdout).unwrap_or_default(), error }
    }
}

const WORKSPACE: &str = r#"
[workspace.dependencies]
auth = { path = "functions/auth" }
booking = { path = "functions/booking" }
config = { path = "functions/config" }
config-client = { path = "packages/config-client" }
dataset = { path = "packages/dataset" }
serde = "1"
"#;

fn stamped(kind: &str, document: &Value) -> Value {
    let mut stamped = document.clone();
    stamped["x-odmd"] = json!({ "kind": kind, "digest": digest_of(document) });
    stamped
}

/// As artifacts carry it: of the text without white space, keys sorted. These documents are written with sorted keys.
fn digest_of(document: &Value) -> String {
    spec::json::digest(document)
}

/// A document with one operation, whose answer is this.
fn http(answer: &Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": { "/document": { "get": {
            "operationId": "readDocument",
            "responses": { "200": { "description": "ok", "content": { "application/json": { "schema": answer } } } },
        }}},
    })
}

fn object(properties: &Value) -> Value {
    let required: Vec<&String> = properties.as_object().expect("properties").keys().collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn config() -> Value {
    object(&json!({ "data": object(&json!({ "value": { "type": "string" }, "author": { "type": "string" } })) }))
}

fn changed() -> Value {
    object(&json!({ "data": object(&json!({ "document": { "type": "string" }, "note": { "type": "string" } })) }))
}

fn taken() -> Value {
    object(&json!({ "amount": { "type": "integer", "minimum": 0 } }))
}

fn channel(side: &str, id: &str, name: &str, payload: &Value) -> Value {
    json!({ side: { "operationId": id, "message": { "name": name, "payload": payload } } })
}

fn messages(side: &str, name: &str, payload: &Value) -> Value {
    let channels = json!({ name: channel(side, "emitConfigChanged", name, payload) });
    json!({ "asyncapi": "2.6.0", "info": { "title": "t", "version": "1" }, "channels": channels })
}

/// Messages that booking emits and takes itself.
fn booked(payload: &Value) -> Value {
    let mut document = messages("subscribe", "booking.created", payload);
    document["channels"]["booking.created"]["subscribe"]["operationId"] = json!("emitBookingCreated");
    document["channels"]["booking-events"] = channel("publish", "count", "booking.created", payload);
    document
}

/// `config` with one property of its data changed or, with null, gone.
fn changed_config(name: &str, schema: Value) -> Value {
    let mut data = config()["properties"]["data"]["properties"].clone();
    match schema {
        Value::Null => drop(data.as_object_mut().expect("properties").remove(name)),
        schema => data[name] = schema,
    }
    object(&json!({ "data": object(&data) }))
}

/// A person's whole word that a phase is complete.
fn confirmation(service: &str, phase: &str) -> String {
    format!(
        "[[confirmed]]\nservice = \"{service}\"\nphase = \"{phase}\"\nby = \"Asha\"\non = \"2026-01-31\"\n\
         note = \"looked at\"\nevidence = [{{ what = \"the contract\" }}]\n\n"
    )
}

#[tokio::test]
async fn when_nothing_is_in_the_way_the_answer_is_yes() {
    let repository = Repository::new();
    for service in ["auth", "booking", "config", "configuration"] {
        for enver in ENVERS {
            repository.asked(service, enver).await.is_yes();
        }
    }
}

#[tokio::test]
async fn what_a_consumer_reads_may_not_go() {
    let repository = Repository::new();
    repository.publish("dev", "config", &http(&changed_config("value", json!({ "type": "integer" }))), &json!(null));
    let told = repository.asked("config", "main").await;
    assert_eq!(told.code, Some(1));
    assert_eq!(told.rules(), ["consumer-breaks", "consumer-breaks", "main-is-blessed"], "{:#}", told.answer);
    let reason = &told.answer["reasons"][0];
    let message = reason["message"].as_str().unwrap();
    assert!(message.starts_with("auth in main uses what config-client says of config: GET /document"), "{message}");
    assert!(reason["witness"]["value"]["data"]["value"].is_i64(), "{reason:#}");
    assert!(reason["place"].as_str().unwrap().contains("dev/config/openapi.json:1:"), "{reason:#}");
}

#[tokio::test]
async fn what_no_consumer_reads_may_go_where_nothing_is_blessed() {
    let repository = Repository::new();
    repository.publish("mock", "config", &http(&changed_config("author", Value::Null)), &json!(null));
    repository.asked("config", "dev").await.is_yes();

    repository.publish("dev", "config", &http(&changed_config("author", Value::Null)), &json!(null));
    let told = repository.asked("config", "main").await;
    let message = told.only("main-is-blessed")["message"].as_str().unwrap();
    assert!(message.starts_with("what config promises in main: GET /document"), "{message}");
}

#[tokio::test]
async fn a_consumer_without_a_generated_client_uses_everything() {
    let repository = Repository::new();
    fs::remove_file(repository.path("packages/config-client/src/upstreams/usage.json")).unwrap();
    repository.publish("mock", "config", &http(&changed_config("author", Value::Null)), &json!(null));
    let told = repository.asked("config", "dev").await;
    assert_eq!(told.rules(), ["consumer-breaks", "consumer-breaks"], "{:#}", told.answer);
}

#[tokio::test]
async fn what_a_consumer_reads_of_a_message_may_not_go() {
    let repository = Repository::new();
    let without = |name: &str| {
        let mut data = changed()["properties"]["data"]["properties"].clone();
        data.as_object_mut().unwrap().remove(name);
        messages("subscribe", "config.changed", &object(&json!({ "data": object(&data) })))
    };
    repository.publish("mock", "config", &http(&config()), &without("note"));
    repository.asked("config", "dev").await.is_yes();
    repository.publish("mock", "config", &http(&config()), &without("document"));
    let told = repository.asked("config", "dev").await;
    assert_eq!(told.rules(), ["consumer-breaks", "consumer-breaks"], "{:#}", told.answer);
}

#[tokio::test]
async fn messages_in_a_queue_stay_readable() {
    let repository = Repository::new();
    let openapi = http(&json!({ "type": "object" }));
    // The new consumer takes no zero, which an old message may hold.
    let mut narrower = booked(&taken());
    let payload = object(&json!({ "amount": { "type": "integer", "minimum": 1 } }));
    narrower["channels"]["booking-events"]["publish"]["message"]["payload"] = payload;
    repository.publish("mock", "booking", &openapi, &narrower);
    let told = repository.asked("booking", "dev").await;
    let reason = told.only("in-flight");
    assert_eq!(reason["witness"]["value"]["amount"], 0, "{reason:#}");
    assert!(reason["message"].as_str().unwrap().starts_with("messages that wait in a queue of booking in dev"));
}

#[tokio::test]
async fn queues_are_named_after_their_enver_and_that_is_no_change() {
    let repository = Repository::new();
    for enver in ENVERS {
        let mut document = booked(&taken());
        let queue = json!({ "name": format!("enver-{enver}-booking-events"), "fifoQueue": false });
        document["channels"]["booking-events"]["bindings"] = json!({ "sqs": { "queue": queue } });
        repository.publish(enver, "booking", &http(&json!({ "type": "object" })), &document);
    }
    repository.asked("booking", "dev").await.is_yes();
    repository.asked("booking", "main").await.is_yes();
}

#[tokio::test]
async fn new_messages_are_readable_for_old_consumers() {
    let repository = Repository::new();
    let wider = object(&json!({ "amount": { "type": "integer", "minimum": -5 } }));
    repository.publish("mock", "booking", &http(&json!({ "type": "object" })), &booked(&wider));
    let told = repository.asked("booking", "dev").await;
    let reason = told.only("in-flight");
    assert!(
        reason["message"].as_str().unwrap().starts_with("instances of booking that still run in dev"),
        "{reason:#}"
    );
}

#[tokio::test]
async fn an_upstream_that_is_not_there_comes_first() {
    let repository = Repository::new();
    fs::remove_dir_all(repository.path("contracts/published/dev/config")).unwrap();
    let told = repository.asked("booking", "dev").await;
    let reason = told.only("upstream-absent");
    assert_eq!(
        reason["message"],
        "booking/b..dev (configApiSchemaUrl) consumes configuration/b..dev (configApiBaseUrl/schema-url) and config \
         publishes nothing in dev"
    );
    assert_eq!(reason["mend"], "Publish and deploy config to dev first.");
}

#[tokio::test]
async fn an_upstream_with_a_default_may_be_absent() {
    let repository = Repository::new();
    fs::remove_dir_all(repository.path("contracts/published/dev/auth")).unwrap();
    repository.asked("config", "dev").await.is_yes();
}

#[tokio::test]
async fn an_upstream_that_gives_too_little_comes_first() {
    let repository = Repository::new();
    let more = http(&changed_config("version", json!({ "type": "string" })));
    repository.publish("dev", "config", &more, &json!(null));
    repository.uses(&["/data/value", "/data/version"], &digest_of(&more));
    repository.asked("booking", "dev").await.is_yes();
    let told = repository.asked("booking", "main").await;
    let reason = told.only("upstream-behind");
    assert_eq!(reason["mend"], "Deploy config to main first.");
}

#[tokio::test]
async fn a_client_of_an_unpublished_contract_is_stale() {
    let repository = Repository::new();
    repository.uses(&["/data/value"], "sha256:0000");
    let told = repository.asked("booking", "dev").await;
    let reason = told.only("client-stale");
    assert!(reason["message"].as_str().unwrap().contains("the client of config in config-client"), "{reason:#}");
}

#[tokio::test]
async fn each_phase_before_an_enver_is_confirmed() {
    let repository = Repository::new();
    repository.write("contracts/phases.toml", &confirmation("booking", "0B"));
    repository.asked("booking", "dev").await.is_yes();
    assert_eq!(repository.asked("booking", "main").await.rules(), ["phase-not-confirmed", "phase-not-confirmed"]);
    let told = repository.asked("auth", "dev").await;
    let reason = told.only("phase-not-confirmed");
    assert_eq!(reason["message"], "nobody confirmed phase 0B (BDD Contract Verification) of auth");

    fs::remove_file(repository.path("contracts/phases.toml")).unwrap();
    repository.asked("booking", "mock").await.is_yes();
    repository.asked("booking", "dev").await.only("phase-not-confirmed");
}

#[tokio::test]
async fn mock_code_is_linked_into_the_mock_alone() {
    let repository = Repository::new();
    repository.write("packages/config-client/Cargo.toml", "[dependencies]\ndataset.workspace = true\n");
    let told = repository.asked("booking", "dev").await;
    let message = &told.only("mock-linked")["message"];
    assert_eq!(message, "dataset is linked into booking: booking → config-client → dataset");
    repository.asked("booking", "mock").await.is_yes();

    repository.write("packages/config-client/Cargo.toml", "[dev-dependencies]\ndataset.workspace = true\n");
    repository.asked("booking", "dev").await.is_yes();
}

#[tokio::test]
async fn what_is_not_published_is_not_deployed() {
    let repository = Repository::new();
    fs::remove_dir_all(repository.path("contracts/published/mock/booking")).unwrap();
    repository.asked("booking", "dev").await.only("not-published");
}

#[tokio::test]
async fn where_nothing_stands_nothing_breaks() {
    let repository = Repository::new();
    fs::remove_dir_all(repository.path("contracts/published/main/booking")).unwrap();
    repository.asked("booking", "main").await.is_yes();
}

#[tokio::test]
async fn what_cannot_be_used_is_named() {
    let repository = Repository::new();
    let refused = async |service: &str, to: &str, part: &str| {
        let told = repository.asked(service, to).await;
        assert_eq!((told.code, &told.answer), (Some(2), &Value::Null), "{}", told.error);
        assert!(told.error.contains(part), "{part:?} is not in {}", told.error);
    };
    refused("bookings", "dev", "there is no service \"bookings\": auth, booking, config are declared").await;
    refused("booking", "prod", "mock, dev or main is wanted").await;

    let artifact = "contracts/published/mock/booking/openapi.json";
    let text = fs::read_to_string(repository.path(artifact)).unwrap();
    repository.write(artifact, &text.replace("readDocument", "readIt"));
    refused("booking", "dev", "it was edited by hand").await;
    repository.write(artifact, &text[..text.len() / 2]);
    refused("booking", "dev", "EOF while parsing").await;
    repository.write(artifact, &text);

    repository.write("contracts/phases.toml", "[[confirmed]]\nservice = \"booking\"\nphase = \"9Z\"\n");
    refused("booking", "dev", "\"9Z\" is no phase").await;
    repository.write("contracts/phases.toml", "[[confirmed]]\nservice = \"booking\"\nphase = \"0B\"\n");
    refused("booking", "dev", "`evidence` is missing").await;
    repository.write("contracts/phases.toml", &confirmation("booking", "1B"));
    refused("booking", "dev", "confirm 0B first").await;
    repository.write("contracts/phases.toml", "[[confirmed");
    refused("booking", "dev", "contracts/phases.toml").await;
    repository.write("contracts/phases.toml", "");

    repository.write("packages/config-client/src/upstreams/usage.json", "{}");
    refused("booking", "mock", "run `enver client generate`").await;
    fs::remove_dir_all(repository.path("contracts/published")).unwrap();
    refused("booking", "mock", "there is no folder").await;
}

/// What is used by hand, and what generated clients use, stands in the contracts that are published here, and services
/// use what they are wired to.
#[test]
fn every_operation_that_a_client_uses_is_wired_and_published() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let wiring = contracts::wire().expect("sound declarations");
    let mut uses = 0;
    for folder in ["functions", "packages"] {
        for entry in fs::read_dir(root.join(folder)).unwrap().flatten() {
            let Ok(text) = fs::read(entry.path().join("src/upstreams/usage.json")) else { continue };
            let usage: Value = serde_json::from_slice(&text).unwrap();
            for (upstream, used) in usage["upstreams"].as_object().unwrap() {
                if let Some(consumer) = wiring.at(&entry.file_name().to_string_lossy(), contracts::Stage::Dev) {
                    let mut edges = wiring.upstreams(&consumer.id);
                    let is_wired = edges.any(|edge| edge.service == Some(upstream) && edge.document.is_some());
                    assert!(is_wired, "{entry:?} uses {upstream}: declare it in contracts/src/builds");
                }
                let published = root.join(format!("contracts/published/dev/{upstream}/openapi.json"));
                let published = fs::read_to_string(published).unwrap();
                for id in used["operations"].as_object().unwrap().keys() {
                    assert!(
                        published.contains(&format!("\"operationId\": \"{id}\"")),
                        "{id} of {upstream}, in {entry:?}"
                    );
                    uses += 1;
                }
            }
        }
    }
    assert!(uses > 0);
}

#[tokio::test]
async fn people_read_the_same() {
    let repository = Repository::new();
    repository.publish("mock", "config", &http(&changed_config("value", json!({ "type": "integer" }))), &json!(null));
    let root = repository.folder.path().to_str().unwrap();
    let run = enver().args(["can-deploy", "config", "--to", "dev", "--root", root]).output().await.unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert!(text.starts_with("No: config cannot be deployed to dev.\n"), "{text}");
    assert!(text.contains("what comes accepts and what stands there refuses {\"data\":"), "{text}");
}
