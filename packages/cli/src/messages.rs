//! `/_messages`: the events that services told of late. What a person would read in a mail (the token of an invitation,
//! of a password reset) leaves a service in no other way.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use embedded_aws::refuse_non_loopback;
use http::{HeaderValue, Method, Request, Response, header};
use operation::{Body, BoxFuture, Endpoint, Environment, refuse, secure};
use serde_json::{Value, json};
use service_errors::{Error, Kind};

/// Where they are asked for: `/_messages?type=invitation.created&tenantid=acme`. Every parameter is a field of the
/// event and must be equal.
pub const PATH: &str = "/_messages";

/// The latest events; the process forgets them.
#[derive(Default)]
pub struct Messages(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    events: VecDeque<String>,
    bytes: usize,
}

/// How many are kept.
const MOST: usize = 1000;
/// What they weigh at most together, in bytes.
const MOST_BYTES: usize = 4 << 20;

impl Messages {
    /// Keeps an event, and forgets the oldest when there are too many.
    pub fn keep(&self, event: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += event.len();
        kept.events.push_back(event.to_owned());
        while kept.events.len() > MOST || kept.bytes > MOST_BYTES {
            let Some(oldest) = kept.events.pop_front() else { return };
            kept.bytes -= oldest.len();
        }
    }

    /// Answers [`PATH`], and leaves everything else to the services.
    pub fn beside(self: &Arc<Self>, services: Arc<dyn Endpoint>, environment: Environment) -> impl Endpoint + use<> {
        Beside { messages: Arc::clone(self), services, environment }
    }

    /// Those whose fields are these, the latest first.
    fn find(&self, fields: &[(String, String)]) -> Vec<Value> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let events = kept.events.iter().rev().filter_map(|event| serde_json::from_str::<Value>(event).ok());
        let fits = |event: &Value| {
            fields.iter().all(|(name, value)| event.get(name).and_then(Value::as_str) == Some(value.as_str()))
        };
        events.filter(fits).collect()
    }
}

struct Beside {
    messages: Arc<Messages>,
    services: Arc<dyn Endpoint>,
    environment: Environment,
}

impl Endpoint for Beside {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        if request.uri().path() != PATH {
            return self.services.call(request);
        }
        let answer = match *request.method() {
            _ if !made_for_this_machine(&request) => Err(Error::new(Kind::NotFound)),
            Method::GET => self.answer(request.uri().query().unwrap_or_default()),
            _ => Err(Error::new(Kind::MethodNotAllowed).with_details(json!({ "allow": "GET" }))),
        };
        let answer = answer.unwrap_or_else(|error| refuse(&error, request.headers(), self.environment));
        Box::pin(std::future::ready(answer))
    }
}

impl Beside {
    fn answer(&self, query: &str) -> Result<Response<Bytes>, Error> {
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_str(query).map_err(|_| Error::new(Kind::Validation))?;
        let body = json!({ "data": self.messages.find(&fields) });
        let mut response = Response::new(Bytes::from(body.to_string()));
        secure(response.headers_mut(), false);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(response)
    }
}

/// Whether it names this machine, if any: a web page whose name was pointed here names another, and may not read tokens.
fn made_for_this_machine(request: &Request<Body>) -> bool {
    let named = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let named = named.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    named.is_none_or(|host| refuse_non_loopback(&format!("http://{host}")).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_names_this_machine_reads_messages() {
        let by = |host: &str| Request::get(PATH).header(header::HOST, host).body(operation::full("")).unwrap();

        for host in ["127.0.0.1:4200", "localhost:4200", "[::1]:4200"] {
            assert!(made_for_this_machine(&by(host)), "{host}");
        }
        for host in ["rebound.example", "rebound.example:4200", "127.0.0.1.rebound.example", ""] {
            assert!(!made_for_this_machine(&by(host)), "{host}");
        }
    }

    #[test]
    fn the_oldest_are_forgotten_first_by_number_and_by_weight() {
        let messages = Messages::default();
        for number in 0..=MOST {
            messages.keep(&json!({ "id": number.to_string(), "type": "a" }).to_string());
        }
        assert_eq!(messages.find(&[]).len(), MOST);
        assert_eq!(messages.find(&[("id".into(), "0".into())]).len(), 0);

        messages.keep(&json!({ "id": "heavy", "data": "x".repeat(MOST_BYTES - 100) }).to_string());
        assert!(messages.find(&[("id".into(), "heavy".into())]).len() == 1 && messages.find(&[]).len() < 10);
        assert!(messages.0.lock().unwrap().bytes <= MOST_BYTES);
    }
}
