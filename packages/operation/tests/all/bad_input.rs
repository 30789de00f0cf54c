//! Hostile bytes: always a clear error, never a 500, never more than the limit in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, StreamBody};

use crate::desk::{Desk, THING};

#[tokio::test]
async fn a_body_that_is_not_json_says_where() {
    let desk = Desk::new();
    desk.configure(|settings| settings.rate_limits.iter_mut().for_each(|(_, window)| window.limit = 1000));
    let deep = "[".repeat(500);
    for (what, body) in [
        ("truncated", r#"{"name":"a","size"#),
        ("empty", ""),
        ("trailing", r#"{"name":"a","size":1} x"#),
        ("nested", deep.as_str()),
        ("NaN", r#"{"name":"a","size":NaN}"#),
        ("infinite", r#"{"name":"a","size":1e999}"#),
        ("lone surrogate", r#"{"name":"\ud800","size":1}"#),
        ("twice", r#"{"name":"a","size":1,"name":"b"}"#),
        ("byte order mark", "\u{feff}{}"),
        ("control character", "{\"name\":\"a\u{1}\",\"size\":1}"),
    ] {
        let answer = desk.create(body, &[]).await;
        assert_eq!((answer.status, answer.code()), (400, "INVALID_JSON"), "{what}");
        assert!(answer.body["error"]["details"]["line"].is_number(), "{what}");
    }
    let token = format!("Bearer {}", desk.token());
    let ask = Request::post("/things/v1/things").header("content-type", "application/json");
    let latin1 =
        ask.header("authorization", token).body(operation::full(&b"{\"name\":\"\xe9\",\"size\":1}"[..])).unwrap();
    assert_eq!(desk.send(latin1).await.code(), "INVALID_JSON");
}

#[tokio::test]
async fn every_issue_is_reported_with_its_place_and_rule() {
    let desk = Desk::new();

    let answer = desk.create(r#"{"size":11,"madeAt":"yesterday","colour":1,"a/b":2}"#, &[]).await;

    assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"));
    let issues = answer.issues();
    for expected in [
        ("/a~1b", "additionalProperties"),
        ("/colour", "additionalProperties"),
        ("/madeAt", "format"),
        ("/name", "required"),
        ("/size", "maximum"),
    ] {
        assert!(issues.contains(&(expected.0.into(), expected.1.into())), "{expected:?} in {issues:?}");
    }
}

#[tokio::test]
async fn a_refused_value_is_not_sent_back() {
    let desk = Desk::new();

    let answer = desk.create(r#"{"name":"hunter2-hunter2-hunter2","size":1}"#, &[]).await;

    assert_eq!(answer.issues(), [("/name".into(), "maxLength".into())]);
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("hunter2"));
}

#[tokio::test]
async fn numbers_are_judged_by_their_value_not_their_spelling() {
    let desk = Desk::new();
    desk.configure(|settings| settings.rate_limits.iter_mut().for_each(|(_, window)| window.limit = 1000));
    let size = async |text: &str| desk.create(&format!(r#"{{"name":"a","size":{text}}}"#), &[]).await.status;

    for fine in ["1", "10", "2.0", "1e1", "0.3e1"] {
        assert_eq!(size(fine).await, 201, "{fine}");
    }
    for wrong in ["0", "11", "1.5", "-1", "1e2", "99999999999999999999999", "1e308", "\"1\"", "null", "true"] {
        assert_eq!(size(wrong).await, 400, "{wrong}");
    }
}

#[tokio::test]
async fn issues_of_query_and_path_are_told_like_those_of_a_body() {
    let desk = Desk::new();
    let list = async |query: &str| {
        let ask = Request::get(format!("/things/v1/things?{query}"));
        let ask = ask.header("authorization", format!("Bearer {}", desk.token()));
        desk.send(ask.body(operation::empty()).unwrap()).await
    };
    desk.configure(|settings| settings.rate_limits.iter_mut().for_each(|(_, window)| window.limit = 1000));

    assert_eq!(list("pageSize=7").await.body["pagination"]["pageSize"], 7);
    assert_eq!(list("").await.body["pagination"]["pageSize"], 20);
    for (query, pointer, rule) in [
        ("pageSize=0", "/pageSize", "minimum"),
        ("pageSize=101", "/pageSize", "maximum"),
        ("pageSize=ten", "/pageSize", "type"),
        ("pageSize=1&pageSize=2", "/pageSize", "uniqueItems"),
        ("colour=red", "/colour", "additionalProperties"),
        ("cursor=", "/cursor", "minLength"),
    ] {
        assert_eq!(list(query).await.issues(), [(pointer.into(), rule.into())], "{query}");
    }
}

#[tokio::test]
async fn a_body_must_be_json_in_utf_8_and_nothing_else() {
    let desk = Desk::new();
    desk.configure(|settings| settings.rate_limits.iter_mut().for_each(|(_, window)| window.limit = 1000));

    for fine in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
        assert_eq!(desk.create(THING, &[("content-type", fine)]).await.status, 201, "{fine}");
    }
    for wrong in ["text/plain", "application/json; charset=utf-16", "application/jsonp", "", "application/xml"] {
        let answer = desk.create(THING, &[("content-type", wrong)]).await;
        assert_eq!((answer.status, answer.code()), (415, "UNSUPPORTED_MEDIA_TYPE"), "{wrong}");
    }
    assert_eq!(desk.create(THING, &[("content-encoding", "gzip")]).await.status, 415);
}

#[tokio::test]
async fn a_body_where_none_is_taken_is_refused() {
    let desk = Desk::new();

    let ask = Request::get("/things/v1/things/a").body(operation::full("{}")).unwrap();

    assert_eq!(desk.send(ask).await.code(), "VALIDATION_ERROR");
}

#[tokio::test]
async fn a_declared_length_over_the_limit_is_413_before_anything_is_read() {
    let desk = Desk::new();

    let answer = desk.create(&"x".repeat(1025), &[("authorization", "Bearer nonsense")]).await;

    assert_eq!((answer.status, answer.code()), (413, "PAYLOAD_TOO_LARGE"));
    assert_eq!(answer.body["error"]["details"]["limitBytes"], 1024);
}

#[tokio::test]
async fn an_endless_body_is_read_to_the_limit_and_no_further() {
    let desk = Desk::new();
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let chunks = std::iter::repeat_with(move || {
        counted.fetch_add(100, Ordering::SeqCst);
        Ok::<_, operation::BoxError>(http_body::Frame::data(Bytes::from_static(&[b' '; 100])))
    });
    let body = StreamBody::new(Chunks(chunks)).boxed_unsync();
    let ask = Request::post("/things/v1/things").header("content-type", "application/json");
    let ask = ask.header("authorization", format!("Bearer {}", desk.token())).body(body).unwrap();

    assert_eq!(desk.send(ask).await.status, 413);
    assert_eq!(read.load(Ordering::SeqCst), 1100);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_400() {
    let desk = Desk::new();
    let pieces = [Ok(http_body::Frame::data(Bytes::from_static(b"{"))), Err::<_, operation::BoxError>("reset".into())];
    let body = StreamBody::new(Chunks(pieces.into_iter())).boxed_unsync();
    let ask = Request::post("/things/v1/things").header("content-type", "application/json");
    let ask = ask.header("authorization", format!("Bearer {}", desk.token())).body(body).unwrap();

    assert_eq!(desk.send(ask).await.code(), "INVALID_JSON");
}

/// An iterator as the stream that a streamed body is made of.
struct Chunks<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Chunks<I> {
    type Item = I::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<I::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}
