//! What was acknowledged stays, however the process ends.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Running;
use crate::process::{until, word_after};

fn new_booking(now: &str) -> Value {
    json!({ "freight": {
        "pickup": { "lat": 17.05, "lng": 79.27, "address": "Nalgonda" },
        "drop": { "lat": 16.87, "lng": 79.56, "address": "Miryalguda" },
        "material": "coal", "tonnes": 12.5, "pickupAt": now,
    } })
}

/// The pickup that the printed example proposes: a day from now.
fn pickup(running: &Running) -> &str {
    word_after(&running.printed, r#""pickupAt":""#).split('"').next().unwrap()
}

async fn listed(running: &Running, token: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page = running.call("GET", &format!("/booking/v1/bookings?pageSize=100{cursor}"), token, None).await;
        assert_eq!(page.status, 200, "{}", page.body);
        ids.extend(page.body["data"].as_array().unwrap().iter().map(|booking| booking["bookingId"].to_string()));
        match page.body["pagination"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn asked_to_stop_it_ends_with_0_and_comes_back_with_everything() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let token = running.token().await;
    let booked = running.call("POST", "/booking/v1/bookings", &token, Some(new_booking(pickup(&running)))).await;
    assert_eq!(booked.status, 201, "{}", booked.body);
    let password = word_after(&running.printed, "with password ").to_owned();

    assert_eq!(running.terminate().await, Some(0));
    let running = Running::start(folder.path()).await;

    assert_eq!(word_after(&running.printed, "with password "), password);
    assert_eq!(listed(&running, &token).await, BTreeSet::from([booked.body["data"]["bookingId"].to_string()]));
}

#[tokio::test]
async fn killed_in_a_storm_of_bookings_it_loses_none_that_was_acknowledged_and_counts_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    let mut running = Running::start(folder.path()).await;
    let token = running.token().await;
    running.lift_limits(&token).await;

    for _ in 0..3 {
        let storm = Arc::new(running);
        let booking = new_booking(pickup(&storm));
        let mut callers = JoinSet::new();
        for _ in 0..4 {
            let (storm, token, booking) = (Arc::clone(&storm), token.clone(), booking.clone());
            callers.spawn(async move {
                let mut ids = Vec::new();
                while ids.len() < 20 {
                    let body = Some(booking.clone());
                    let Some(answer) = storm.try_call("POST", "/booking/v1/bookings", &token, &[], body).await else {
                        break;
                    };
                    assert_eq!(answer.status, 201, "{}", answer.body);
                    ids.push(answer.body["data"]["bookingId"].to_string());
                }
                ids
            });
        }
        // The first caller that is done ends the process under the others.
        acknowledged.extend(callers.join_next().await.unwrap().unwrap());
        storm.kill().await;
        while let Some(ids) = callers.join_next().await {
            acknowledged.extend(ids.unwrap());
        }
        drop(storm);
        running = Running::start(folder.path()).await;
    }

    let ids = listed(&running, &token).await;
    assert!(ids.is_superset(&acknowledged), "{} acknowledged, {} there", acknowledged.len(), ids.len());
    let summary = async || running.call("GET", "/booking/v1/summary", &token, None).await.body["data"].clone();
    let complete = until(summary, |summary| summary["openBookings"].as_u64() >= Some(ids.len() as u64)).await;
    assert_eq!(complete["openBookings"], ids.len());
}

#[tokio::test]
async fn an_ephemeral_enver_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = crate::process::enver();
    command.current_dir(folder.path());
    let running = Running::start_with(command, &["up", "--ephemeral", "--port-base", "0"]).await;
    running.token().await;

    assert_eq!(running.terminate().await, Some(0));

    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn nobody_else_on_the_machine_can_look_into_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _running = Running::start(&data).await;

    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("dev/demo.json")), 0o600);
}
