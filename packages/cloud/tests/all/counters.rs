//! Counters and secrets that all instances share.

use operation::{Counters, Window};

use crate::fixture;

const NOW: i64 = 1_800_000_000;

#[tokio::test]
async fn calls_are_counted_per_key_and_window_over_all_instances() {
    let fixture = fixture().await;
    let (one, other) = (fixture.cloud.counters(), fixture.cloud.counters());
    let window = Window { limit: 2, seconds: 60 };

    let used = [
        one.hit("acme#api#u1", window, NOW).await.unwrap().used,
        other.hit("acme#api#u1", window, NOW).await.unwrap().used,
        one.hit("acme#api#u1", window, NOW).await.unwrap().used,
        one.hit("acme#api#u2", window, NOW).await.unwrap().used,
        one.hit("acme#api#u1", window, NOW + 60).await.unwrap().used,
    ];

    assert_eq!(used, [1, 2, 3, 1, 1]);
    assert!(one.hit("acme#api#u1", window, NOW).await.unwrap().exceeded());
}

#[tokio::test]
async fn a_signature_is_seen_for_the_first_time_once() {
    let fixture = fixture().await;
    let counters = fixture.cloud.counters();

    assert!(counters.first_use("s1", NOW, NOW + 10).await.unwrap());
    assert!(!counters.first_use("s1", NOW + 5, NOW + 15).await.unwrap());
    assert!(counters.first_use("s2", NOW, NOW + 10).await.unwrap());
    assert!(counters.first_use("s1", NOW + 10, NOW + 20).await.unwrap());
}

#[tokio::test]
async fn the_service_secret_is_made_once_and_is_the_same_everywhere() {
    let fixture = fixture().await;
    fixture.secrets.ensure().await.unwrap();

    assert_eq!(fixture.secrets.service().await.unwrap(), fixture.cloud.secrets().service().await.unwrap());
    assert_ne!(fixture.secrets.service().await.unwrap(), [0; 32]);
}
