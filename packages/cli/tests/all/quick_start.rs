//! What is written for newcomers works as it is written.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::Running;

/// Runs lines of shell, and stops at the first that fails.
async fn shell(script: &str, base: &str) -> String {
    let run = Command::new("sh").args(["-euc", script]).env("base", base).stderr(Stdio::inherit()).output().await;
    let run = run.expect("`sh` is there");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    String::from_utf8(run.stdout).expect("text")
}

#[tokio::test]
async fn the_quick_start_of_the_readme_books_a_truck() {
    let readme = include_str!("../../../../README.md");
    let (_, section) = readme.split_once("## Book a truck").expect("the section");
    let (_, block) = section.split_once("```sh\n").expect("its shell block");
    let (script, _) = block.split_once("```").expect("the end of the block");
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;

    let output = shell(script, &running.origin).await;

    let last = &output[output.rfind(r#"{"data":{"bookingId""#).expect("a booking at the end")..];
    let booking: Value = serde_json::from_str(last.trim()).unwrap();
    assert_eq!(booking["data"]["status"], "created");
    assert_eq!(booking["data"]["freight"]["pickup"]["address"], "Nalgonda");
}

#[tokio::test]
async fn the_four_lines_that_are_printed_book_a_truck() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let lines: Vec<_> = running.printed.lines().filter(|line| line.contains("curl ")).collect();
    assert_eq!(lines.len(), 4, "{}", running.printed);

    let output = shell(&lines.join("\n"), &running.origin).await;

    let (booked, listed) = output.split_once("}{").expect("two answers");
    let booked: Value = serde_json::from_str(&format!("{booked}}}")).unwrap();
    let listed: Value = serde_json::from_str(&format!("{{{listed}")).unwrap();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed["data"][0]["bookingId"], booked["data"]["bookingId"]);
}
