//! What a function makes of storage that is not there for it: tables that are throttled, answers that are too large.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::http::Request;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use cloud::{Cloud, Platform};
use host_lambda::Function;
use operation::{Body, BoxFuture, ConsumerDeclaration, Declaration, Delivery, Endpoint, Environment, Hosted};
use serde_json::json;
use testing::World;

use crate::messages::{batch, book, queue_of, subscribe};
use crate::shapes::Shape;
use crate::{body, booking, function};

/// Tables that are throttled while the switch is on.
#[derive(Debug, Clone)]
struct Throttled {
    cloud: SharedHttpClient,
    on: Arc<AtomicBool>,
}

impl HttpClient for Throttled {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        let to = self.cloud.http_connector(settings, parts);
        SharedHttpConnector::new(ThrottledConnector { to, on: Arc::clone(&self.on) })
    }
}

#[derive(Debug)]
struct ThrottledConnector {
    to: SharedHttpConnector,
    on: Arc<AtomicBool>,
}

impl HttpConnector for ThrottledConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let of_tables = request.headers().get("x-amz-target").is_some_and(|target| target.starts_with("DynamoDB"));
        if !of_tables || !self.on.load(Ordering::Relaxed) {
            return self.to.call(request);
        }
        let kind = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
        let refusal = json!({ "__type": kind, "message": "slow down" }).to_string();
        let status = 400.try_into().expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(refusal))))
    }
}

/// The booking service, and the switch that throttles its tables.
async fn throttled() -> (World, Platform, Arc<dyn Hosted>, Arc<AtomicBool>) {
    let world = booking().await;
    let on = Arc::new(AtomicBool::new(false));
    let config = world.aws.unsigned_config();
    let cloud = config.http_client().expect("a client");
    let slow = Throttled { cloud, on: Arc::clone(&on) };
    let config = config.into_builder().http_client(slow).build();
    let platform = Platform { cloud: Cloud::new(&config, Environment::Dev), ..world.platform.clone() };
    let service: Arc<dyn Hosted> = Arc::new(booking::mount(&platform).expect("routes"));
    (world, platform, service, on)
}

#[tokio::test]
async fn while_a_table_is_throttled_callers_are_asked_to_come_again() {
    let (world, platform, service, on) = throttled().await;
    let caller = world.caller("acme", policy::Role::Shipper);
    let token = format!("Bearer {}", caller.token.expect("a token"));
    let request = Request::get("/booking/v1/bookings").header("authorization", token).body(Bytes::new()).unwrap();
    let list = Function::of("booking::list_bookings", platform, service, None).expect("a handler");

    for (throttle, status) in [(false, 200), (true, 503), (false, 200)] {
        on.store(throttle, Ordering::Relaxed);
        let answer = list.invoke(Shape::HttpApi.event(&request)).await.expect("an answer");
        assert_eq!(answer["statusCode"], status, "{answer}");
        let later = &answer["headers"]["retry-after"];
        assert_eq!(later.is_string(), throttle, "{answer}");
    }
}

#[tokio::test]
async fn while_a_table_is_throttled_a_message_comes_again() {
    let (world, platform, service, on) = throttled().await;
    let (queue, _) = queue_of(&world, "updateShipperSummary");
    subscribe(&world, json!({ "booking.created": [queue] })).await;
    book(&world).await;
    function(&world, "booking::relay").invoke(json!({})).await.expect("an outcome");
    let batch = batch(&world.platform.cloud.queue(queue).receive(0).await.expect("a queue"));
    let consumer = Function::of("booking::update_shipper_summary", platform, service, None).expect("a handler");

    on.store(true, Ordering::Relaxed);
    let outcome = consumer.invoke(batch.clone()).await.expect("an outcome");
    assert_eq!(outcome["batchItemFailures"], json!([{ "itemIdentifier": "0" }]));
    on.store(false, Ordering::Relaxed);
    let outcome = consumer.invoke(batch).await.expect("an outcome");
    assert_eq!(outcome["batchItemFailures"], json!([]));
}

/// A service whose every answer is this one.
struct Says(::http::Response<Bytes>);

impl Endpoint for Says {
    fn call(&self, _: Request<Body>) -> BoxFuture<'_, ::http::Response<Bytes>> {
        Box::pin(async { self.0.clone() })
    }
}

