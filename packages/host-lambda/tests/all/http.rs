//! Requests, in each of the forms that Lambda gives them, and what nobody should have written into them.

use std::sync::Arc;

use ::http::Request;
use bytes::Bytes;
use host_lambda::Function;
use serde_json::{Value, json};

use crate::shapes::Shape;
use crate::{body, booking, function};

const PATH: &str = "/booking/v1/bookings";

fn get(path: &str) -> Request<Bytes> {
    Request::get(path).header("x-request-id", "a-call").header("host", "booking.example").body(Bytes::new()).unwrap()
}

/// The event of an HTTP API, with something else at a place.
fn with(pointer: &str, value: impl Into<Value>) -> Value {
    let mut event = Shape::HttpApi.event(&get(PATH));
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[name] = value.into();
    event
}

#[tokio::test]
async fn what_is_no_operation_is_answered_by_the_handler_for_everything_else() {
    let world = booking().await;
    let other = function(&world, "booking::other");

    for shape in Shape::ALL {
        let nowhere = other.invoke(shape.event(&get("/booking/v1/nowhere"))).await.expect("an answer");
        assert_eq!((&nowhere["statusCode"], &body(&nowhere)["error"]["code"]), (&json!(404), &json!("NOT_FOUND")));
        let mut wrong = get(PATH);
        *wrong.method_mut() = ::http::Method::PUT;
        let answer = other.invoke(shape.event(&wrong)).await.expect("an answer");
        assert_eq!(answer["statusCode"], 405, "{shape:?}: {answer}");
        assert_eq!(shape.answer(&answer).headers()["x-request-id"], "a-call");
    }
}

#[tokio::test]
async fn a_function_answers_its_own_operation_and_no_other() {
    let world = booking().await;
    let caller = world.caller("acme", policy::Role::Shipper);
    let answer = async |handler: &str, method: ::http::Method| {
        let mut request = get(PATH);
        *request.method_mut() = method;
        let token = format!("Bearer {}", caller.token.as_deref().unwrap());
        request.headers_mut().insert("authorization", token.parse().unwrap());
        let answer = function(&world, handler).invoke(Shape::HttpApi.event(&request)).await.expect("an answer");
        (answer["statusCode"].clone(), body(&answer)["error"]["code"].clone())
    };

    for method in [::http::Method::GET, ::http::Method::HEAD] {
        assert_eq!(answer("booking::list_bookings", method.clone()).await.0, 200);
        for another in ["booking::create_booking", "booking::get_booking", "booking::other"] {
            assert_eq!(answer(another, method.clone()).await.0, 404, "{another}");
        }
    }
    let booked = answer("booking::get_booking", ::http::Method::POST).await;
    assert_eq!(booked, (json!(404), json!("NOT_FOUND")));
    assert_eq!(answer("booking::list_bookings", ::http::Method::PUT).await.0, 405);
}

#[tokio::test]
async fn an_operation_is_answered_under_a_stage_as_without_one() {
    let world = booking().await;
    let list = function(&world, "booking::list_bookings");

    for path in ["/prod/booking/v1/bookings", PATH] {
        let mut event = Shape::HttpApiStage.event(&get(PATH));
        event["rawPath"] = path.into();
        assert_eq!(list.invoke(event).await.expect("an answer")["statusCode"], 401, "{path}");
    }
}

#[tokio::test]
async fn of_several_values_of_a_field_the_pipeline_reads_the_first_as_everywhere() {
    let world = booking().await;
    let other = function(&world, "booking::other");
    let mut request = get(PATH);
    request.headers_mut().append("x-request-id", "another".parse().unwrap());

    for shape in [Shape::RestApi, Shape::BalancerMulti] {
        let answer = other.invoke(shape.event(&request)).await.expect("an answer");
        assert_eq!(shape.answer(&answer).headers()["x-request-id"], "a-call", "{shape:?}");
    }
}

#[tokio::test]
async fn cookies_that_stand_apart_are_one_field() {
    let world = booking().await;
    let caller = world.caller("acme", policy::Role::Shipper);
    let list = function(&world, "booking::list_bookings");
    let mut event = with("/cookies", json!(["a=1", "b=2"]));
    event["headers"]["authorization"] = format!("Bearer {}", caller.token.unwrap()).into();

    let answer = list.invoke(event).await.expect("an answer");

    assert_eq!(answer["statusCode"], 200, "{answer}");
}

