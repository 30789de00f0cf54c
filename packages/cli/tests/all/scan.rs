//! `enver scan`, as scripts use it.

use std::process::Output;

use serde_json::Value;

use crate::process::enver;

/// The code it ends with, and what it says on standard output and standard error.
async fn scan(arguments: &[&str]) -> (Option<i32>, String, String) {
    let run = enver().arg("scan").args(arguments).output().await.expect("the binary starts");
    let Output { status, stdout, stderr } = run;
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

#[tokio::test]
async fn it_ends_with_0_for_nothing_1_for_findings_and_2_for_wrong_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let file = folder.path().join("price.py");

    std::fs::write(&file, "rate = config.rate\n").unwrap();
    let (code, out, _) = scan(&[path]).await;
    assert_eq!((code, out.as_str()), (Some(0), "0 findings in 1 file, 0 waived, 0 skipped\n"));

    std::fs::write(&file, "tax_rate = 0.18\n").unwrap();
    let (code, out, _) = scan(&[path]).await;
    assert_eq!(code, Some(1));
    assert!(out.contains("price.py:1:1: hardcoded-rate") && out.contains("config://"), "{out}");
    assert_eq!(scan(&[file.to_str().unwrap()]).await.0, Some(1));

    let missing = folder.path().join("missing");
    for wrong in
        [&[missing.to_str().unwrap()][..], &["--format", "xml", path], &["--services", "no/such", path], &["a", "b"]]
    {
        let (code, out, error) = scan(wrong).await;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{wrong:?}");
        assert!(!error.is_empty());
    }
}

#[tokio::test]
async fn json_and_sarif_are_whole_documents() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.ts"), "const apiKey = 'k-1f9'\n").unwrap();
    let path = folder.path().to_str().unwrap();

    let (code, json, _) = scan(&["--format", "json", path]).await;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &json["findings"][0]["rule"]), (Some(1), &"hardcoded-secret".into()));

    let (code, sarif, _) = scan(&["--format", "sarif", path]).await;
    assert!(!sarif.contains("k-1f9"));
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!((code, &sarif["runs"][0]["results"][0]["ruleId"]), (Some(1), &"hardcoded-secret".into()));
}

#[tokio::test]
async fn its_help_names_every_rule_and_what_is_passed_over() {
    let (code, out, _) = scan(&["--help"]).await;

    assert_eq!(code, Some(0));
    for rule in scan::RULES {
        assert!(out.contains(rule.id), "{}", rule.id);
    }
    for word in ["enver:allow(", "#[cfg(test)]", ".gitignore", "--services", "sarif", "Exit codes"] {
        assert!(out.contains(word), "{word}");
    }
}
