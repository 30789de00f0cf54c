//! A small deployment of a small contract, which can be given one flaw.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use document::{Api, Call};
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use operation::{Body, BoxFuture, Endpoint};
use serde_json::{Value, json};
use tokio::sync::watch;
use verify::{Asking, Caller, Client, Manners, Plan, Report, verify};

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    None,
    TakesAnyBody,
    TakesAnyQuery,
    AnswersAnotherType,
    LosesAHeaderField,
    AnswersAnUndeclaredStatus,
    FailsForLongTitles,
    NamesNoMethods,
    TakesAnyMethod,
    TakesAnyMediaType,
    TakesBrokenJson,
    LetsEverybodyIn,
    LetsForgedCredentialsIn,
    KeepsWhatIsDeleted,
    ForgetsWhatIsMade,
    ShowsOtherTenants,
    RefusesWhatIsValid,
    ListsAnotherType,
    ListsTooLittle,
    IgnoresTheLimit,
    LeavesOutOfTheList,
    ListsWhatIsDeleted,
    ForgetsChanges,
    TakesOldChanges,
    RefusesNewChanges,
    LeadsNowhere,
    ForgetsTagged,
    ListsTaggedOtherwise,
}

pub const TOKEN: &str = "the-token-of-ada-0001";
pub const OTHER: &str = "the-token-of-bob-0002";

/// The contract. `ours` has what only contracts of ours say.
pub fn contract(ours: bool) -> Api {
    Api::read(contract_text(ours).as_bytes()).unwrap()
}

/// The same as text.
pub fn contract_text(ours: bool) -> String {
    let note = json!({
        "type": "object", "required": ["noteId", "title"], "additionalProperties": false,
        "properties": { "noteId": { "type": "string" }, "title": { "type": "string" }, "tags": { "type": "array" } },
    });
    let headers = json!({ "X-Request-Id": { "required": true, "schema": { "type": "string" } } });
    let answer = |schema: &Value| {
        json!({
            "description": "", "headers": headers, "content": { "application/json": { "schema": schema } },
        })
    };
    let error = json!({
        "type": "object", "required": ["error"],
        "properties": { "error": { "type": "object", "required": ["code"] } },
    });
    let new_note = json!({
        "type": "object", "required": ["title"], "additionalProperties": false,
        "properties": {
            "title": { "type": "string", "minLength": 1, "maxLength": 20 },
            "tags": { "type": "array", "maxItems": 3, "items": { "enum": ["red", "blue"] } },
        },
    });
    let with_errors = |success: &str, response: Value| {
        let mut responses = json!({ success: response });
        for status in ["400", "401", "404", "405", "412", "415"] {
            responses[status] = answer(&error);
        }
        responses
    };
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Notes", "version": "1" },
        "components": { "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } } },
        "security": [{ "bearer": [] }],
        "paths": {
            "/sessions": { "post": {
                "operationId": "logIn",
                "security": [],
                "requestBody": { "required": true, "content": { "application/json": { "schema": {
                    "type": "object", "required": ["name"], "additionalProperties": false,
                    "properties": { "name": { "enum": ["ada", "bob"] } },
                } } } },
                "responses": with_errors("201", answer(&json!({
                    "type": "object", "required": ["token"], "properties": { "token": { "type": "string" } },
                }))),
            } },
            "/notes": {
                "get": {
                    "operationId": "listNotes",
                    "parameters": [
                        { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 50 } },
                        { "name": "order", "in": "query", "schema": { "enum": ["up", "down"] } },
                    ],
                    "responses": with_errors("200", answer(&json!({ "type": "array", "items": note }))),
                },
                "post": {
                    "operationId": "createNote",
                    "requestBody": { "required": true, "content": { "application/json": { "schema": new_note } } },
                    "responses": with_errors("201", answer(&note)),
                },
            },
            "/notes/{noteId}": {
                "parameters": [{ "name": "noteId", "in": "path", "required": true, "schema": { "type": "string" } }],
                "get": { "operationId": "getNote", "responses": with_errors("200", answer(&note)) },
                "put": {
                    "operationId": "changeNote",
                    "parameters": [{ "name": "If-Match", "in": "header", "schema": { "type": "string" } }],
                    "requestBody": { "required": true, "content": { "application/json": { "schema": new_note } } },
                    "responses": with_errors("200", answer(&note)),
                },
                "delete": {
                    "operationId": "deleteNote",
                    "responses": with_errors("204", json!({ "description": "", "headers": headers })),
                },
            },
        },
    });
    if ours {
        for operations in document["paths"].as_object_mut().unwrap().values_mut() {
            for name in ["get", "post", "put", "delete"] {
                if let Some(operation) = operations.get_mut(name) {
                    operation["x-policy"] = json!({ "rule": "authenticated" });
                }
            }
        }
    }
    document.to_string()
}

/// Answers by the contract, but for its flaw.
pub struct Notes {
    api: Api,
    flaw: Flaw,
    /// What the ids that it makes begin with.
    ids: &'static str,
    made: AtomicUsize,
    notes: Mutex<BTreeMap<String, (String, Value)>>,
}

