//! Which service a path reaches, and how services call each other.

use std::sync::Arc;

use bytes::Bytes;
use host_native::{InProcess, Services};
use http::{Request, StatusCode};
use operation::{Endpoint, Environment, Transport, full};
use serde_json::Value;

fn none() -> Arc<Services> {
    Arc::new(Services::new(Environment::Dev, Vec::new()))
}

fn get(path: &str) -> Request<Bytes> {
    Request::get(path).header("x-request-id", "r-7").body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn a_path_of_no_service_is_refused_like_any_other() {
    let response = none().call(get("/nowhere/v1/things").map(full)).await;

    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(response.headers()["x-request-id"], "r-7");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["error"]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn a_load_balancer_learns_that_the_process_answers() {
    let response = none().call(get("/health").map(full)).await;

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.body().as_ref(), br#"{"data":{"status":"ok"}}"#);
}

#[tokio::test]
async fn a_call_before_the_services_are_up_fails_and_does_not_wait() {
    let transport = InProcess::default();
    assert!(transport.send(get("/health")).await.is_err());

    transport.connect(none());
    assert_eq!(transport.send(get("/health")).await.unwrap().status(), StatusCode::OK);
}