#[tokio::test]
async fn a_body_in_base64_is_read_and_one_that_is_none_is_refused() {
    let world = booking().await;
    let create = function(&world, "booking::create_booking");
    let caller = world.caller("acme", policy::Role::Shipper);
    let event = |body: &str| {
        let mut event = Shape::HttpApi.event(&get(PATH));
        event["requestContext"]["http"]["method"] = "POST".into();
        event["headers"]["content-type"] = "application/json".into();
        event["headers"]["authorization"] = format!("Bearer {}", caller.token.clone().unwrap()).into();
        event["isBase64Encoded"] = true.into();
        event["body"] = body.into();
        event
    };

    for lie in ["%%%", "e30", "{\"freight\": {}}", "e30=\n", "\u{0}"] {
        let answer = create.invoke(event(lie)).await.expect("an answer");
        let told = (&answer["statusCode"], &body(&answer)["error"]["code"]);
        assert_eq!(told, (&json!(400), &json!("INVALID_JSON")), "{lie:?}");
    }
    let read = create.invoke(event("e30=")).await.expect("an answer");
    assert_eq!(body(&read)["error"]["code"], "VALIDATION_ERROR", "{read}");
}

#[tokio::test]
async fn what_anybody_can_write_into_a_request_ends_no_function() {
    let world = booking().await;
    let other = function(&world, "booking::other");
    let hostile = [
        with("/headers/host", "[::1"),
        with("/headers/host", "a:b:c@"),
        with("/headers/host", "\u{7f}"),
        with("/requestContext/domainName", "a b"),
        with("/requestContext/stage", "/"),
        with("/headers/x-forwarded-proto", "no scheme:"),
        with("/headers/x-forwarded-for", ",,,"),
        with("/headers/cookie", "\u{e9}"),
        with("/rawPath", ":99999/"),
        with("/rawPath", ""),
        with("/rawPath", "/\u{0}"),
        with("/rawPath", "//%zz"),
        with("/rawPath", "/\u{e9}?#"),
        with("/rawPath", "/a".repeat(50_000)),
        with("/rawPath", json!(7)),
        with("/rawQueryString", "a=\u{0} b"),
        with("/rawQueryString", "a=%ff%zz"),
        with("/rawQueryString", "a".repeat(70_000)),
        with("/rawQueryString", json!({})),
        with("/requestContext/http/sourceIp", "not an address\n"),
        with("/body", "\u{0}"),
    ];
    for event in hostile {
        let answer = other.invoke(event.clone()).await.expect("an answer");
        let status = answer["statusCode"].as_u64().unwrap_or_default();
        assert!((400..500).contains(&status), "{event:.300}: {answer}");
    }
}

#[tokio::test]
async fn an_event_that_is_no_request_is_refused_by_what_is_missing() {
    let world = booking().await;
    let list = function(&world, "booking::list_bookings");
    let events = [
        json!({}),
        json!(null),
        json!([1]),
        json!("text"),
        json!({ "Records": [] }),
        json!({ "requestContext": null }),
        json!({ "requestContext": {} }),
        json!({ "requestContext": { "http": {} }, "rawPath": "/" }),
        json!({ "requestContext": { "elb": {} } }),
        with("/isBase64Encoded", "perhaps"),
        with("/headers", json!([1])),
        with("/headers/a b", "not a name"),
        with("/requestContext/http/method", "no method"),
        with("/requestContext/http/method", ""),
        with("/requestContext/http/method", json!(7)),
        with("/headers", (0..40_000).map(|n| (format!("x-{n}"), json!("1"))).collect::<serde_json::Map<_, _>>()),
        with("/cookies", vec!["a=1"; 40_000]),
    ];
    for event in events {
        let fault = list.invoke(event.clone()).await.expect_err("no answer");
        let text = fault.to_string();
        assert_eq!(world.faults().last(), Some(&text), "the log says it too");
        let says = "the event is not one of API Gateway, a function URL or a load balancer: ";
        assert!(text.starts_with(says) && text.len() > says.len(), "{event:.300}: {text}");
    }
}

#[tokio::test]
async fn a_handler_that_nobody_has_is_refused_with_those_there_are() {
    let world = booking().await;

    for handler in ["booking::crate_booking", "", "create_booking", "booking::", "config::prepare"] {
        let refused = Function::of(handler, world.platform.clone(), Arc::clone(world.service()), None);

        let text = refused.err().expect("a refusal").to_string();
        assert!(text.contains(&format!("{handler:?}")) && text.contains("booking::create_booking"), "{text}");
        assert!(text.contains("booking::relay") && !text.contains("booking::prepare"), "{text}");
    }
}

#[tokio::test]
async fn a_function_that_starts_touches_nothing_and_a_request_touches_what_its_operation_declares() {
    let world = booking().await;
    world.aws.recorder().clear();
    world.asked_outside();

    let handlers = world.service().operations().len();
    for operation in world.service().operations() {
        let name = operation.id.chars().fold(String::new(), |name, letter| match letter.is_ascii_uppercase() {
            true => format!("{name}_{}", letter.to_ascii_lowercase()),
            false => format!("{name}{letter}"),
        });
        function(&world, &format!("booking::{name}"));
    }
    let other = function(&world, "booking::other");
    assert!(handlers > 10 && world.aws.recorder().take().is_empty() && world.asked_outside().is_empty());

    other.invoke(Shape::HttpApi.event(&get("/booking/v1/nowhere"))).await.expect("an answer");
    let touched = world.aws.recorder().take();
    assert!(touched.is_empty(), "{touched:?}");
}