impl Notes {
    pub fn with(flaw: Flaw) -> Arc<Self> {
        Self::making("note-1", flaw)
    }

    pub fn making(ids: &'static str, flaw: Flaw) -> Arc<Self> {
        Arc::new(Self { api: contract(true), flaw, ids, made: AtomicUsize::new(0), notes: Mutex::default() })
    }

    fn answer(&self, method: &Method, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Response<Bytes> {
        let flaw = self.flaw;
        let on_path: Vec<_> =
            self.api.operations.iter().filter(|operation| operation.template.matches(path).is_some()).collect();
        if on_path.is_empty() {
            return refused(404, "NOT_FOUND", &[]);
        }
        let Some(operation) = on_path.iter().find(|operation| operation.method == *method) else {
            if flaw == Flaw::TakesAnyMethod {
                return answered(200, &json!([]));
            }
            let mut answer = refused(405, "METHOD_NOT_ALLOWED", &[]);
            let allow: Vec<&str> = on_path.iter().map(|operation| operation.method.as_str()).collect();
            if flaw != Flaw::NamesNoMethods {
                answer.headers_mut().insert(header::ALLOW, allow.join(", ").parse().unwrap());
            }
            return answer;
        };
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = given.strip_prefix("Bearer ").unwrap_or_default();
        let known = [TOKEN, OTHER].contains(&token);
        let forged = flaw == Flaw::LetsForgedCredentialsIn && !token.is_empty();
        if !known && !forged && flaw != Flaw::LetsEverybodyIn && !operation.security.is_empty() {
            let mut answer = refused(401, "UNAUTHORIZED", &[]);
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, "Bearer".parse().unwrap());
            return answer;
        }
        if let Some(answer) = self.refusal(operation, path, query, headers, body) {
            return answer;
        }
        let said = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        self.done(&operation.id, (path, query), token, said, body)
    }

