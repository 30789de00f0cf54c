//! Request ids, routes, methods, HEAD, OPTIONS.

use http::Request;

use crate::desk::Desk;

#[tokio::test]
async fn every_answer_carries_a_request_id_echoed_or_made() {
    let desk = Desk::new();
    let ask =
        |id: &'static str| Request::get("/things/v1/things/a").header("x-request-id", id).body(operation::empty());

    assert_eq!(desk.send(ask("my-id.7_x").unwrap()).await.header("x-request-id"), "my-id.7_x");
    assert_eq!(desk.get("/things/v1/things/a").await.header("x-request-id").len(), 32);
    assert_eq!(desk.get("/nowhere").await.header("x-request-id").len(), 32);
    let hostile = desk.send(ask("a b\"{}").unwrap()).await;
    assert_eq!(hostile.header("x-request-id").len(), 32);
}

#[tokio::test]
async fn an_unknown_path_is_404_and_an_unknown_method_405_with_allow() {
    let desk = Desk::new();

    for path in ["/", "/things", "/things/v1/thing", "/things/v1/things/a/b", "/things/v1/things/../x", "/other/v1/x"] {
        let answer = desk.get(path).await;
        assert_eq!((answer.status, answer.code()), (404, "NOT_FOUND"), "{path}");
    }
    let answer = desk.send(Request::put("/things/v1/things/a").body(operation::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.code()), (405, "METHOD_NOT_ALLOWED"));
    assert_eq!(answer.header("allow"), "DELETE, GET, HEAD, OPTIONS");
}

#[tokio::test]
async fn an_escaped_slash_stays_inside_its_parameter() {
    let desk = Desk::new();

    assert_eq!(desk.get("/things/v1/things/a%2Fb").await.issues(), [("/thingId".into(), "pattern".into())]);
    assert_eq!(desk.get("/things/v1/things/%2e%2e").await.status, 400);
    assert_eq!(desk.get("/things/v1/things/%61bc").await.body["data"], "abc");
    assert_eq!(desk.get("/things/v1/things/%zz").await.status, 404);
    assert_eq!(desk.get("/things/v1/things/%ff").await.status, 404);
}

#[tokio::test]
async fn head_answers_like_get_without_the_body() {
    let desk = Desk::new();

    let answer = desk.send(Request::head("/things/v1/things/a").body(operation::empty()).unwrap()).await;

    assert_eq!(answer.status, 200);
    assert!(answer.bytes.is_empty());
    assert_eq!(answer.header("content-length"), r#"{"data":"a"}"#.len().to_string());
}

#[tokio::test]
async fn options_says_what_a_path_answers() {
    let desk = Desk::new();

    let answer = desk.send(Request::options("/things/v1/things").body(operation::empty()).unwrap()).await;

    assert_eq!((answer.status, answer.header("allow")), (204, "GET, HEAD, OPTIONS, POST"));
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_deprecated_operation_says_since_when_until_when_and_what_comes_after_it() {
    let desk = Desk::new();

    // Also where it refuses.
    for (path, status) in [("/things/v1/old/a", 200), ("/things/v1/old/A", 400)] {
        let answer = desk.get(path).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("deprecation"), "@1688083200");
        assert_eq!(answer.header("sunset"), "Fri, 01 Jan 2027 00:00:00 GMT");
        assert_eq!(answer.header("link"), r#"</things/v1/things>; rel="successor-version""#);
    }
    let stays = desk.get("/things/v1/things/a").await;
    assert_eq!((stays.header("deprecation"), stays.header("sunset"), stays.header("link")), ("", "", ""));
}
