//! A shop with one use case: its contract, its dataset, and a service that keeps it, or breaks it on demand.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bdd::{Plans, Target};
use bytes::Bytes;
use dataset::{Dataset, Published};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use operation::{Body, BoxFuture, Endpoint};
use serde_json::{Value, json};
use verify::Client;

pub const PEOPLE: &str = "
about: Who sells.
identity: email
items:
  asha:
    about: The clerk.
    value: { email: \"asha-${run}@shop.example\", password: correct horse, roles: [clerk] }
";

pub const USE_CASE: &str = "
id: UC1
title: A clerk sells
as: clerk
want: to note an order
so that: it is delivered
privacy: An order is the clerk's alone.
flows:
  - id: uc1-sale
    title: Asha sells apples
    tags: [smoke]
    include: [door]
    steps:
      - id: order
        title: Asha notes an order
        actor: asha
        service: shop
        operation: createOrder
        body: { item: apples, count: 3, by: \"${people.asha.email}\", due: \"${now+3d}\" }
        expect:
          status: 201
          headers: { x-shop: open }
          body: { data: { orderId: { $pattern: \"^OR-\", $example: OR-1 }, status: open, count: 3, by: \"${people.asha.email}\", due: \"${now+3d}\" } }
        save: { orderId: /data/orderId }
        emits: [order.created]
        then:
          - id: kept
            title: The order is kept
            actor: asha
            service: shop
            operation: getOrder
            path: { orderId: \"${saved.orderId}\" }
            eventually: true
            expect: { status: 200, body: { data: { orderId: \"${saved.orderId}\", tags: { $contains: [fresh] } } } }
    cases:
      - id: refused
        title: What is not sold
        base: order
        rows:
          - { id: none, title: No apples at all, change: { /body/count: 0 }, status: 400, code: VALIDATION_ERROR }
          - { id: broken, title: By a token | of nobody's, credentials: broken, status: 401, code: UNAUTHORIZED }
";

const DOOR: &str = "
id: door
title: The shop is open
steps:
  - id: log-in
    title: Asha logs in
    actor: asha
    credentials: none
    service: shop
    operation: logIn
    body: { email: \"${people.asha.email}\", password: \"${people.asha.password}\" }
    expect: { status: 200, body: { data: { accessToken: { $type: string, $example: secret-token } } } }
    save: { tokens.asha: /data/accessToken }
";

/// The flows of the shop, with this use case.
pub fn plans(use_case: &str) -> Plans {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        fs::write(path, text).unwrap();
    };
    file("entities/people.yaml", PEOPLE);
    file("backgrounds/door.yaml", DOOR);
    file("use-cases/uc1-a-clerk-sells.yaml", use_case);
    let dataset = Dataset::load(folder.path()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut published = Published::default();
    published.services.insert("shop".to_owned(), dataset::Service::of(contract(), json!({})));
    Plans::of_dataset(Arc::new(dataset), Arc::new(published))
}

fn contract() -> Value {
    let refusal = |code: &str| {
        let schema = json!({ "properties": { "error": { "properties": { "code": { "const": code } } } } });
        json!({ "description": "refused", "content": { "application/json": { "schema": schema } } })
    };
    let body = json!({ "content": { "application/json": { "schema": {} } } });
    let done = json!({ "description": "done" });
    json!({ "openapi": "3.1.0", "paths": {
        "/shop/v1/login": { "post": {
            "operationId": "logIn", "requestBody": body, "x-policy": { "rule": "public" }, "responses": { "200": done } } },
        "/shop/v1/orders": { "post": {
            "operationId": "createOrder", "requestBody": body, "x-policy": { "rule": "role", "roles": ["clerk"] },
            "responses": { "201": done, "400": refusal("VALIDATION_ERROR"), "401": refusal("UNAUTHORIZED") } } },
        "/shop/v1/orders/{orderId}": { "get": {
            "operationId": "getOrder", "x-policy": { "rule": "role", "roles": ["clerk"] },
            "responses": { "200": done, "404": refusal("NOT_FOUND") } } },
    } })
}

/// What the service does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// An order is lost.
    Lost,
    /// What is wrong is taken.
    TakesAll,
    /// Who comes first is to come again.
    Busy,
    /// Nobody gets in today.
    Closed,
}

/// The service.
pub struct Shop {
    fault: Fault,
    asked: AtomicUsize,
}

/// The shop as something to run against.
pub fn target(fault: Fault) -> Target {
    let shop = Shop { fault, asked: AtomicUsize::new(0) };
    Target {
        name: "the shop".to_owned(),
        enver: "dev".to_owned(),
        client: Client::of(Arc::new(shop)),
        platform: None,
        secret: None,
        run: "r1".to_owned(),
    }
}

impl Shop {
    fn is_full(&self) -> bool {
        match self.fault {
            Fault::Busy => self.asked.fetch_add(1, Ordering::Relaxed) == 0,
            fault => fault == Fault::Closed,
        }
    }
}

impl Endpoint for Shop {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let sent: Value = match body.collect().await {
                Ok(body) => serde_json::from_slice(&body.to_bytes()).unwrap_or_default(),
                Err(_) => Value::Null,
            };
            let known = head.headers.get(header::AUTHORIZATION).is_some_and(|token| token == "Bearer secret-token");
            let (status, body) = match (head.method, head.uri.path()) {
                (Method::POST, "/shop/v1/login") if self.is_full() => {
                    (429, json!({ "error": { "code": "RATE_LIMITED", "message": "Later." } }))
                }
                (Method::POST, "/shop/v1/login") => (200, json!({ "data": { "accessToken": "secret-token" } })),
                _ if !known => (401, json!({ "error": { "code": "UNAUTHORIZED", "message": "Who?" } })),
                (Method::POST, _) if sent["count"].as_i64() < Some(1) && self.fault != Fault::TakesAll => {
                    (400, json!({ "error": { "code": "VALIDATION_ERROR", "message": "How many?" } }))
                }
                (Method::POST, _) => {
                    let status = if self.fault == Fault::Lost { "lost" } else { "open" };
                    let mut order = json!({ "orderId": "OR-1", "status": status });
                    for name in ["count", "by", "due"] {
                        order[name] = sent[name].clone();
                    }
                    (201, json!({ "data": order }))
                }
                _ => {
                    // The tag comes a moment later, as what follows from an event does.
                    let tags = if self.asked.fetch_add(1, Ordering::Relaxed) == 0 { vec![] } else { vec!["fresh"] };
                    (200, json!({ "data": { "orderId": "OR-1", "tags": tags } }))
                }
            };
            let mut response = Response::new(Bytes::from(body.to_string()));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            response.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
            let wait = if self.fault == Fault::Closed { "86400" } else { "0" };
            response.headers_mut().insert(header::RETRY_AFTER, wait.parse().unwrap());
            response.headers_mut().insert("x-shop", "open".parse().unwrap());
            response
        })
    }
}
