//! `enver wiring`, as people and scripts use it.

use std::path::Path;

use serde_json::Value;

use crate::process::enver;

/// The code it ends with, and what it says on standard output and standard error.
async fn wiring(arguments: &[&str]) -> (Option<i32>, String, String) {
    let run = enver().arg("wiring").args(arguments).output().await.expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (run.status.code(), text(run.stdout), text(run.stderr))
}

#[tokio::test]
async fn the_committed_wiring_is_the_declared_one() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/published/wiring.txt");
    let committed = std::fs::read_to_string(committed).unwrap_or_default();
    let (code, declared, _) = wiring(&[]).await;
    assert_eq!(code, Some(0));
    assert!(
        committed == declared,
        "contracts/published/wiring.txt is stale: run `cargo run -- wiring --out contracts/published/wiring.txt`, \
         read the difference, and commit it"
    );
}

#[tokio::test]
async fn one_constellation_is_told_without_the_others() {
    let (code, text, _) = wiring(&["--enver", "dev"]).await;
    assert_eq!(code, Some(0));
    assert!(text.contains("serves     booking/b..dev with authApiBaseUrl") && !text.contains("b..main"), "{text}");
}

#[tokio::test]
async fn json_names_both_ends_of_every_edge() {
    let (_, text, _) = wiring(&["--enver", "main", "--format", "json"]).await;
    let json: Value = serde_json::from_str(&text).unwrap();
    let constellations = json["constellations"].as_array().unwrap();
    let edges: Vec<&Value> = constellations.iter().flat_map(|one| one["edges"].as_array().unwrap()).collect();
    let is_whole = |edge: &&Value| {
        edge["consumer"].as_str().is_some_and(|end| end.ends_with("/b..main"))
            && edge["producer"].as_str().is_some_and(|end| end.ends_with("/b..main"))
            && edge["shareName"].as_str().is_some_and(|name| name.starts_with("/odmd-share/"))
    };
    assert!(!edges.is_empty() && edges.iter().all(is_whole), "{text}");
}

#[tokio::test]
async fn diagrams_draw_every_enver_and_every_pair() {
    let (_, mermaid, _) = wiring(&["--format", "mermaid"]).await;
    assert!(mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    assert!(mermaid.contains("enver_auth_b__dev -->|") || mermaid.contains("enver_auth_b__dev -.->|"), "{mermaid}");
    let (_, svg, _) = wiring(&["--format", "svg"]).await;
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<rect ").count(), mermaid.matches("[\"").count() - mermaid.matches("subgraph").count());
    assert_eq!(svg.matches("marker-end").count(), mermaid.matches("->|").count());
}

#[tokio::test]
async fn a_file_is_written_whole_and_a_wrong_place_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wiring.svg");
    let (code, out, _) = wiring(&["--format", "svg", "--out", file.to_str().unwrap()]).await;
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(std::fs::read_to_string(file).unwrap().ends_with("</svg>\n"));

    let nowhere = folder.path().join("no/such/wiring.svg");
    let (code, _, error) = wiring(&["--out", nowhere.to_str().unwrap()]).await;
    assert_eq!(code, Some(1));
    assert!(error.contains(nowhere.to_str().unwrap()), "{error}");
    assert_eq!(wiring(&["--enver", "prod"]).await.0, Some(2));
}
