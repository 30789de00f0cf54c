//! Status, header fields and body are the same bytes on the native host and on Lambda, whatever hands the event over.
//!
//! Asked is `verify`'s corpus of every contract, and every step and refusal of the use cases. What a form of event cannot
//! say is no request to its function: `Shape::cannot_say` lists those, with reasons, and `verify::said` which header fields
//! are the connection's. The pages that show contracts are none of a service's answers: `enver up` alone has them, and no
//! contract declares them, so they are not asked for.

use std::sync::Arc;

use ::http::{HeaderValue, Request, Response, header};
use bytes::Bytes;
use dataset::{Credentials, Dataset, LogIn, Published, Run, Setting};
use document::Api;
use operation::sign;
use serde_json::{Value, json};
use verify::corpus;

use crate::booking;
use crate::hosts::{Hosts, now, root};

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

    same(&hosts);
    let Hosts { asked, exceptions, .. } = &hosts;
    println!("{asked} requests; exceptions: {exceptions:#?}");
    // Whoever excepts everything compares nothing.
    let most = exceptions.values().max().copied().unwrap_or_default();
    assert!(*asked > 500 && most * 20 < *asked, "{asked} requests, {exceptions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_of_the_use_cases_is_answered_by_every_host_with_the_same_bytes() {
    let dataset = Arc::new(Dataset::load(&root().join("mock-data")).expect("a dataset"));
    let published = Arc::new(Published::load(&root().join("contracts/published/mock")).expect("contracts"));
    let world = booking().await;
    let mut hosts = Hosts::start(&world.platform).await;
    let platform = platform(&mut hosts).await;

    let mut steps = 0;
    for (number, (_, flow)) in dataset.flows().enumerate() {
        let setting = Setting { run: format!("a{number}"), enver: "mock".into(), platform: Some(platform.clone()) };
        let mut run = Run::new(&dataset, &published, flow, setting, now());
        while let Some(next) = run.next(now()) {
            let request = next.unwrap_or_else(|problem| panic!("{}: {problem}", flow.id));
            steps += 1;
            let mut message = request.message;
            // One that a host makes is another on each, and messages carry it on.
            let id = HeaderValue::try_from(format!("step-{steps}")).expect("a word");
            message.headers_mut().entry("x-request-id").or_insert(id);
            if request.credentials == Credentials::Signature {
                sign(&mut message, &mock::service_secret(), "booking", verify::now_micros());
            }
            let answer = hosts.ask(message).await;
            let result = run.answer(answer.status().as_u16(), answer.headers(), answer.body());
            if let Some(pause) = result.again {
                tokio::time::sleep(pause).await;
            }
        }
    }

    same(&hosts);
    assert!(steps > 800 && hosts.exceptions.is_empty(), "{steps} steps, {:?}", hosts.exceptions);
}

fn same(hosts: &Hosts) {
    let Hosts { asked, differences, .. } = hosts;
    let shown = differences[..differences.len().min(12)].join("\n");
    assert!(differences.is_empty(), "{} differences in {asked} requests:\n{shown}", differences.len());
}

/// The log-in of the platform's administrator, whom the holder of the services' secret makes.
async fn platform(hosts: &mut Hosts) -> LogIn {
    let log_in = LogIn { email: "admin@platform.example".into(), password: "the platform's own password".into() };
    let body = json!({ "email": log_in.email, "name": "Platform", "password": log_in.password });
    let request =
        Request::post("/auth/internal/v1/platform/administrator").header(header::CONTENT_TYPE, "application/json");
    let mut request = request.body(body.to_string().into()).expect("a request");
    sign(&mut request, &mock::service_secret(), "enver", verify::now_micros());
    assert_eq!(hosts.ask(request).await.status(), 201);
    log_in
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
