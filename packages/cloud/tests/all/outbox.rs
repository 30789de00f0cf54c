//! Events leave the outbox once every subscriber's queue has taken them.

use cloud::{Relay, Route};
use operation::{CloudEvent, EventType, NoContent};

use crate::{EXISTS, call, fixture, note};

const WRITTEN: EventType = EventType::of::<String>("note.written", "A note was written.");

#[tokio::test]
async fn an_event_reaches_every_subscriber_as_a_cloud_event() {
    let fixture = fixture().await;
    for queue in ["one", "two", "three"] {
        fixture.cloud.ensure_queue(queue, 3).await.unwrap();
        fixture.cloud.ensure_queue(queue, 3).await.unwrap();
    }
    let queue = |name: &str| fixture.cloud.queue(name);
    let routes = vec![
        Route { event: "note.written".to_owned(), queue: queue("one") },
        Route { event: "note.written".to_owned(), queue: queue("two") },
        Route { event: "note.burnt".to_owned(), queue: queue("three") },
    ];
    let call = call(None);
    let change = fixture.table.transaction(&call).create(&note("acme", "n1", 1), EXISTS);
    change.event(&WRITTEN, "n1", &"hello").commit(&NoContent).await.unwrap();
    let relay = Relay::new(fixture.table.clone(), routes);

    assert_eq!(relay.run(|| async {}).await.unwrap(), 1);
    assert_eq!(relay.run(|| async {}).await.unwrap(), 0);

    for name in ["one", "two"] {
        let messages = queue(name).receive(0).await.unwrap();
        let event: CloudEvent<String> = serde_json::from_str(&messages[0].body).unwrap();
        assert_eq!(
            (event.specversion.as_str(), event.kind.as_str(), event.source.as_str(), event.subject.as_str()),
            ("1.0", "note.written", "/notes", "n1")
        );
        assert_eq!((event.tenantid.as_str(), event.data.as_str()), ("acme", "hello"));
    }
    assert!(queue("three").receive(0).await.unwrap().is_empty());
}

#[tokio::test]
async fn every_event_of_a_call_leaves_the_outbox_and_the_audit_entry_stays() {
    let fixture = fixture().await;
    fixture.cloud.ensure_queue("one", 3).await.unwrap();
    let queue = fixture.cloud.queue("one");
    let call = call(None);
    let change = fixture.table.transaction(&call).create(&note("acme", "n1", 1), EXISTS);
    let change = change.event(&WRITTEN, "n1", &"first").event(&WRITTEN, "n1", &"second");
    change.commit(&NoContent).await.unwrap();
    let relay =
        Relay::new(fixture.table.clone(), vec![Route { event: "note.written".to_owned(), queue: queue.clone() }]);

    assert_eq!(relay.run(|| async {}).await.unwrap(), 2);

    let mut said: Vec<_> = queue.receive(0).await.unwrap().iter().map(|message| data(&message.body)).collect();
    said.sort();
    assert_eq!(said, ["first", "second"]);
    assert_eq!(relay.run(|| async {}).await.unwrap(), 0);
    let items = fixture.items().await;
    let left: Vec<_> = items.iter().filter(|item| !item.contains_key("gsi1pk")).collect();
    assert_eq!(left.len(), 1, "{items:?}");
    assert!(left[0].contains_key("record") && !left[0].contains_key("event"), "{left:?}");
}

#[tokio::test]
async fn an_event_stays_while_a_subscribers_queue_does_not_take_it() {
    let fixture = fixture().await;
    let missing = vec![Route { event: "note.written".to_owned(), queue: fixture.cloud.queue("missing") }];
    let call = call(None);
    let change = fixture.table.transaction(&call).create(&note("acme", "n1", 1), EXISTS);
    change.event(&WRITTEN, "n1", &"hello").commit(&NoContent).await.unwrap();

    assert!(Relay::new(fixture.table.clone(), missing).run(|| async {}).await.is_err());
    assert_eq!(Relay::new(fixture.table.clone(), vec![]).run(|| async {}).await.unwrap(), 1);
}

#[tokio::test]
async fn a_waiting_relay_is_woken_by_a_change_that_emits() {
    let fixture = fixture().await;
    let woken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&woken);
    let table = fixture.table.clone().on_event(std::sync::Arc::new(move || {
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }));

    table.transaction(&call(None)).create(&note("acme", "n1", 1), EXISTS).commit(&NoContent).await.unwrap();
    assert_eq!(woken.load(std::sync::atomic::Ordering::SeqCst), 0);
    let call = call(None);
    let change = table.transaction(&call).create(&note("acme", "n2", 1), EXISTS);
    change.event(&WRITTEN, "n2", &"hello").commit(&NoContent).await.unwrap();
    assert_eq!(woken.load(std::sync::atomic::Ordering::SeqCst), 1);
}

fn data(message: &str) -> String {
    let event: CloudEvent<String> = serde_json::from_str(message).unwrap();
    event.data
}