impl Hosted for Says {
    fn name(&self) -> &'static str {
        "says"
    }

    fn operations(&self) -> Vec<&'static Declaration> {
        Vec::new()
    }

    fn finds(&self, _: &::http::Method, _: &str) -> Option<&'static Declaration> {
        None
    }

    fn consumers(&self) -> Vec<&'static ConsumerDeclaration> {
        Vec::new()
    }

    fn deliver<'a>(&'a self, _: &'a str, _: &'a [u8]) -> BoxFuture<'a, Delivery> {
        Box::pin(async { Delivery::Done })
    }
}

fn saying(world: &World, answer: ::http::Response<Bytes>) -> Function {
    Function::of("says::other", world.platform.clone(), Arc::new(Says(answer)), None).expect("a handler")
}

#[tokio::test]
async fn an_answer_that_lambda_does_not_take_is_a_fault_that_its_caller_learns_of() {
    const LIMIT: usize = 6 * 1024 * 1024;
    let world = booking().await;
    let request = Request::get("/").body(Bytes::new()).unwrap();
    // Quotes are written with a backslash, other signs in six letters, and what is no text in base64.
    let answers = [
        (vec![b'a'; 5_800_000], 200),
        (vec![b'a'; LIMIT], 500),
        (vec![b'"'; 2_900_000], 200),
        (vec![b'"'; 4_000_000], 500),
        (vec![1; 1_100_000], 500),
        (vec![0xff; 4_300_000], 200),
        (vec![0xff; 5_000_000], 500),
    ];
    for (said, status) in answers {
        let what = format!("{} bytes of {:#x}", said.len(), said[0]);
        let function = saying(&world, ::http::Response::new(said.into()));
        let answer = function.invoke(Shape::HttpApi.event(&request)).await.expect("an answer");
        assert_eq!(answer["statusCode"], status, "{what}");
        assert!(status == 200 || body(&answer)["error"]["code"] == "INTERNAL_ERROR", "{what}");
        let sent = answer.to_string().len();
        assert!(sent <= LIMIT, "{what}: {sent} are sent");
    }
}

#[tokio::test]
async fn a_load_balancer_takes_less_than_lambda() {
    let world = booking().await;
    let request = Request::get("/").body(Bytes::new()).unwrap();
    for (bytes, status) in [(850_000, 200), (1_100_000, 500)] {
        let function = saying(&world, ::http::Response::new(vec![b'a'; bytes].into()));
        for shape in [Shape::Balancer, Shape::BalancerMulti] {
            let answer = function.invoke(shape.event(&request)).await.expect("an answer");
            assert_eq!(answer["statusCode"], status, "{bytes}");
        }
    }
}

#[tokio::test]
async fn what_no_form_of_an_answer_has_room_for_is_joined_and_cookies_are_kept_apart() {
    let world = booking().await;
    let response = ::http::Response::builder().header("vary", "origin").header("vary", "accept");
    let response = response.header("set-cookie", "a=1").header("set-cookie", "b=2").body(Bytes::new()).unwrap();
    let function = saying(&world, response);
    let request = Request::get("/").body(Bytes::new()).unwrap();

    for shape in Shape::ALL {
        let response = shape.answer(&function.invoke(shape.event(&request)).await.expect("an answer"));
        assert_eq!(response.headers()["vary"], "origin, accept", "{shape:?}");
        let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        // One cookie is all that such a load balancer takes.
        let kept = if shape == Shape::Balancer { vec!["a=1"] } else { vec!["a=1", "b=2"] };
        assert_eq!(cookies, kept, "{shape:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_text_arrives_as_it_is_whatever_it_says_it_is() {
    let world = booking().await;
    let request = Request::get("/").body(Bytes::new()).unwrap();
    for media in [None, Some("application/json"), Some("text/plain; charset=utf-16"), Some("image/png")] {
        for said in [&b"\0\xff\x80PNG"[..], "రైలు".as_bytes(), b""] {
            let mut response = ::http::Response::new(Bytes::copy_from_slice(said));
            let media = media.map(::http::HeaderValue::from_static);
            response.headers_mut().extend(media.map(|media| (::http::header::CONTENT_TYPE, media)));
            let function = saying(&world, response);
            for shape in Shape::ALL {
                let answer = shape.answer(&function.invoke(shape.event(&request)).await.expect("an answer"));
                assert_eq!(answer.body(), said, "{shape:?}");
            }
        }
    }
}
