//! Status, header fields and body of the same questions, host by host.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::conversation::Conversation;
use crate::world::{Host, World, freight, get, post};

const QUOTES: &str = "/booking/v1/quotes";
const BOOKINGS: &str = "/booking/v1/bookings";
/// The tenant lets browsers call from here.
const ORIGIN: &str = "https://app.example";

#[tokio::test(flavor = "multi_thread")]
async fn every_host_gives_the_same_answers() {
    let world = World::start().await;
    world.admit(ORIGIN).await;
    let freight = freight();
    // Each host talks to a shipper of its own, so that none lists what another booked.
    let native = talk(&world.native, &world.shipper("north").await, &freight).await;
    let lambda = talk(&world.lambda, &world.shipper("south").await, &freight).await;
    let worker = talk(&world.worker, &world.shipper("west").await, &freight).await;

    assert!(native.len() > 1 && native.len() == lambda.len() && native.len() == worker.len());
    let mut different = String::new();
    for (name, other) in [("lambda", &lambda), ("worker", &worker)] {
        for ((what, expected), (_, found)) in native.iter().zip(other).filter(|(one, other)| one != other) {
            different.push_str(&format!("── {what}\nnative answers {expected}\n{name} answers {found}\n\n"));
        }
    }
    assert!(different.is_empty(), "\n{different}");
}

async fn talk(host: &impl Host, token: &str, freight: &Value) -> Vec<(String, String)> {
    let mut talk = Conversation::with(host);
    let by = |request: Request<Bytes>| with(request, "x-request-id", "question-1");

    let quote = talk.ask("a quote", by(post(QUOTES, token, freight))).await;
    let quoted = json!({ "quoteToken": quote["data"]["quoteToken"] });
    let create = || with(by(post(BOOKINGS, token, &quoted)), "idempotency-key", "first");
    let made = talk.ask("a booking", create()).await;
    let path = format!("{BOOKINGS}/{}", made["data"]["bookingId"].as_str().expect("a booking"));
    talk.ask("the same booking under its key", create()).await;
    let other = json!({ "freight": freight });
    talk.ask("another booking under that key", with(by(post(BOOKINGS, token, &other)), "idempotency-key", "first"))
        .await;
    talk.ask("a booking from a used quote", by(post(BOOKINGS, token, &quoted))).await;
    talk.ask("one booking", by(get(&path, token))).await;
    talk.ask("only its head", by(method(Method::HEAD, get(&path, token)))).await;
    talk.ask("all bookings", by(get(&format!("{BOOKINGS}?pageSize=5"), token))).await;
    talk.ask("a second booking, without a request id", post(BOOKINGS, token, &other)).await;
    let reason = json!({ "reason": "రైలు రాదు: no train ☹" });
    talk.ask("a cancellation", by(post(&format!("{path}/cancellation"), token, &reason))).await;

    talk.ask("a booking that is not there", by(get(&format!("{BOOKINGS}/BK-0000000000000000"), token))).await;
    talk.ask("an id that is none", by(get(&format!("{BOOKINGS}/..%2F%E0%B0%B0%20"), token))).await;
    talk.ask("an id with broken escapes", by(get(&format!("{BOOKINGS}/%FF"), token))).await;
    talk.ask("a query that is none", by(get(&format!("{BOOKINGS}?pageSize=many&x=%26+"), token))).await;
    talk.ask("a path of no operation", by(get("/booking/v1/nothing", token))).await;
    talk.ask("a path of no service", by(get("/nothing/at/all", token))).await;
    talk.ask("the root", by(get("/", token))).await;
    talk.ask("an empty segment first", by(get("//booking/v1/bookings", token))).await;
    talk.ask("a method the path has not", by(method(Method::DELETE, get(BOOKINGS, token)))).await;

    talk.ask("no token", by(post(BOOKINGS, "", &other))).await;
    talk.ask("a token that is none", by(post(BOOKINGS, "nonsense", &other))).await;
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    talk.ask("a token that is forged", by(post(BOOKINGS, &forged, &other))).await;
    talk.ask("no JSON", by(post(BOOKINGS, token, &other).map(|_| "{\"freight\": ".into()))).await;
    talk.ask("no text", by(post(BOOKINGS, token, &other).map(|_| Bytes::from_static(b"{\"\xff\": 1}")))).await;
    talk.ask("no body", by(post(BOOKINGS, token, &other).map(|_| Bytes::new()))).await;
    talk.ask("many mistakes", by(post(BOOKINGS, token, &json!({ "freight": { "tonnes": -1 }, "more": 1 })))).await;
    talk.ask("many mistakes in a quote", by(post(QUOTES, token, &json!({ "tonnes": -1, "more": 1 })))).await;
    talk.ask("another media type", with(by(post(BOOKINGS, token, &other)), "content-type", "text/plain")).await;
    let long = json!({ "freight": "x".repeat(2 << 20) });
    talk.ask("too long a body", by(post(BOOKINGS, token, &long))).await;

    let preflight = |origin: &str| {
        let asked = with(by(method(Method::OPTIONS, get(BOOKINGS, ""))), "origin", origin);
        with(asked, "access-control-request-method", "POST")
    };
    talk.ask("a preflight", preflight(ORIGIN)).await;
    talk.ask("a preflight from an unknown origin", preflight("https://elsewhere.example")).await;
    talk.ask("a call from a known origin", with(by(get(&path, token)), "origin", ORIGIN)).await;
    talk.ask("a call from an unknown origin", with(by(get(&path, token)), "origin", "https://elsewhere.example")).await;
    talk.ask("a request id that is no plain word", with(get(&path, token), "x-request-id", "one two")).await;
    talk.lines()
}

fn with(mut request: Request<Bytes>, name: &'static str, value: &str) -> Request<Bytes> {
    request.headers_mut().insert(name, value.parse().expect("a field's value"));
    request
}

fn method(method: Method, mut request: Request<Bytes>) -> Request<Bytes> {
    *request.method_mut() = method;
    request
}