    fn refusal(
        &self,
        operation: &document::Operation,
        path: &str,
        query: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Option<Response<Bytes>> {
        let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let tolerated = self.flaw == Flaw::TakesAnyMediaType && !media_type.is_empty();
        if operation.body.is_some() && media_type != "application/json" && !tolerated {
            return Some(refused(415, "UNSUPPORTED_MEDIA_TYPE", &[]));
        }
        let parsed = serde_json::from_slice::<Value>(body);
        if operation.body.is_some() && parsed.is_err() {
            return (self.flaw != Flaw::TakesBrokenJson).then(|| refused(400, "INVALID_JSON", &[]));
        }
        let long = parsed.ok().is_some_and(|body| body["title"].as_str().is_some_and(|title| title.len() == 21));
        if long && self.flaw == Flaw::FailsForLongTitles {
            return Some(refused(500, "INTERNAL_ERROR", &[]));
        }
        let issues = operation.check_request(&Call { path, query, headers, body });
        let of_body = issues.iter().all(|issue| issue.part == document::Part::Body);
        let tolerated = match self.flaw {
            Flaw::TakesAnyBody => of_body,
            Flaw::TakesAnyQuery => !of_body,
            Flaw::TakesAnyMediaType => issues.iter().all(|issue| issue.rule == "contentType"),
            _ => false,
        };
        let limited = operation.id == "listNotes" && query.contains("limit=") && issues.is_empty();
        if self.flaw == Flaw::RefusesWhatIsValid && limited {
            return Some(refused(
                400,
                "VALIDATION_ERROR",
                &[json!({ "in": "query", "pointer": "/limit", "rule": "maximum" })],
            ));
        }
        let listed: Vec<Value> = issues.iter().map(document::Issue::to_json).collect();
        (!issues.is_empty() && !tolerated).then(|| refused(400, "VALIDATION_ERROR", &listed))
    }

    fn done(
        &self,
        operation: &str,
        (path, query): (&str, &str),
        token: &str,
        if_match: Option<&str>,
        body: &[u8],
    ) -> Response<Bytes> {
        let flaw = self.flaw;
        let mut notes = self.notes.lock().unwrap();
        let id = path.rsplit('/').next().unwrap_or_default().to_owned();
        let mine = |owner: &str| owner == token || self.flaw == Flaw::ShowsOtherTenants;
        match operation {
            "logIn" => {
                let sent: Value = serde_json::from_slice(body).unwrap_or_default();
                answered(201, &json!({ "token": if sent["name"] == "bob" { OTHER } else { TOKEN } }))
            }
            "createNote" => {
                let sent: Value = serde_json::from_slice(body).unwrap_or_default();
                let tagged = sent.get("tags").is_some();
                let with_tags = if tagged && flaw == Flaw::ListsTaggedOtherwise { "-tagged" } else { "" };
                let id = format!("{}{:03}{with_tags}", self.ids, self.made.fetch_add(1, Ordering::Relaxed));
                let note = json!({ "noteId": id, "title": sent["title"].as_str().unwrap_or("?") });
                let forgotten = flaw == Flaw::ForgetsWhatIsMade || flaw == Flaw::ForgetsTagged && tagged;
                if !forgotten {
                    notes.insert(id.clone(), (token.to_owned(), note.clone()));
                }
                let mut answer = answered(if flaw == Flaw::AnswersAnUndeclaredStatus { 202 } else { 201 }, &note);
                let place = if flaw == Flaw::LeadsNowhere { format!("/notes/of-{id}") } else { format!("/notes/{id}") };
                answer.headers_mut().insert(header::LOCATION, place.parse().unwrap());
                answer
            }
            "listNotes" => {
                let shown = |note: &Value| !note["deleted"].is_boolean() || flaw == Flaw::ListsWhatIsDeleted;
                let own = notes.values().filter(|(owner, note)| mine(owner) && shown(note));
                let mut listed: Vec<Value> = own.map(|(_, note)| note.clone()).collect();
                for note in &mut listed {
                    note.as_object_mut().unwrap().remove("deleted");
                    match flaw {
                        Flaw::ListsAnotherType => note["title"] = json!(7),
                        Flaw::ListsTaggedOtherwise if note["noteId"].as_str().unwrap().ends_with("-tagged") => {
                            note["title"] = json!(7);
                        }
                        Flaw::ListsTooLittle => drop(note.as_object_mut().unwrap().remove("title")),
                        _ => {}
                    }
                }
                if flaw == Flaw::LeavesOutOfTheList {
                    listed.pop();
                }
                if query.contains("order=down") {
                    listed.reverse();
                }
                let limit = query.split('&').find_map(|pair| pair.strip_prefix("limit=")?.parse().ok());
                if flaw != Flaw::IgnoresTheLimit {
                    listed.truncate(limit.unwrap_or(50));
                }
                answered(200, &listed.into())
            }
            "changeNote" => {
                match notes.get_mut(&id).filter(|(owner, note)| mine(owner) && !note["deleted"].is_boolean()) {
                    Some((_, note)) => {
                        let outdated = if_match.is_some_and(|known| known != tag_of(note));
                        if flaw != Flaw::TakesOldChanges && outdated
                            || flaw == Flaw::RefusesNewChanges && if_match.is_some()
                        {
                            return refused(412, "PRECONDITION_FAILED", &[]);
                        }
                        let sent: Value = serde_json::from_slice(body).unwrap_or_default();
                        let changed = json!({ "noteId": id, "title": sent["title"].as_str().unwrap_or("?") });
                        if flaw != Flaw::ForgetsChanges {
                            *note = changed.clone();
                        }
                        with_tag(answered(200, &changed), &changed)
                    }
                    None => refused(404, "NOT_FOUND", &[]),
                }
            }
            "getNote" => match notes.get(&id).filter(|(owner, note)| mine(owner) && !note["deleted"].is_boolean()) {
                Some((_, note)) if self.flaw == Flaw::AnswersAnotherType => {
                    answered(200, &json!({ "noteId": 7, "title": note["title"] }))
                }
                Some((_, note)) => {
                    let mut answer = with_tag(answered(200, note), note);
                    if self.flaw == Flaw::LosesAHeaderField {
                        answer.headers_mut().remove("x-request-id");
                    }
                    answer
                }
                None => refused(404, "NOT_FOUND", &[]),
            },
            _ => match notes.get_mut(&id).filter(|(_, note)| !note["deleted"].is_boolean()) {
                Some((_, note)) => {
                    if self.flaw != Flaw::KeepsWhatIsDeleted {
                        note["deleted"] = json!(true);
                    }
                    let mut answer = answered(204, &Value::Null);
                    *answer.body_mut() = Bytes::new();
                    answer
                }
                None => refused(404, "NOT_FOUND", &[]),
            },
        }
    }
}

impl Endpoint for Notes {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            self.answer(&head.method, head.uri.path(), head.uri.query().unwrap_or_default(), &head.headers, &body)
        })
    }
}

fn answered(status: u16, body: &Value) -> Response<Bytes> {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-request-id", "0")
        .body(Bytes::from(body.to_string()))
        .unwrap()
}

/// The tag of a note: what it says.
fn tag_of(note: &Value) -> String {
    format!("{:?}", note["title"].as_str().unwrap_or_default())
}

fn with_tag(mut answer: Response<Bytes>, note: &Value) -> Response<Bytes> {
    answer.headers_mut().insert(header::ETAG, tag_of(note).parse().unwrap());
    answer
}

fn refused(status: u16, code: &str, issues: &[Value]) -> Response<Bytes> {
    answered(status, &json!({ "error": { "code": code, "details": { "issues": issues } } }))
}

/// How the notes are asked: by Ada, with what Bob may not see.
pub fn plan() -> Plan {
    Plan {
        callers: vec![Caller::bearer("ada", TOKEN).unwrap()],
        others: vec![Caller::bearer("bob", OTHER).unwrap()],
        ..Plan::default()
    }
}

/// Whoever never says stop.
pub fn never() -> watch::Receiver<bool> {
    watch::channel(false).1
}

/// Asks a deployment of the notes everything.
pub async fn verified(deployment: Arc<dyn Endpoint>, api: &Api) -> Report {
    let mut asking = Asking::new(Client::of(deployment), Manners::default(), never());
    let report = Report::begun(api, "", 1);
    verify(api, &mut asking, &plan(), report, &mut |_| {}).await
}
