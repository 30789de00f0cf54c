//! Diagrams, read by the parser of Mermaid itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::house::House;

#[test]
fn every_diagram_is_one_that_mermaid_reads() {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/npm");
    assert!(
        tools.join("node_modules/mermaid").is_dir() && tools.join("node_modules/jsdom").is_dir(),
        "the parser of Mermaid is missing: run `.ci/tools documents`"
    );
    let house = House::bare();
    let diagrams: Vec<(String, String)> = house
        .documents()
        .into_iter()
        .flat_map(|document| blocks(&document.text).into_iter().map(move |block| (document.path.clone(), block)))
        .collect();
    // One for each operation and message in each enver, and one in each overview.
    let steps: usize = house.contracts.iter().map(|one| one.operations.len() + one.consumers.len()).sum();
    assert_eq!(diagrams.len(), 3 * steps + house.contracts.len());
    let folder = tempfile::tempdir().unwrap();
    let (given, script) = (folder.path().join("diagrams.json"), folder.path().join("judge.mjs"));
    let broken = ("a broken one".to_owned(), "flowchart LR\n    a -->|\"b\" c".to_owned());
    let all: Vec<_> = diagrams.iter().chain([&broken]).collect();
    fs::write(&given, serde_json::to_string(&all).unwrap()).unwrap();
    fs::write(&script, JUDGE).unwrap();

    let judged =
        Command::new("node").arg(&script).arg(&given).arg(tools.canonicalize().unwrap()).output().expect("node");

    let said = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "{said}{}", String::from_utf8_lossy(&judged.stderr));
    let refused: Vec<&str> = said.lines().collect();
    assert!(matches!(refused[..], [only] if only.starts_with("a broken one: ")), "{said}");
}

/// Prints a line for each diagram that Mermaid cannot read.
const JUDGE: &str = "\
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { readFileSync } from 'node:fs';
const [, , given, tools] = process.argv;
const require = createRequire(`${tools}/package.json`);
const { JSDOM } = require('jsdom');
const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import(pathToFileURL(`${tools}/node_modules/mermaid/dist/mermaid.core.mjs`).href);
mermaid.initialize({ startOnLoad: false });
for (const [path, diagram] of JSON.parse(readFileSync(given, 'utf8'))) {
  try {
    await mermaid.parse(diagram);
  } catch (error) {
    console.log(`${path}: ${String(error.message).split('\\n')[0]}: ${diagram.replaceAll('\\n', ' ')}`);
  }
}
process.exit(0);
";

/// The Mermaid blocks of a document, without their indentation.
fn blocks(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block: Option<String> = None;
    for line in text.lines() {
        match (line.trim(), &mut block) {
            ("```mermaid", None) => block = Some(String::new()),
            ("```", Some(_)) => found.extend(block.take()),
            (line, Some(block)) => block.extend([line, "\n"]),
            _ => {}
        }
    }
    found
}
