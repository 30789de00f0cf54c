//! How it explains itself, what it refuses, and with which code it ends.

use std::process::Output;

use tokio::net::TcpListener;

use crate::Running;
use crate::process::enver;

async fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = enver().args(arguments).output().await.expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

#[tokio::test]
async fn help_teaches_without_starting_anything() {
    for arguments in [&["--help"][..], &["up", "--help"], &["help", "up"]] {
        let (code, out, _) = run(arguments).await;
        assert_eq!(code, Some(0));
        for word in ["--data-dir", "--ephemeral", "--port-base", "--enver", "[default: 4000]"] {
            assert!(out.contains(word), "{arguments:?} says nothing about {word}");
        }
    }
}

#[tokio::test]
async fn wrong_arguments_end_with_2_and_say_what_is_right() {
    for (arguments, hint) in [
        (&["up", "--enver", "nowhere"][..], "possible values: mock, dev"),
        (&["up", "--port-base", "65400"], "0..=65335"),
        (&["fly"], "--help"),
        (&["loop", "booking", "--sequences", "0"], "--sequences"),
        (&["up", "--ephemeral", "--data-dir", "x"], "cannot be used with"),
    ] {
        let (code, out, error) = run(arguments).await;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(error.contains(hint), "{error}");
    }
}

#[tokio::test]
async fn a_taken_port_is_named_and_nothing_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port();

    let data = folder.path().join("data");
    let base = (port - 200).to_string();
    let (code, out, error) = run(&["up", "--port-base", &base, "--data-dir", data.to_str().unwrap()]).await;

    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(error.contains(&format!("port {port} is taken")) && error.contains("--port-base"), "{error}");
    assert!(!data.exists());
}

#[tokio::test]
async fn a_data_directory_in_use_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;

    let path = folder.path().to_str().unwrap();
    let (code, _, error) = run(&["up", "--port-base", "0", "--data-dir", path]).await;

    assert_eq!(code, Some(1));
    assert!(error.contains(path) && error.contains("another process"), "{error}");
    assert_eq!(running.call("GET", "/health", "", None).await.status, 200);
}

#[tokio::test]
async fn a_data_directory_that_is_a_file_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();

    let (code, _, error) = run(&["up", "--port-base", "0", "--data-dir", path]).await;

    assert_eq!(code, Some(1));
    assert!(error.contains(path), "{error}");
}

#[tokio::test]
async fn an_aws_elsewhere_is_refused_by_the_name_of_its_variable() {
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"] {
        let mut command = enver();
        command
            .args(["up", "--port-base", "0", "--ephemeral"])
            .env(variable, "https://dynamodb.eu-central-1.amazonaws.com");
        let output = command.output().await.expect("the binary starts");

        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(error.contains(variable) && error.contains("eu-central-1"), "{error}");
    }
}
