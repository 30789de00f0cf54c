//! What is read, and what is said of an answer that is not what the contract promised.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use service_client::{Cause, Failure};
use service_errors::{Error, Kind};

use crate::place::Place;
use crate::upstreams::desk::{TicketData, Status, TICKET_NOT_FOUND};

fn ticket() -> Value {
    json!({
        "ticketId": "TK-0001", "title": "Broken lamp", "status": "on-hold", "priority": 2, "weight": 0.5,
        "openedAt": "2026-11-21T08:00:00Z", "tags": ["lamp"], "owner": { "name": "Asha" }, "type": "ticket",
    })
}

fn error(code: &str) -> Value {
    json!({ "error": { "message": "No.", "code": code, "details": { "why": "so" } } })
}

async fn read(place: &Place, status: u16, body: &Value) -> Result<TicketData, Failure> {
    place.says(status, body);
    place.desk.read_ticket("r-7", "acme", "TK-0001", None).await.map(|answer| answer.body.expect("a ticket").data)
}

#[tokio::test]
async fn an_answer_is_read_where_it_is_needed_and_may_hold_whatever_else() {
    let place = Place::open().await;
    let mut more = ticket();
    more["parent"] = json!("no ticket at all");
    more["owner"]["shoeSize"] = json!(44);
    more["labels"] = json!({ "a": 1 });
    more["note"] = Value::Null;

    let read = read(&place, 200, &json!({ "data": more, "debug": true })).await.unwrap();

    assert_eq!((read.status, read.owner.name.as_str(), read.note), (Status::OnHold, "Asha", None));
    assert_eq!(read.labels.unwrap()["a"], 1);
    assert!(place.breaches().is_empty());
}

#[tokio::test]
async fn an_answer_that_breaks_the_contract_names_every_place_is_told_under_its_request_and_counted_once() {
    let place = Place::open().await;
    let mut broken = ticket();
    broken["status"] = json!("lost");
    broken["tags"] = json!(["x", "lamp"]);
    broken.as_object_mut().unwrap().remove("title");

    let failure = read(&place, 200, &json!({ "data": broken })).await.unwrap_err();

    let Cause::Broken(issues) = &failure.cause else { panic!("{failure:?}") };
    let pointers: Vec<&str> = issues.iter().map(|issue| issue.pointer.as_str()).collect();
    assert_eq!(pointers, ["/data/status", "/data/tags/0", "/data/title"]);
    let told = place.breaches();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("shop desk readTicket r-7 200: its answer breaks its contract: /data/status"),
        "{told:?}"
    );
    let error = Error::from(failure);
    assert_eq!((error.kind(), error.retry_after()), (Kind::Unavailable, Some(1)));
    assert!(error.chain().contains("/data/title"), "{}", error.chain());
    assert!(!error.envelope().to_string().contains("title"), "nothing of it leaves");
}

#[tokio::test]
async fn every_bound_of_the_contract_is_held() {
    let place = Place::open().await;
    for (pointer, value) in [
        ("/ticketId", json!("TK-1")),
        ("/title", json!("")),
        ("/title", json!("one letter more than twenty")),
        ("/priority", json!(6)),
        ("/priority", json!(1.5)),
        ("/weight", json!(1.6)),
        ("/openedAt", json!("yesterday")),
        ("/dueAt", json!(1)),
        ("/tags", json!(["aa", "bb", "cc", "dd"])),
        ("/tags", json!(["UP"])),
        ("/aliases", json!(["longer"])),
        ("/aliases", json!(["a", "b", "c"])),
        ("/owner", json!({})),
        ("/owner", json!(["Asha"])),
        ("/watchers", json!([{ "id": "longer than eight" }])),
        ("/labels", json!({ "a": "b" })),
        ("/note", json!("more than ten")),
        ("/rating", json!(0)),
        ("/type", json!("letter")),
    ] {
        let mut broken = ticket();
        broken[pointer.trim_start_matches('/')] = value.clone();
        let failure = read(&place, 200, &json!({ "data": broken })).await.expect_err(pointer);
        let Cause::Broken(issues) = &failure.cause else { panic!("{pointer}: {failure:?}") };
        assert!(issues[0].pointer.starts_with(&format!("/data{pointer}")), "{pointer}: {value}: {issues:?}");
    }
}

#[tokio::test]
async fn what_is_no_json_breaks_the_contract() {
    let place = Place::open().await;
    for (media_type, body) in
        [("text/html", "<html>"), ("application/json", "{"), ("application/json", "{\"up\":1,\"up\":1}")]
    {
        place.sends(Response::builder().header("content-type", media_type).body(Bytes::from(body)).unwrap());
        let failure = place.desk.get_status("r").await.unwrap_err();
        assert!(matches!(failure.cause, Cause::Broken(_)), "{failure:?}");
        assert_eq!(place.breaches().len(), 1);
    }
}

#[tokio::test]
async fn a_declared_error_is_known_by_its_code_and_breaks_nothing() {
    let place = Place::open().await;

    let failure = read(&place, 404, &error("TICKET_NOT_FOUND")).await.unwrap_err();
    assert!(failure.is(TICKET_NOT_FOUND), "{failure:?}");
    let Cause::Refused(refused) = &failure.cause else { panic!("{failure:?}") };
    assert_eq!((refused.message.as_str(), &refused.details["why"]), ("No.", &json!("so")));
    let failure = read(&place, 503, &error("UNAVAILABLE")).await.unwrap_err();
    assert!(matches!(failure.cause, Cause::Refused(_)) && !failure.is(TICKET_NOT_FOUND), "{failure:?}");
    assert!(place.breaches().is_empty());
}

#[tokio::test]
async fn a_status_or_a_code_that_is_not_declared_breaks_the_contract() {
    let place = Place::open().await;
    for (status, body) in [
        (418, json!({})),
        (404, error("NOT_FOUND")),
        (202, json!({ "data": ticket() })),
        (304, json!({})),
        (500, json!({})),
    ] {
        place.says(status, &body);
        let failure = place.desk.get_status("r").await.unwrap_err();
        assert!(matches!(failure.cause, Cause::Undeclared { .. }), "{status}: {failure:?}");
        assert_eq!(place.breaches().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn what_a_gateway_says_is_not_held_against_the_service() {
    let place = Place::open().await;
    for status in [502, 503, 504] {
        let failure = read(&place, status, &Value::Null).await.unwrap_err();
        assert!(matches!(failure.cause, Cause::Unreachable(_)), "{failure:?}");
    }
    assert!(place.breaches().is_empty());
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    let place = Place::open().await;
    place.sends(Response::builder().status(304).header("etag", "\"7\"").body(Bytes::new()).unwrap());

    let answer = place.desk.read_ticket("r", "acme", "TK-0001", Some("\"7\"")).await.unwrap();

    assert!(answer.body.is_none());
    assert_eq!(answer.headers["etag"], "\"7\"");
    assert_eq!(place.asked()[0].headers()["if-none-match"], "\"7\"");
}
