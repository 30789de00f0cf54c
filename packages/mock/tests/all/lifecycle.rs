//! The life of a record as the contract says it: what leads on, what is refused, and contracts that say it badly.

use std::path::Path;

use mock::Constellation;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::booking::freight;
use crate::world::{World, outside, root, token};

/// The contracts, with this as the life of `cancelBooking`.
fn with_life(life: Value) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let published = root().join("contracts/published/mock");
    for service in ["auth", "booking", "config"] {
        std::fs::create_dir_all(folder.path().join("contracts").join(service)).unwrap();
        for file in ["asyncapi.json", "openapi.json"] {
            let place = Path::new(service).join(file);
            std::fs::copy(published.join(&place), folder.path().join("contracts").join(&place)).unwrap();
        }
    }
    let place = folder.path().join("contracts/booking/openapi.json");
    let mut contract: Value = serde_json::from_slice(&std::fs::read(&place).unwrap()).unwrap();
    let cancel = &mut contract["paths"]["/booking/v1/bookings/{bookingId}/cancellation"]["post"];
    assert!(cancel["x-lifecycle"].is_object(), "{cancel}");
    cancel["x-lifecycle"] = life;
    std::fs::write(&place, contract.to_string()).unwrap();
    folder
}

fn told(folder: &TempDir, behaviour: &str) -> String {
    let data = folder.path().join("data/behaviour");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("booking.yaml"), behaviour).unwrap();
    let data: &Path = &folder.path().join("data");
    let problems = Constellation::start(&folder.path().join("contracts"), data, outside()).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

const GOES_ON: &str = "service: booking\noperations:\n  cancelBooking:\n    - transition: missing\n";

#[tokio::test]
async fn what_leads_nowhere_is_refused_as_the_contract_says() {
    let world = World::start();
    let (shipper, admin) = (token("acme", "sam", &["shipper"]), token("acme", "ada", &["tenant_admin"]));
    let (_, booked) = world.post("/booking/v1/bookings", &shipper, json!({ "freight": freight() })).await;
    let path = format!("/booking/v1/bookings/{}", booked["data"]["bookingId"].as_str().unwrap());

    for (action, refusal) in [("start", "INVALID_BOOKING_STATUS"), ("completion", "INVALID_BOOKING_STATUS")] {
        let (status, body) = world.post(&format!("{path}/{action}"), &admin, json!({})).await;
        let error = &body["error"];
        assert_eq!((status.as_u16(), &error["code"]), (409, &json!(refusal)), "{action}: {body}");
        assert_eq!(error["details"], json!({ "status": "created" }), "{action}");
    }
    assert_eq!(world.post(&format!("{path}/confirmation"), &admin, json!({})).await.1["data"]["status"], "confirmed");
    assert_eq!(world.post(&format!("{path}/confirmation"), &admin, json!({})).await.0, 409);
    let (_, history) = world.get(&format!("{path}/history"), &shipper).await;
    let steps: Vec<_> = history["data"]["entries"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(steps, ["create", "confirm"]);
}

#[tokio::test]
async fn another_contract_is_another_life() {
    let life = json!({ "action": "drop", "refusal": "CANCELLATION_TOO_LATE",
                       "transitions": [{ "from": "created", "to": "confirmed" }] });
    let world = World::of(&with_life(life).path().join("contracts"));
    let shipper = token("acme", "sam", &["shipper"]);
    let (status, booked) = world.post("/booking/v1/bookings", &shipper, json!({ "freight": freight() })).await;
    assert_eq!(status, 201, "{booked}");
    let path = format!("/booking/v1/bookings/{}/cancellation", booked["data"]["bookingId"].as_str().unwrap());
    let cancel = || world.post(&path, &shipper, json!({ "reason": "plans have changed" }));

    assert_eq!(cancel().await.1["data"]["status"], "confirmed");
    let (status, body) = cancel().await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (422, &json!("CANCELLATION_TOO_LATE")), "{body}");
}

#[test]
fn a_life_that_is_said_badly_is_told_before_anything_starts() {
    let from = json!([{ "from": "created", "to": "cancelled" }]);
    for (life, part) in [
        (json!({ "action": "cancel", "transitions": from }), "has no `refusal`"),
        (json!({ "action": "cancel", "transitions": from, "refusal": "TEAPOT" }), "TEAPOT, which is no declared error"),
        (json!({ "transitions": [] }), "no text as its `action`"),
        (json!({ "action": "cancel", "transitions": [{ "from": 1, "to": "x" }] }), "no text as its `from`"),
    ] {
        let told = told(&with_life(life), GOES_ON);
        assert!(told.contains(part) && told.contains("/cancellation.post"), "{part} in {told}");
    }
}

#[test]
fn behaviour_goes_on_where_the_contract_says_so_and_nowhere_else() {
    let forgets = "service: booking\noperations:\n  cancelBooking: []\n";
    assert!(told(&with_life(json!({ "action": "cancel" })), forgets).contains("`transition` is missing"));
    assert!(told(&with_life(Value::Null), GOES_ON).contains("has a `transition`"));
}
