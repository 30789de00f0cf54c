//! Status, header fields and body are the same bytes on the native host and on Lambda, whatever hands the event over.
//!
//! Asked is `verify`'s corpus of every contract. What a form of event cannot say is no request to its function:
//! `Shape::cannot_say` lists those, with reasons.

use ::http::{HeaderValue, Request, Response, header};
use bytes::Bytes;
use document::Api;
use serde_json::{Value, json};
use verify::corpus;

use crate::booking;
use crate::hosts::{Hosts, root};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_every_host_answers_with_the_same_bytes() {
    let world = booking().await;
    let mut hosts = Hosts::start(&world.platform).await;
    let token = administrator(&mut hosts).await;

    for service in ["booking", "config", "auth"] {
        let contract = root().join(format!("contracts/published/mock/{service}/openapi.json"));
        let api = Api::read(&std::fs::read(contract).expect("a contract")).expect("a contract");
        for case in corpus::of(&api) {
            let mut request = case.request;
            if case.signed {
                let bearer = HeaderValue::try_from(format!("Bearer {token}")).expect("a token");
                request.headers_mut().insert(header::AUTHORIZATION, bearer);
            }
            hosts.ask(request).await;
        }
    }

    let Hosts { asked, differences, exceptions, .. } = &hosts;
    let shown = differences[..differences.len().min(12)].join("\n");
    assert!(differences.is_empty(), "{} differences in {asked} requests:\n{shown}", differences.len());
    println!("{asked} requests; exceptions: {exceptions:#?}");
    // Whoever excepts everything compares nothing.
    let most = exceptions.values().max().copied().unwrap_or_default();
    assert!(*asked > 500 && most * 20 < *asked, "{asked} requests, {exceptions:?}");
}

/// The token of somebody who founds a company.
async fn administrator(hosts: &mut Hosts) -> String {
    let (tenant, email, password) = ("acme", "admin@acme.example", "seven wagons of coal");
    let admin = json!({ "email": email, "name": "Admin", "password": password });
    let made = post(hosts, "/auth/v1/tenants", &json!({ "tenantId": tenant, "name": "Acme", "admin": admin })).await;
    assert_eq!(made.status(), 201, "{:?}", made.body());
    let credentials = json!({ "tenantId": tenant, "email": email, "password": password });
    let answer = post(hosts, "/auth/v1/login", &credentials).await;
    let answer: Value = serde_json::from_slice(answer.body()).expect("JSON");
    answer["data"]["accessToken"].as_str().unwrap_or_else(|| panic!("no token in {answer}")).to_owned()
}

async fn post(hosts: &mut Hosts, path: &str, body: &Value) -> Response<Bytes> {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    hosts.ask(request.body(body.to_string().into()).expect("a request")).await
}
