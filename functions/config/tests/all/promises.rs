//! What every service keeps, kept by this one.

use operation::sign;
use serde_json::{Value, json};
use testing::{Answer, World, promises};

use crate::change_control::{approve, control};
use crate::{CORS, admin, delete, make, platform, read, roll_back, rollback_token, world, write};

#[test]
fn declarations_are_whole() {
    promises::declarations_are_whole(&config::service());
}

#[test]
fn validators_and_schemas_agree() {
    promises::validators_and_schemas_agree(&config::service());
}

/// A request of another service.
pub async fn signed(world: &World, path: &str) -> Answer {
    let mut request = http::Request::get(path).body(Vec::new()).expect("a request");
    let secret = world.platform.secrets.service().await.expect("a secret");
    static NEXT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);
    let micros = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    sign(&mut request, &secret, "booking", world.now() * 1000 + micros);
    world.send(request.map(|_| operation::empty())).await
}

/// A request with the headers of a change: the version that was read, and maybe an approval.
async fn change(world: &World, method: &str, path: &str, version: &str, approval: &str, body: Option<Value>) -> Answer {
    let mut ask = world.ask(method, path).by(&admin(world)).header("if-match", &format!("\"{version}\""));
    if !approval.is_empty() {
        ask = ask.header("approval-token", approval);
    }
    match body {
        Some(body) => ask.json(&body).send().await,
        None => ask.send().await,
    }
}

#[tokio::test]
async fn every_declared_error_can_be_met_and_exactly_the_declared_resources_are_touched() {
    let world = world().await;
    let admin = admin(&world);
    let (narrowed, nowhere, target, broken) = (
        "/config/v1/documents/global.security.narrowed",
        "/config/v1/documents/global.security.nothing",
        "/config/v1/documents/global.security.target",
        "/config/v1/documents/global.security.broken",
    );

    let changed = write(&world, &admin, CORS, json!({ "origins": ["https://app.example"] })).await;
    for path in [CORS, nowhere] {
        read(&world, &admin, path).await;
        for place in ["versions", "versions/1", "versions/9"] {
            read(&world, &admin, &format!("{path}/{place}")).await;
        }
        for body in
            [json!({ "value": {}, "reason": "a test" }), json!({ "value": {}, "schema": {}, "reason": "a test" })]
        {
            change(&world, "PUT", path, "1-0", "", Some(body)).await;
        }
        for body in [json!({ "value": {} }), json!({ "value": {}, "schema": {} })] {
            change(&world, "POST", &format!("{path}/validations"), "1-0", "", Some(body)).await;
        }
        for version in ["1-0", "1-1"] {
            let proposed = json!({ "action": "delete", "version": version, "changeTicket": "CHG-00000001" });
            approve(&world, &admin, path, &proposed).await;
        }
        let update =
            json!({ "action": "update", "version": "1-1", "value": {}, "schema": {}, "changeTicket": "CHG-00000001" });
        approve(&world, &admin, path, &update).await;
        change(&world, "DELETE", &format!("{path}?reason=a+test"), "1-0", "", None).await;
        roll_back(&world, &admin, path, "made-up").await;
    }

    let undone = roll_back(&world, &admin, CORS, &rollback_token(&changed)).await;
    roll_back(&world, &admin, CORS, &rollback_token(&changed)).await;
    roll_back(&world, &admin, CORS, &rollback_token(&undone)).await;
    delete(&world, &admin, CORS).await;
    delete(&world, &admin, CORS).await;
    delete(&world, &platform(&world), CORS).await;

    make(&world, target, json!({}), None).await;
    make(&world, broken, json!({}), None).await;
    write(&world, &admin, target, json!({ "a": 1 })).await;
    write(&world, &admin, broken, json!({ "a": "config://tenant/global/security/target/a" })).await;
    delete(&world, &admin, target).await;
    read(&world, &admin, broken).await;
    for document in ["cors", "nothing", "broken"] {
        signed(&world, &format!("/config/internal/v1/tenants/acme/documents/global.security.{document}")).await;
    }
    signed(&world, "/config/internal/v1/origins?origin=https://app.example").await;

    let narrow = json!({ "properties": { "a": { "const": 1 } } });
    make(&world, narrowed, json!({ "a": 1 }), Some(narrow.clone())).await;
    let update = async |etag: &str, schema: &Value| {
        let body = json!({ "value": { "a": 1 }, "schema": schema, "reason": "a test" });
        world.ask("PUT", narrowed).by(&platform(&world)).header("if-match", etag).json(&body).send().await
    };
    let widened = update("\"1-0\"", &json!({})).await;
    write(&world, &admin, narrowed, json!({ "a": 2 })).await;
    update("\"2-0\"", &narrow).await;
    roll_back(&world, &platform(&world), narrowed, &rollback_token(&widened)).await;

    let token = rollback_token(&write(&world, &admin, CORS, json!({})).await);
    control(&world, &["security"]).await;
    for (ticket, approval) in [(None, ""), (Some("CHG-00000001"), ""), (Some("CHG-00000001"), "made-up")] {
        let with_ticket = |mut body: Value| {
            ticket.into_iter().for_each(|ticket| body["changeTicket"] = json!(ticket));
            Some(body)
        };
        let query = ticket.map_or_else(String::new, |ticket| format!("&changeTicket={ticket}"));
        let update = with_ticket(json!({ "value": {}, "reason": "a test" }));
        let undo = with_ticket(json!({ "rollbackToken": token, "reason": "a test" }));
        change(&world, "PUT", CORS, "1-5", approval, update).await;
        change(&world, "POST", &format!("{CORS}/rollbacks"), "1-5", approval, undo).await;
        change(&world, "DELETE", &format!("{CORS}?reason=a+test{query}"), "1-5", approval, None).await;
    }

    promises::the_walk_was_complete(&world);
}
