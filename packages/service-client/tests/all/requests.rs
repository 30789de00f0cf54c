//! What is sent.

use operation::{SERVICE_HEADER, SIGNATURE_HEADER};
use serde_json::{Value, json};
use service_client::Cause;

use crate::place::Place;
use crate::upstreams::desk::{NewTicket, NewTicketOwner};

const NEW: fn() -> NewTicket =
    || NewTicket { title: "Broken lamp".to_owned(), owner: NewTicketOwner { name: "Asha".to_owned() }, priority: None };

#[tokio::test]
async fn a_request_holds_what_the_operation_demands_and_what_the_consumer_declared() {
    let place = Place::open().await;
    place.says(201, &json!({ "data": { "ticketId": "TK-0001" } }));

    let answer = place.desk.create_ticket("r-1", "acme", &NEW()).await.unwrap();

    assert_eq!(answer.body.data.ticket_id, "TK-0001");
    let asked = place.asked();
    let (head, body) = (&asked[0], serde_json::from_slice::<Value>(asked[0].body()).unwrap());
    assert_eq!((head.method().as_str(), head.uri().path()), ("POST", "/desk/internal/v1/tenants/acme/tickets"));
    assert_eq!(head.uri().host(), Some("desk"));
    assert_eq!(body, json!({ "title": "Broken lamp", "owner": { "name": "Asha" } }));
    assert_eq!(head.headers()["content-type"], "application/json");
    assert_eq!(head.headers()["x-request-id"], "r-1");
    assert_eq!(head.headers()[SERVICE_HEADER], "shop");
}

#[tokio::test]
async fn what_may_be_left_out_is_sent_when_there_is_a_value() {
    let place = Place::open().await;
    place.says(201, &json!({ "data": { "ticketId": "TK-0001" } }));
    place.desk.create_ticket("r", "acme", &NewTicket { priority: Some(3), ..NEW() }).await.unwrap();
    place.says(200, &json!({ "data": [], "pagination": {} }));
    place.desk.list_tickets("r", "acme", Some("on-hold"), Some(10)).await.unwrap();
    place.says(200, &json!({ "data": [], "pagination": {} }));
    place.desk.list_tickets("r", "acme", None, None).await.unwrap();

    let asked = place.asked();
    assert_eq!(serde_json::from_slice::<Value>(asked[0].body()).unwrap()["priority"], 3);
    assert_eq!(asked[1].uri().query(), Some("status=on-hold&pageSize=10"));
    assert_eq!(asked[2].uri().query(), None);
}

#[tokio::test]
async fn calls_for_services_are_signed_and_no_two_alike() {
    let place = Place::open().await;
    for _ in 0..2 {
        place.says(204, &json!(null));
        place.desk.close_ticket("r", "acme", "TK-0001").await.unwrap();
    }
    place.says(200, &json!({ "up": true }));
    place.desk.get_status("r").await.unwrap();

    let asked = place.asked();
    assert_ne!(asked[0].headers()[SIGNATURE_HEADER], asked[1].headers()[SIGNATURE_HEADER]);
    assert!(!asked[2].headers().contains_key(SIGNATURE_HEADER), "it is for everybody");
}

#[tokio::test]
async fn no_word_leads_to_another_path() {
    let place = Place::open().await;
    place.says(204, &json!(null));
    place.desk.close_ticket("r", "acme", "../a?b=c#d/é").await.unwrap();
    assert_eq!(place.asked()[0].uri().path(), "/desk/internal/v1/tenants/acme/tickets/..%2Fa%3Fb%3Dc%23d%2F%C3%A9");

    for word in ["", ".", ".."] {
        let failure = place.desk.close_ticket("r", "acme", word).await.unwrap_err();
        assert!(matches!(failure.cause, Cause::Unsendable(_)), "{failure:?}");
    }
    let failure = place.desk.read_ticket("r", "acme", "TK-0001", Some("a\nb")).await.unwrap_err();
    assert!(matches!(failure.cause, Cause::Unsendable(_)), "{failure:?}");
    assert!(place.asked().is_empty());
}
