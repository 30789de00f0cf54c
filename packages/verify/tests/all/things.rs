//! A small deployment that says only in `Location` what it made, and lists its things in one of several ways.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use document::Api;
use http::{Method, Request, Response, header};
use http_body_util::BodyExt;
use operation::{Body, BoxFuture, Endpoint};
use serde_json::{Value, json};

/// How it lists its things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// In pages of two, or of three where that is asked for, each with the cursor of the next.
    Pages,
    /// So, but without the last of all.
    WithoutTheLast,
    /// So, and no two of one name.
    UniqueWithoutTheLast,
    /// In pages, but with those that are deleted.
    KeepsDeleted,
    /// So, with those that are deleted, which it says.
    MarksDeleted,
    /// What was made a moment ago is not there yet.
    Late,
    /// Only those in a state that nothing made is in, unless another is asked for.
    Chosen,
    /// Only what others made, where a yes or no would show more.
    Foreign,
    /// The first two, with pages by number of which nobody says how long they are.
    OfUnknownLength,
}

/// Its contract.
pub fn contract(listing: Listing) -> Api {
    let thing = json!({
        "type": "object", "required": ["id", "name", "state"],
        "properties": { "id": { "type": "integer" }, "name": { "type": "string" }, "state": { "type": "string" } },
    });
    let answer = |schema: Value| json!({ "description": "", "content": { "application/json": { "schema": schema } } });
    let query = |name: &str, schema: Value| json!({ "name": name, "in": "query", "schema": schema });
    let parameters = match listing {
        Listing::Chosen => json!([query("state", json!({ "type": "string", "default": "published" }))]),
        Listing::Foreign => json!([query("mine", json!({ "type": "boolean" }))]),
        Listing::OfUnknownLength => json!([query("page", json!({ "type": "integer", "minimum": 1 }))]),
        _ => json!([
            query("cursor", json!({ "type": "string" })),
            query("pageSize", json!({ "type": "integer", "minimum": 2, "maximum": 3 })),
        ]),
    };
    let listed = json!({
        "type": "object", "required": ["items"],
        "properties": { "items": { "type": "array", "items": thing }, "next": { "type": "string" } },
    });
    let new = json!({ "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } });
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Things", "version": "1" },
        "paths": {
            "/things": {
                "get": { "operationId": "listThings", "parameters": parameters, "responses": {
                    "200": answer(listed), "400": { "description": "" },
                } },
                "post": {
                    "operationId": "createThing",
                    "requestBody": { "required": true, "content": { "application/json": { "schema": new } } },
                    "responses": { "201": { "description": "" }, "202": { "description": "" }, "400": { "description": "" }, "409": { "description": "" } },
                },
            },
            "/things/{thingId}": {
                "parameters": [{ "name": "thingId", "in": "path", "required": true, "schema": { "type": "integer" } }],
                "get": { "operationId": "getThing", "responses": { "200": answer(thing), "400": { "description": "" } } },
                "delete": { "operationId": "deleteThing", "responses": { "204": { "description": "" }, "400": { "description": "" } } },
            },
        },
    });
    Api::read(document.to_string().as_bytes()).unwrap()
}

/// Answers by the contract, but for how it lists.
pub struct Things {
    api: Api,
    listing: Listing,
    next: AtomicUsize,
    things: Mutex<Vec<Thing>>,
}

struct Thing {
    id: usize,
    name: Value,
    deleted: bool,
    /// How often the things were listed since it was made.
    listed: usize,
}

impl Thing {
    fn shown(&self, state: &str) -> Value {
        json!({ "id": self.id, "name": self.name, "state": state })
    }
}

impl Things {
    /// Its first id is this one.
    pub fn listed(first: usize, listing: Listing) -> Arc<Self> {
        Arc::new(Self { api: contract(listing), listing, next: AtomicUsize::new(first), things: Mutex::default() })
    }

    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
        let on_path = |operation: &&document::Operation| operation.template.matches(path).is_some();
        let Some(operation) =
            self.api.operations.iter().filter(on_path).find(|known| known.method == *request.method())
        else {
            return status(405).header(header::ALLOW, "GET, POST, DELETE").body(Bytes::new()).unwrap();
        };
        let call = document::Call { path, query, headers: request.headers(), body: request.body() };
        if !operation.check_request(&call).is_empty() {
            return status(400).body(Bytes::new()).unwrap();
        }
        let id = path.rsplit('/').next().and_then(|id| id.parse::<usize>().ok());
        let mut things = self.things.lock().unwrap();
        match (operation.id.as_str(), things.iter_mut().find(|thing| Some(thing.id) == id && !thing.deleted)) {
            ("listThings", _) => self.list(query, &mut things),
            ("createThing", _) => {
                let sent: Value = serde_json::from_slice(request.body()).unwrap();
                if self.listing == Listing::UniqueWithoutTheLast
                    && things.iter().any(|thing| thing.name == sent["name"])
                {
                    return status(409).body(Bytes::new()).unwrap();
                }
                let id = self.next.fetch_add(1, Ordering::Relaxed);
                things.push(Thing { id, name: sent["name"].clone(), deleted: false, listed: 0 });
                status(201).header(header::LOCATION, format!("/things/{id}")).body(Bytes::new()).unwrap()
            }
            (_, None) => status(404).body(Bytes::new()).unwrap(),
            (_, Some(thing)) if request.method() == Method::DELETE => {
                thing.deleted = true;
                status(204).body(Bytes::new()).unwrap()
            }
            (_, Some(thing)) => json(&thing.shown("draft")),
        }
    }

    fn list(&self, query: &str, things: &mut [Thing]) -> Response<Bytes> {
        let of = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.parse::<usize>().ok());
        let from = of("cursor=").unwrap_or(0);
        for thing in things.iter_mut().filter(|_| from == 0) {
            thing.listed += 1;
        }
        let all: Vec<Value> = things
            .iter()
            .filter(|thing| match self.listing {
                Listing::KeepsDeleted | Listing::MarksDeleted => true,
                Listing::Chosen | Listing::Foreign => false,
                Listing::Late => !thing.deleted && thing.listed > 4,
                _ => !thing.deleted,
            })
            .map(|thing| {
                thing.shown(if thing.deleted && self.listing == Listing::MarksDeleted { "gone" } else { "draft" })
            })
            .collect();
        let without = usize::from(matches!(self.listing, Listing::WithoutTheLast | Listing::UniqueWithoutTheLast));
        let size = of("pageSize=").unwrap_or(2);
        let count = all.len().saturating_sub(without);
        let items: Vec<&Value> = all.iter().take(count).skip(from).take(size).collect();
        let mut page = json!({ "items": items });
        if from + size < count {
            page["next"] = json!((from + size).to_string());
        }
        json(&page)
    }
}

impl Endpoint for Things {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            self.answer(&Request::from_parts(head, body))
        })
    }
}

fn status(status: u16) -> http::response::Builder {
    Response::builder().status(status)
}

fn json(body: &Value) -> Response<Bytes> {
    status(200).header(header::CONTENT_TYPE, "application/json").body(Bytes::from(body.to_string())).unwrap()
}
