//! What stands before the services of a mock: its control, the messages that were emitted, and the tokens that tests know
//! by heart. Everything else goes to the services.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use operation::{Body, BoxFuture, Endpoint, Environment, refuse, secure};
use serde_json::{Value as Json, json};
use service_errors::{Error, Kind};
use validation::types::Timestamp;

use crate::constellation::Constellation;

/// The services of a mock, and what stands before them.
pub struct Front {
    constellation: Arc<Constellation>,
    services: Arc<dyn Endpoint>,
}

impl Front {
    /// Before these services.
    pub fn before(services: Arc<dyn Endpoint>, constellation: Arc<Constellation>) -> Self {
        Self { constellation, services }
    }

    async fn control(&self, request: Request<Body>) -> Result<Response<Bytes>, Error> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        let query = head.uri.query().unwrap_or_default();
        match (&head.method, path) {
            (&Method::GET, MESSAGES) => return Ok(self.messages(query)),
            (&Method::GET, "/_mock/clock") => return Ok(self.clock()),
            (&Method::GET, "/_mock/queues") => return Ok(self.queues()),
            (&Method::GET, _) if path.starts_with(QUEUE) => {
                return self.queue(path.strip_prefix(QUEUE).unwrap_or_default(), query);
            }
            (&Method::POST, "/_mock/reset" | "/_mock/snapshot" | "/_mock/restore" | "/_mock/clock") => {}
            (_, MESSAGES | "/_mock/queues") => return Err(not_allowed("GET")),
            (_, "/_mock/clock") => return Err(not_allowed("GET, POST")),
            (_, "/_mock/reset" | "/_mock/snapshot" | "/_mock/restore") => return Err(not_allowed("POST")),
            _ => return Err(Error::new(Kind::NotFound)),
        }
        let said = said(body).await?;
        match path {
            "/_mock/reset" => {
                self.constellation.reset();
                self.constellation.run_clock();
                Ok(empty())
            }
            "/_mock/snapshot" => match self.constellation.snapshot(name(&said)?) {
                true => Ok(empty()),
                false => Err(issue("/name", "there are too many snapshots: use one of their names again")),
            },
            "/_mock/restore" => match self.constellation.restore(name(&said)?) {
                true => Ok(empty()),
                false => Err(Error::new(Kind::NotFound).with_message("There is no snapshot of that name.")),
            },
            _ => self.set_clock(&said),
        }
    }

    fn set_clock(&self, said: &Json) -> Result<Response<Bytes>, Error> {
        let told = said.as_object().filter(|told| told.len() == 1).and_then(|told| told.iter().next());
        const WAYS: &str = r#"must be {"at": "2027-01-15T08:00:00Z"}, {"advanceSeconds": 60} or {"run": true}"#;
        match told.map(|(key, value)| (key.as_str(), value)) {
            Some(("at", Json::String(at))) => {
                let at = Timestamp::try_from(at.clone()).map_err(|_| issue("/at", "is no time (RFC 3339)"))?;
                self.constellation.stop_clock(at.unix_millis());
            }
            Some(("advanceSeconds", seconds)) => {
                let seconds = seconds.as_i64().ok_or_else(|| issue("/advanceSeconds", "is no whole number"))?;
                self.constellation.advance_clock(seconds.saturating_mul(1000));
            }
            Some(("run", Json::Bool(true))) => self.constellation.run_clock(),
            _ => return Err(issue("", WAYS)),
        }
        Ok(self.clock())
    }

    fn clock(&self) -> Response<Bytes> {
        let now = Timestamp::from_unix_millis(self.constellation.now()).to_string();
        data(json!({ "now": now, "stands": self.constellation.stands() }))
    }

    /// The latest events with these fields, the latest first.
    fn messages(&self, query: &str) -> Response<Bytes> {
        const MOST: usize = 100;
        let asked = pairs(query);
        let state = self.constellation.state();
        let events: Vec<Json> = state.messages(0).map(|message| message.event.clone()).collect();
        let fits = |event: &Json| asked.iter().all(|(name, value)| event[name.as_str()] == value.as_str());
        let mut answer = data(events.into_iter().rev().filter(fits).take(MOST).collect());
        secure(answer.headers_mut(), false);
        answer
    }

    fn queues(&self) -> Response<Bytes> {
        let queues = self.constellation.queues();
        let told = queues.iter().map(|(name, kinds)| {
            json!({ "queue": name, "takes": kinds, "messages": self.constellation.on_queue(kinds, 0).len() })
        });
        data(told.collect())
    }

    /// What came on a queue, from a number on, the oldest first.
    fn queue(&self, name: &str, query: &str) -> Result<Response<Bytes>, Error> {
        let queues = self.constellation.queues();
        let Some((_, kinds)) = queues.iter().find(|(known, _)| known == name) else {
            return Err(Error::new(Kind::NotFound).with_message("No service of this enver takes messages there."));
        };
        let from = pairs(query).into_iter().find(|(name, _)| name == "from").and_then(|(_, from)| from.parse().ok());
        let told = self.constellation.on_queue(kinds, from.unwrap_or_default());
        Ok(data(told.into_iter().map(|message| json!({ "number": message.number, "event": message.event })).collect()))
    }
}

const MESSAGES: &str = "/_messages";
const QUEUE: &str = "/_mock/queues/";

impl Endpoint for Front {
    fn call(&self, mut request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        if request.uri().path().starts_with("/_m") {
            return Box::pin(async move {
                let headers = request.headers().clone();
                let answer = self.control(request).await;
                answer.unwrap_or_else(|error| refuse(&error, &headers, Environment::Mock))
            });
        }
        self.exchange(request.headers_mut());
        self.services.call(request)
    }
}

impl Front {
    /// Puts a token that was signed in the place of one that tests know by heart.
    fn exchange(&self, headers: &mut HeaderMap) {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(known) = given.and_then(|given| given.strip_prefix("Bearer ")) else { return };
        if let Ok(Some(token)) = self.constellation.known_token(known)
            && let Ok(value) = HeaderValue::try_from(format!("Bearer {token}"))
        {
            headers.insert(header::AUTHORIZATION, value);
        }
    }
}

async fn said(body: Body) -> Result<Json, Error> {
    const LIMIT: usize = 4096;
    let bytes = operation::read(body, LIMIT).await?;
    if bytes.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        let reason = error.to_string();
        Error::new(Kind::InvalidJson)
            .with_details(json!({ "line": error.line(), "column": error.column(), "reason": reason }))
    })
}

/// The name of a snapshot; there is one without a name.
fn name(said: &Json) -> Result<&str, Error> {
    const LONGEST: usize = 100;
    match said.get("name") {
        None => Ok(""),
        Some(Json::String(name)) if name.len() <= LONGEST => Ok(name),
        Some(_) => Err(issue("/name", "must be a text of at most 100 bytes")),
    }
}

fn issue(pointer: &str, message: &str) -> Error {
    let issue = json!({ "in": "body", "pointer": pointer, "rule": "control", "message": message });
    Error::new(Kind::Validation).with_details(json!({ "issues": [issue] }))
}

fn not_allowed(methods: &str) -> Error {
    Error::new(Kind::MethodNotAllowed).with_details(json!({ "allow": methods }))
}

fn pairs(query: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(query).unwrap_or_default()
}

fn data(data: Json) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(json!({ "data": data }).to_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn empty() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
