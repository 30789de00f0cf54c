//! A change is whole or nothing, and once.

use operation::{Data, EventType, Memory, NoContent};

use crate::{EXISTS, Note, call, fixture, note};

const WRITTEN: EventType = EventType::of::<String>("note.written", "A note was written.");

#[tokio::test]
async fn a_lost_condition_leaves_nothing_behind() {
    let fixture = fixture().await;
    let first = note("acme", "n1", 1);
    fixture.table.transaction(&call(None)).create(&first, EXISTS).commit(&NoContent).await.unwrap();

    let call = call(Some("k1"));
    let change = fixture.table.transaction(&call).create(&note("acme", "n2", 2), EXISTS).create(&first, EXISTS);
    let lost = change.event(&WRITTEN, "n2", &"x").commit(&NoContent).await.unwrap_err();

    assert_eq!(lost.code(), "NOTE_EXISTS");
    assert!(fixture.table.get::<Note>("acme", "n2").await.unwrap().is_none());
    assert!(fixture.table.recall(call.claim.as_ref().unwrap()).await.unwrap().is_none());
    assert_eq!(cloud::Relay::new(fixture.table.clone(), vec![]).run(|| async {}).await.unwrap(), 0);
}

#[tokio::test]
async fn an_update_of_what_was_changed_since_is_refused() {
    let fixture = fixture().await;
    let first = note("acme", "n1", 1);
    fixture.table.transaction(&call(None)).create(&first, EXISTS).commit(&NoContent).await.unwrap();
    let read = fixture.table.get::<Note>("acme", "n1").await.unwrap().unwrap();
    let changed = Note { text: "changed".into(), ..first };

    fixture.table.transaction(&call(None)).update(&read, &changed).commit(&NoContent).await.unwrap();
    let lost = fixture.table.transaction(&call(None)).update(&read, &changed).commit(&NoContent).await.unwrap_err();

    assert_eq!(lost.code(), "CONFLICT");
    assert_eq!(fixture.table.get::<Note>("acme", "n1").await.unwrap().unwrap().version, 2);
}

#[tokio::test]
async fn a_claim_is_written_with_the_change_and_holds_its_answer() {
    let fixture = fixture().await;
    let call = call(Some("k1"));
    let claim = call.claim.clone().unwrap();
    let answer = Data::new("answered".to_owned()).with_header(http::header::ETAG, "\"1\"");
    fixture.table.transaction(&call).create(&note("acme", "n1", 1), EXISTS).commit(&answer).await.unwrap();

    let twin = fixture.table.transaction(&call).create(&note("acme", "n2", 2), EXISTS).commit(&answer).await;

    assert_eq!(twin.unwrap_err().message(), operation::ALREADY_DONE.message);
    assert!(fixture.table.get::<Note>("acme", "n2").await.unwrap().is_none());
    let first = fixture.table.recall(&claim).await.unwrap().unwrap();
    assert_eq!((first.status, first.fingerprint.as_str()), (204, "f"));
    assert_eq!(first.body, r#"{"data":"answered"}"#);
    assert_eq!(first.headers, [("etag".to_owned(), "\"1\"".to_owned())]);
}
