//! `enver mock`, as its users run it.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::process::{enver, word_after};

/// The code it ends with, and what it says on standard error.
async fn refused(text: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.yaml");
    std::fs::write(&file, text).unwrap();
    let run = enver().arg("mock").arg(&file).args(["--port", "0"]).output().await.expect("the binary starts");
    (run.status.code(), String::from_utf8(run.stderr).expect("text"))
}

#[tokio::test]
async fn a_broken_document_ends_with_the_line_and_column_of_each_fault() {
    let (code, said) =
        refused("openapi: 3.1.0\npaths:\n  /notes:\n    get:\n      parameters: [{ in: query }]\n").await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("notes.yaml:5:20: the parameter has no `name`"), "{said}");
    let (code, said) = refused("{\"openapi\": \"3.1.0\",\n  \"paths\": }").await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("notes.yaml:2:12: it is not JSON"), "{said}");
    let (code, said) = refused("openapi: 3.1.0\npaths:\n  /notes: { gett: {}, puut: {} }\n").await;
    assert_eq!(code, Some(2), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    let [headline, first, second] = lines.as_slice() else { panic!("{said}") };
    assert!(headline.ends_with("notes.yaml has 2 faults:"), "{said}");
    assert!(
        first.contains("notes.yaml:3:13: `gett` is no field of a path") && second.contains(":3:23: `puut`"),
        "{said}"
    );
    let run = enver().args(["mock", "/nowhere.yaml"]).output().await.expect("the binary starts");
    assert_eq!(run.status.code(), Some(2));
}

#[tokio::test]
async fn a_pattern_that_cannot_be_read_is_told_with_its_place_and_the_document_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.yaml");
    std::fs::write(&file, "openapi: 3.1.0\ncomponents:\n  schemas:\n    A: { pattern: '(a' }\n").unwrap();
    let mut child = enver().arg("mock").arg(&file).args(["--port", "0"]).spawn().expect("the binary starts");
    let told = BufReader::new(child.stderr.take().expect("its errors")).lines().next_line().await.unwrap();
    let mut said = BufReader::new(child.stdout.take().expect("its output")).lines();

    let told = told.expect("a line");
    assert!(told.contains("notes.yaml:4:10: the pattern `(a` cannot be read and is not held"), "{told}");
    let ready = [said.next_line().await.unwrap(), said.next_line().await.unwrap()];
    assert!(ready[1].as_ref().is_some_and(|line| line.starts_with("Ready.")), "{ready:?}");
}

#[tokio::test]
async fn a_published_contract_is_answered_until_the_process_is_stopped() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts/published/dev/booking/openapi.json");
    let mut command = enver();
    command.arg("mock").arg(file).args(["--port", "0"]).stderr(Stdio::inherit());
    let mut child = command.spawn().expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut printed = String::new();
    while !printed.contains("Ready.") {
        printed.push_str(&lines.next_line().await.expect("readable output").expect("it ended before it was ready"));
        printed.push('\n');
    }
    let authority = word_after(&printed, "Ready. http://").to_owned();
    let ask = async |line: &str, token: &str| {
        let mut socket = TcpStream::connect(&authority).await.expect("a connection");
        let request = format!("{line} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n{token}\r\n");
        socket.write_all(request.as_bytes()).await.expect("a request");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.expect("an answer");
        answer
    };
    assert!(ask("GET /booking/v1/bookings", "").await.starts_with("HTTP/1.1 401 "));
    let token = "authorization: Bearer any\r\n";
    let answer = ask("GET /booking/v1/bookings", token).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"pagination\""), "{answer}");
    let answer = ask("GET /booking/v1/bookings?pageSize=0", token).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("\"/pageSize\""), "{answer}");

    let pid = child.id().expect("a running process").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("`kill` is there").success());
    assert_eq!(child.wait().await.expect("an end").code(), Some(0));
}
