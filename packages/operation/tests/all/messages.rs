//! Messages: at least once in, once only in effect.

use std::sync::atomic::Ordering;

use operation::{Delivery, Hosted};
use serde_json::{Value, json};

use crate::desk::Desk;

fn event(id: &str, kind: &str, data: Value) -> Vec<u8> {
    json!({
        "specversion": "1.0", "id": id, "source": "/test", "type": kind, "subject": "x",
        "time": "2026-11-21T08:00:00Z", "datacontenttype": "application/json", "tenantid": "acme", "requestid": "r",
        "data": data,
    })
    .to_string()
    .into_bytes()
}

#[tokio::test]
async fn a_message_that_comes_twice_takes_effect_once() {
    let desk = Desk::new();
    let message = event("e1", "thing.counted", json!({ "name": "a", "size": 1 }));

    assert!(matches!(desk.mounted.deliver("countThing", &message).await, Delivery::Done));
    assert!(matches!(desk.mounted.deliver("countThing", &message).await, Delivery::Done));

    assert_eq!(desk.mounted.state().made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_message_that_fails_comes_again_and_one_that_never_can_is_poison() {
    let desk = Desk::new();
    let deliver = async |message: Vec<u8>| desk.mounted.deliver("countThing", &message).await;

    let later = event("e1", "thing.counted", json!({ "name": "a", "size": 9 }));
    assert!(matches!(deliver(later).await, Delivery::Retry(_)));
    for poison in [
        b"not json".to_vec(),
        b"{}".to_vec(),
        event("e2", "thing.counted", json!({ "name": "", "size": 1 })),
        event("e3", "thing.counted", json!({ "name": "a", "size": 1, "more": 1 })),
        event("e4", "thing.counted", Value::Null),
    ] {
        assert!(matches!(deliver(poison).await, Delivery::Poison(_)));
    }
    assert!(matches!(desk.mounted.deliver("nobody", b"{}").await, Delivery::Poison(_)));
    assert_eq!(desk.mounted.state().made.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_message_of_a_type_nobody_asked_for_is_left_alone() {
    let desk = Desk::new();

    let message = event("e1", "thing.painted", json!({ "anything": true }));

    assert!(matches!(desk.mounted.deliver("countThing", &message).await, Delivery::Done));
    assert_eq!(desk.mounted.state().made.load(Ordering::SeqCst), 0);
}
