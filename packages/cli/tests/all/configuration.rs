//! `enver config` against a running enver.

use std::process::Output;

use serde_json::{Value, json};

use crate::Running;
use crate::process::enver;

const PRICING: &str = "services.booking.dev.business.pricing";

struct Desk {
    running: Running,
    token: String,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = Running::start(&folder.path().join("data")).await;
        let token = running.token().await;
        Self { running, token, folder }
    }

    /// Runs `enver config` with these arguments as the demo tenant's administrator.
    async fn config(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = enver();
        command.env("ENVER_URL", &self.running.origin).env("ENVER_TOKEN", &self.token);
        run(command, arguments).await
    }

    async fn good(&self, arguments: &[&str]) -> String {
        let (code, out, error) = self.config(arguments).await;
        assert_eq!(code, Some(0), "{arguments:?}: {out}{error}");
        out
    }
}

async fn run(mut command: tokio::process::Command, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = command.arg("config").args(arguments).output().await.expect("the binary starts");
    let Output { status, stdout, stderr } = output;
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

#[tokio::test]
async fn what_is_set_is_got_and_rolled_back_and_stands_in_the_history() {
    let desk = Desk::start().await;
    assert_eq!(desk.good(&["get", PRICING, "materialMultipliers.coal"]).await, "1.0\n");

    let keys = ["set", PRICING, "materialMultipliers.coal=1.25", "surgeMultiplier=1.5", "--reason", "A test"];
    let changed = desk.good(&keys).await;
    assert!(changed.contains("is now at version 1-1"), "{changed}");
    assert_eq!(desk.good(&["get", PRICING, "materialMultipliers.coal"]).await, "1.25\n");
    let own: Value = serde_json::from_str(&desk.good(&["get", PRICING, "--own"]).await).unwrap();
    assert_eq!(own, json!({ "materialMultipliers": { "coal": 1.25 }, "surgeMultiplier": 1.5 }));

    let unset =
        ["--json", "set", PRICING, "--unset", "surgeMultiplier", "--reason", "A test", "--ticket", "CHG-00000042"];
    let changed: Value = serde_json::from_str(&desk.good(&unset).await).unwrap();
    assert_eq!((&changed["version"], &changed["value"]["surgeMultiplier"]), (&json!("1-2"), &json!(1.0)));

    let token = changed["rollbackToken"].as_str().unwrap();
    desk.good(&["rollback", PRICING, token, "--reason", "Undone"]).await;
    assert_eq!(desk.good(&["get", PRICING, "surgeMultiplier"]).await, "1.5\n");
    let history = desk.good(&["history", PRICING]).await;
    let lines: Vec<&str> = history.lines().collect();
    assert_eq!(lines.len(), 4, "{history}");
    assert!(lines[1].contains("rollback") && lines[1].ends_with("Undone"), "{history}");
    assert!(lines[2].contains("CHG-00000042"), "{history}");

    let (code, _, error) = desk.config(&["rollback", PRICING, token, "--reason", "Again"]).await;
    assert_eq!(code, Some(1));
    assert!(error.contains("VERSION_CHANGED"), "{error}");
    desk.good(&["delete", PRICING, "--reason", "The end"]).await;
    assert_eq!(desk.good(&["get", PRICING, "--own"]).await, "{}\n");
}

#[tokio::test]
async fn a_dry_run_and_a_refusal_name_the_place_and_end_with_1() {
    let desk = Desk::start().await;

    let (code, out, error) = desk.config(&["validate", PRICING, "basePerTonne=1"]).await;
    assert_eq!(code, Some(1), "{error}");
    assert!(out.contains("error: /value/basePerTonne"), "{out}");
    assert_eq!(desk.good(&["validate", PRICING, "basePerTonne=60000"]).await, "valid\n");

    for (arguments, hints) in [
        (
            &["set", PRICING, "basePerTonne=1", "--reason", "A test"][..],
            &["VALIDATION_ERROR", "/value/basePerTonne"][..],
        ),
        (&["get", "global.security.nothing"], &["DOCUMENT_NOT_FOUND", "named like"]),
        (&["get", PRICING, "colour"], &["no key colour"]),
        (&["get", PRICING, "--token", "made-up"], &["UNAUTHORIZED", "log in again"]),
        (&["get", PRICING, "--url", "http://127.0.0.1:9"], &["http://127.0.0.1:9", "--url"]),
    ] {
        let (code, out, error) = desk.config(arguments).await;
        assert_eq!((code, out.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(hints.iter().all(|hint| error.contains(hint)), "{arguments:?}: {error}");
    }
}

#[tokio::test]
async fn a_token_may_begin_with_a_hyphen() {
    const NOBODY: [&str; 6] = ["--url", "http://127.0.0.1:9", "--token", "-t", "--reason", "A test"];
    let change = ["set", PRICING, "surgeMultiplier=1.5", "--approval", "-a"];

    for arguments in [&["rollback", PRICING, "-r"][..], &change] {
        let (code, _, error) = run(enver(), &[arguments, &NOBODY].concat()).await;
        assert_eq!(code, Some(1), "{error}");
        assert!(error.contains("http://127.0.0.1:9"), "{error}");
    }
}

#[tokio::test]
async fn a_folder_is_seeded_once_and_what_is_there_stays() {
    let desk = Desk::start().await;
    let folder = desk.folder.path().join("documents");
    std::fs::create_dir(&folder).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("services.booking.business.pricing.yaml", "value:\n  basePerTonne: 60000\n");
    write("global.operational.idempotency.json", r#"{"value":{"retentionSeconds":3600}}"#);
    let path = folder.to_str().unwrap();

    let first = desk.good(&["seed", path]).await;
    assert_eq!(first, format!("written  global.operational.idempotency\nwritten  {PRICING}\n"));
    desk.good(&["set", PRICING, "basePerTonne=70000", "--reason", "A test"]).await;
    let second = desk.good(&["seed", path]).await;
    assert_eq!(second, format!("kept     global.operational.idempotency\nkept     {PRICING}\n"));
    assert_eq!(desk.good(&["get", PRICING, "basePerTonne"]).await, "70000\n");

    write("global.operational.made-up.yaml", "value: {}\nschema: {}\n");
    let (code, out, error) = desk.config(&["seed", path]).await;
    assert_eq!(code, Some(1));
    assert!(out.contains("kept") && error.contains("SCHEMA_RESERVED") && error.contains("1 of 3"), "{out}{error}");
    write("global.operational.broken.yaml", "value: [\n");
    let (code, out, error) = desk.config(&["seed", path]).await;
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(error.contains("global.operational.broken.yaml"), "{error}");
}

#[tokio::test]
async fn the_platforms_administrator_seeds_what_every_tenant_gets() {
    const INSURANCE: &str = "services.booking.dev.business.insurance";
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let running = Running::start(&data).await;
    let token = running.token_of("admin@platform.example").await;
    let desk = Desk { token, running, folder };
    let documents = desk.folder.path().join("documents");
    std::fs::create_dir(&documents).unwrap();
    let text = "schema:\n  type: object\n  properties: { perMille: { type: integer, minimum: 0, maximum: 50 } }\n\
                value: { perMille: 3 }\n";
    std::fs::write(documents.join("services.booking.business.insurance.yaml"), text).unwrap();
    let seed = ["seed", documents.to_str().unwrap(), "--reason", "Bootstrap"];

    assert_eq!(desk.good(&seed).await, format!("written  {INSURANCE}\n"));
    assert_eq!(desk.good(&seed).await, format!("kept     {INSURANCE}\n"));
    assert_eq!(desk.good(&["get", INSURANCE, "perMille"]).await, "3\n");
    let of_tenant = Desk { token: desk.running.token().await, ..desk };
    assert_eq!(of_tenant.good(&["get", INSURANCE, "perMille"]).await, "3\n", "a tenant has it too");
    let desk = Desk { token: of_tenant.running.token_of("admin@platform.example").await, ..of_tenant };

    let set = ["--json", "set", INSURANCE, "perMille=5", "--reason", "Dearer", "--ticket", "CHG-00000001"];
    let changed: Value = serde_json::from_str(&desk.good(&set).await).unwrap();
    assert_eq!(desk.good(&["get", INSURANCE, "perMille"]).await, "5\n");
    let history = desk.good(&["history", INSURANCE]).await;
    assert!(
        history.lines().nth(1).unwrap().ends_with("Dearer") && history.lines().nth(2).unwrap().ends_with("Bootstrap")
    );
    desk.good(&["rollback", INSURANCE, changed["rollbackToken"].as_str().unwrap(), "--reason", "Undone"]).await;
    assert_eq!(desk.good(&["get", INSURANCE, "perMille"]).await, "3\n");

    let printed = |running: &Running| {
        crate::process::word_after(&running.printed, "admin@platform.example with password ").to_owned()
    };
    let before = printed(&desk.running);
    assert_eq!(desk.running.terminate().await, Some(0));
    let again = Running::start(&data).await;
    assert_eq!(printed(&again), before, "it is made once");
    again.token_of("admin@platform.example").await;
}

#[tokio::test]
async fn wrong_arguments_and_a_missing_token_are_told_without_asking_anybody() {
    for (arguments, code, hint) in [
        (&["get"][..], 2, "DOCUMENT"),
        (&["get", "../secrets", "--token", "t"], 2, "named like"),
        (&["set", PRICING, "--reason", "A test", "--token", "t"], 2, "KEY=VALUE"),
        (&["set", PRICING, "colour", "--reason", "A test", "--token", "t"], 2, "KEY=VALUE"),
        (&["set", PRICING, "a=1", "--token", "t"], 2, "--reason"),
        (&["set", PRICING, "--file", "nowhere.yaml", "--reason", "A test", "--token", "t"], 1, "nowhere.yaml"),
        (&["get", PRICING], 1, "ENVER_TOKEN"),
    ] {
        let (ended, out, error) = run(enver(), arguments).await;
        assert_eq!((ended, out.as_str()), (Some(code), ""), "{arguments:?}: {error}");
        assert!(error.contains(hint), "{arguments:?}: {error}");
    }
    let (code, help, _) = run(enver(), &["--help"]).await;
    assert_eq!(code, Some(0));
    for word in ["get", "set", "history", "validate", "rollback", "seed", "ENVER_URL", "ENVER_TOKEN", "Exit codes"] {
        assert!(help.contains(word), "the help says nothing about {word}");
    }
}
