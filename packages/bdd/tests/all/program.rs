//! The program of the function, as Lambda starts it: beside the entities of the dataset and nothing else.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// Killed with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A request to the API of the Lambda runtime: its first line, and its body.
fn asked(connection: &mut BufReader<TcpStream>) -> (String, Vec<u8>) {
    let (mut first, mut length) = (String::new(), 0);
    connection.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).unwrap();
        match line.trim().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).unwrap();
    (first, body)
}

fn say(connection: &mut BufReader<TcpStream>, head: &str, body: &str) {
    let text = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    connection.get_mut().write_all(text.as_bytes()).unwrap();
}

/// What the program, in this folder, says of an event.
fn said_of(event: &Value, folder: &Path) -> (String, Value) {
    let api = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_values-lambda"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", api.local_addr().unwrap().to_string())
        .env("LAMBDA_TASK_ROOT", folder)
        .envs([("ENVIRONMENT", "dev"), ("LOG_LEVEL", "INFO"), ("CONFIG_SERVICE_URL", "https://all.dev.example")])
        .envs([("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "any"), ("AWS_SECRET_ACCESS_KEY", "any")])
        .envs([("AWS_LAMBDA_FUNCTION_NAME", "values"), ("AWS_LAMBDA_FUNCTION_VERSION", "1")])
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _program = Program(program);
    let mut next = BufReader::new(api.accept().unwrap().0);
    assert!(asked(&mut next).0.starts_with("GET /2018-06-01/runtime/invocation/next "));
    let head = "200 OK\r\nlambda-runtime-aws-request-id: 1\r\nlambda-runtime-deadline-ms: 4102444800000\r\n\
                lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:111122220003:function:values";
    say(&mut next, head, &event.to_string());
    let mut answered = BufReader::new(api.accept().unwrap().0);
    let (first, body) = asked(&mut answered);
    (first, serde_json::from_slice(&body).unwrap())
}

#[test]
fn the_program_computes_with_the_entities_that_stand_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let entities = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mock-data/entities");
    std::fs::create_dir(folder.path().join("mock-data")).unwrap();
    std::os::unix::fs::symlink(entities, folder.path().join("mock-data/entities")).unwrap();
    let told = |began: &str| json!({ "began": began, "run": "r1", "enver": "dev", "saved": {}, "values": { "v1": "${now+2d}", "v2": "${people.asha.email}" } });

    let (first, answer) = said_of(&told("2026-01-01T00:00:00Z"), folder.path());
    assert!(first.starts_with("POST /2018-06-01/runtime/invocation/1/response "), "{first}");
    assert_eq!(answer["values"]["v1"], "2026-01-03T00:00:00Z");
    assert!(answer["values"]["v2"].as_str().is_some_and(|email| email.contains("r1")), "{answer}");

    let (first, fault) = said_of(&told("yesterday"), folder.path());
    assert!(first.starts_with("POST /2018-06-01/runtime/invocation/1/error "), "{first}");
    assert_eq!(fault["errorMessage"], "the payload does not say when the flow began");
}
