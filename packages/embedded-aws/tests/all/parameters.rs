//! The parameter store, over its JSON protocol as any SDK speaks it.

use std::net::SocketAddr;

use embedded_aws::EmbeddedAws;
use serde_json::{Value, json};

use crate::port::{raw, serve};

/// The status and the body of one call.
async fn call(address: SocketAddr, operation: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Amz-Target: AmazonSSM.{operation}\r\n\
         Content-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = raw(address, request.as_bytes()).await;
    let (_, body) = answer.text.split_once("\r\n\r\n").expect("a body");
    (answer.status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {}", answer.text)))
}

/// Puts a value, and returns its version.
pub async fn put(address: SocketAddr, name: &str, value: &str) -> i64 {
    let request = json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true });
    let (status, answer) = call(address, "PutParameter", &request).await;
    assert_eq!(status, 200, "{answer}");
    answer["Version"].as_i64().expect("a version")
}

/// The value of a name, if there is one.
pub async fn get(address: SocketAddr, name: &str) -> Option<String> {
    let (_, answer) = call(address, "GetParameter", &json!({ "Name": name })).await;
    answer["Parameter"]["Value"].as_str().map(str::to_owned)
}

async fn store() -> SocketAddr {
    serve(&EmbeddedAws::ephemeral().unwrap()).await
}

#[tokio::test]
async fn every_put_is_a_version_and_each_can_be_read() {
    let store = store().await;
    for (n, value) in (1..).zip(["a", "b", "c"]) {
        assert_eq!(put(store, "/x/y", value).await, n);
    }
    assert_eq!(get(store, "/x/y").await.as_deref(), Some("c"));
    assert_eq!(get(store, "/x/y:1").await.as_deref(), Some("a"));
    assert_eq!(get(store, "arn:aws:ssm:us-east-1:000000000000:parameter/x/y:2").await.as_deref(), Some("b"));
    let (_, answer) = call(store, "GetParameter", &json!({ "Name": "/x/y:4" })).await;
    assert_eq!(answer["__type"], "ParameterVersionNotFound");
}

#[tokio::test]
async fn the_oldest_of_more_than_a_hundred_versions_are_forgotten() {
    let store = store().await;
    for n in 1..=102 {
        put(store, "counted", &n.to_string()).await;
    }
    assert_eq!(get(store, "counted:2").await, None);
    assert_eq!(get(store, "counted:3").await.as_deref(), Some("3"));
    assert_eq!(get(store, "counted").await.as_deref(), Some("102"));
}

#[tokio::test]
async fn what_is_there_is_overwritten_only_when_told_to() {
    let store = store().await;
    put(store, "once", "a").await;
    let again = json!({ "Name": "once", "Value": "b", "Type": "String" });
    let (status, answer) = call(store, "PutParameter", &again).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("ParameterAlreadyExists")));
    let without_type = json!({ "Name": "once", "Value": "b", "Overwrite": true });
    assert_eq!(call(store, "PutParameter", &without_type).await.1["Version"], 2);
}

#[tokio::test]
async fn a_path_is_read_in_pages_and_as_deep_as_wanted() {
    let store = store().await;
    for name in ["/a/1", "/a/2", "/a/b/3", "/ab/4"] {
        put(store, name, name).await;
    }
    let names = async |request: Value| {
        let (_, answer) = call(store, "GetParametersByPath", &request).await;
        let parameters = answer["Parameters"].as_array().expect("parameters").iter();
        let names: Vec<String> = parameters.map(|one| one["Name"].as_str().unwrap().to_owned()).collect();
        (names, answer["NextToken"].as_str().map(str::to_owned))
    };
    assert_eq!(names(json!({ "Path": "/a" })).await.0, ["/a/1", "/a/2"]);
    assert_eq!(names(json!({ "Path": "/a/", "Recursive": true })).await.0, ["/a/1", "/a/2", "/a/b/3"]);
    let (first, token) = names(json!({ "Path": "/", "Recursive": true, "MaxResults": 3 })).await;
    assert_eq!(first, ["/a/1", "/a/2", "/a/b/3"]);
    let rest = names(json!({ "Path": "/", "Recursive": true, "NextToken": token })).await;
    assert_eq!(rest, (vec!["/ab/4".to_owned()], None));
}

#[tokio::test]
async fn what_is_absent_is_told_apart_from_what_is_there() {
    let store = store().await;
    put(store, "here", "a").await;
    let (_, answer) = call(store, "GetParameters", &json!({ "Names": ["here", "gone", "here:9"] })).await;
    assert_eq!(answer["Parameters"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["InvalidParameters"], json!(["gone", "here:9"]));
    assert_eq!(call(store, "DeleteParameter", &json!({ "Name": "here" })).await.0, 200);
    let (status, answer) = call(store, "DeleteParameter", &json!({ "Name": "here" })).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("ParameterNotFound")));
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused() {
    let store = store().await;
    let long = "x".repeat(4097);
    let deep = "/d".repeat(16);
    for (name, value, kind, error) in [
        ("a b", "x", "String", "ValidationException"),
        ("", "x", "String", "ValidationException"),
        ("awsName", "x", "String", "ValidationException"),
        ("/SSM/x", "x", "String", "ValidationException"),
        ("a/b", "x", "String", "ValidationException"),
        ("/a//b", "x", "String", "ValidationException"),
        (&deep, "x", "String", "HierarchyLevelLimitExceededException"),
        ("n", "", "String", "ValidationException"),
        ("n", &long, "String", "ValidationException"),
        ("n", "x", "Number", "ValidationException"),
        ("n", "x", "SecureString", "UnsupportedParameterType"),
    ] {
        let (status, answer) =
            call(store, "PutParameter", &json!({ "Name": name, "Value": value, "Type": kind })).await;
        assert_eq!((status, &answer["__type"]), (400, &json!(error)), "{name:?}: {answer}");
    }
    for (operation, body, error) in [
        ("PutParameter", json!({ "Name": 7 }), "SerializationException"),
        ("PutParameter", json!({}), "ValidationException"),
        ("PutParameter", json!({ "Name": "n", "Value": "x" }), "ValidationException"),
        ("GetParameters", json!({ "Names": [] }), "ValidationException"),
        ("GetParameters", json!({ "Names": vec!["n"; 11] }), "ValidationException"),
        ("GetParametersByPath", json!({ "Path": "n" }), "ValidationException"),
        ("GetParametersByPath", json!({ "Path": "/", "MaxResults": 11 }), "ValidationException"),
        ("RunCommand", json!({}), "UnknownOperationException"),
    ] {
        let (status, answer) = call(store, operation, &body).await;
        assert_eq!((status, &answer["__type"]), (400, &json!(error)), "{operation}: {answer}");
    }
}
