//! `enver diff`, as scripts use it.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::process::enver;

const OLD: &str = "openapi: 3.0.3
info: {title: Notes, version: '1'}
paths:
  /notes:
    post:
      operationId: createNote
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
      responses: {'204': {description: done}}
components:
  schemas:
    Note:
      type: object
      properties:
        text: {type: string, maxLength: 80}
";

/// The code it ends with, and what it says on standard output and standard error.
async fn diff(arguments: &[&str]) -> (Option<i32>, String, String) {
    let run = enver().arg("diff").args(arguments).output().await.expect("the binary starts");
    let Output { status, stdout, stderr } = run;
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

/// A file in a folder, and its path.
fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn it_ends_with_0_for_compatible_1_for_breaking_and_2_for_what_it_cannot_use() {
    let folder = tempfile::tempdir().unwrap();
    let old = file(folder.path(), "old.yaml", OLD);
    let narrow = file(folder.path(), "narrow.yaml", &OLD.replace("80", "3"));

    let (code, out, _) = diff(&[&old, &old]).await;
    assert_eq!((code, out.as_str()), (Some(0), "0 breaking, 0 unproven, 0 compatible\n"));

    let (code, out, _) = diff(&[&old, &narrow]).await;
    assert_eq!(code, Some(1));
    assert!(out.contains("narrow.yaml:15:30: breaking: max-length-tightened: /text: `maxLength` was 80 and is 3\n"), "{out}");
    assert!(out.contains("    witness: {\"text\":\"aaaa\"}\n"), "{out}");
    assert!(out.contains("request of POST /notes, /components/schemas/Note/properties/text/maxLength"), "{out}");

    let (code, out, _) = diff(&[&narrow, &old]).await;
    assert_eq!(code, Some(0));
    assert!(out.ends_with("0 breaking, 0 unproven, 1 compatible\n"), "{out}");
    assert_eq!(diff(&[&narrow, &old, "--direction", "full"]).await.0, Some(1));

    let broken = file(folder.path(), "broken.yaml", "openapi: 3.0.3\npaths: []\n");
    let missing = folder.path().join("missing.yaml");
    for wrong in [
        &[old.as_str(), &broken][..], &[missing.to_str().unwrap(), &old], &[&old], &[&old, &old, "--format", "xml"],
        &[&old, &old, "--promise", "consumers"], &[&old, &old, "--promise", "consumers", "--usage", &old],
        &[&old, &old, "--today", "tomorrow"],
    ] {
        let (code, out, error) = diff(wrong).await;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{wrong:?}");
        assert!(!error.is_empty());
    }
    let (_, _, error) = diff(&[&old, &broken]).await;
    assert!(error.contains("broken.yaml:2:1: `paths` is not an object"), "{error}");
}

#[tokio::test]
async fn what_consumers_do_not_use_may_change() {
    let folder = tempfile::tempdir().unwrap();
    let old = file(folder.path(), "old.yaml", OLD);
    let narrow = file(folder.path(), "narrow.yaml", &OLD.replace("80", "3"));
    for (usage, code) in [
        (r#"{"operations": {"createNote": {"sends": ["/text"]}}}"#, 1),
        (r#"{"operations": {"createNote": {"sends": ["/other"]}}}"#, 0),
        (r#"{"operations": {}}"#, 0),
    ] {
        let usage = file(folder.path(), "usage.json", usage);
        let run = diff(&[&old, &narrow, "--promise", "consumers", "--usage", &usage]).await;
        assert_eq!(run.0, Some(code), "{run:?}");
    }
}

#[tokio::test]
async fn json_sarif_and_junit_are_whole_documents() {
    let folder = tempfile::tempdir().unwrap();
    let old = file(folder.path(), "old.yaml", OLD);
    let narrow = file(folder.path(), "a <b>&.yaml", &OLD.replace("80", "3"));

    let (code, json, _) = diff(&[&old, &narrow, "--format", "json"]).await;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &json["compatible"], &json["summary"]["breaking"]), (Some(1), &false.into(), &1.into()));
    let change = &json["changes"][0];
    assert_eq!((&change["rule"], &change["verdict"]), (&"max-length-tightened".into(), &"breaking".into()));
    assert_eq!((&change["flow"], &change["place"]["line"]), (&"request".into(), &15.into()));
    assert_eq!(change["witness"]["value"]["text"], "aaaa");

    let (code, sarif, _) = diff(&[&old, &narrow, "--format", "sarif"]).await;
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let run = &sarif["runs"][0];
    let result = &run["results"][0];
    assert_eq!((code, &result["level"]), (Some(1), &"error".into()));
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 15);

    let (code, junit, _) = diff(&[&old, &narrow, "--format", "junit"]).await;
    assert_eq!(code, Some(1));
    assert!(junit.contains("tests=\"1\" failures=\"1\"") && junit.contains("<failure message="), "{junit}");
    assert!(junit.contains("a &lt;b&gt;&amp;.yaml") && !junit.contains("<b>"), "{junit}");
}

#[tokio::test]
async fn its_help_names_verdicts_limits_and_codes() {
    let (code, out, _) = diff(&["--help"]).await;

    assert_eq!(code, Some(0));
    for word in ["breaking", "unproven", "compatible", "witness", "--promise", "--usage", "32 MiB", "Exit codes"] {
        assert!(out.contains(word), "{word}");
    }
}
