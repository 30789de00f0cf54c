//! What every service keeps, kept by this one.

use operation::Delivery;
use serde_json::{Value, json};
use testing::promises;

use crate::browsers::Place;
use crate::device::{Device, challenged, enrolled, second_step};
use crate::office::{Office, PASSWORD, PASSWORD_RULES, refresh_token, tenant, user};
use crate::tokens::claims;

#[test]
fn declarations_are_whole() {
    promises::declarations_are_whole(&auth::service());
}

#[test]
fn validators_and_schemas_agree() {
    promises::validators_and_schemas_agree(&auth::service());
}

#[tokio::test]
async fn every_declared_error_can_be_met_and_exactly_the_declared_resources_are_touched() {
    let place = Place::open().await;
    let office = &place.office;
    office.admit_callers().await;
    assert_eq!(office.world.ask("GET", "/auth/v1/jwks.json").send().await.status, 200);
    let mut weak = tenant("acme", "admin@acme.example");
    weak["admin"]["password"] = json!("short");
    office.post("/auth/v1/tenants", &weak).await;
    for (id, email) in [("acme", "admin@acme.example"), ("acme", "b@acme.example")] {
        office.create_tenant(id, email).await;
    }
    office.log_in("admin@acme.example", "wrong").await;
    let admin = office.logged_in("admin@acme.example").await;
    let mut weak = user("ravi@acme.example", &["shipper"]);
    weak["password"] = json!("short");
    for body in [weak, user("ravi@acme.example", &["shipper"]), user("ravi@acme.example", &["shipper"])] {
        office.register(&admin, &body).await;
    }
    let first = refresh_token(&office.log_in("ravi@acme.example", PASSWORD).await);
    for _ in 0..2 {
        office.refresh(&first).await;
    }
    office.world.advance(60);
    office.refresh(&first).await;
    let admin = office.logged_in("admin@acme.example").await;
    crate::machines::walk(office, &admin).await;
    crate::authorization::walk(office, &admin).await;
    place.walk(&admin).await;
    crate::platform::walk(office).await;
    let delivery = office.world.deliver("applyConfigurationChange", changed().as_bytes()).await;
    assert!(matches!(delivery, Delivery::Done), "{delivery:?}");
    crate::internal::walk(office).await;
    roles_and_people(office).await;
    invitations(office).await;
    passwords(office).await;
    second_factor(office).await;
    lost_factor(office).await;
    sessions(office).await;

    promises::the_walk_was_complete(&office.world);
}

#[tokio::test]
async fn a_message_that_is_no_change_of_a_document_is_put_aside() {
    let office = Office::open().await;
    let broken = changed().replace("\"document\"", "\"file\"");

    let delivery = office.world.deliver("applyConfigurationChange", broken.as_bytes()).await;

    assert!(matches!(delivery, Delivery::Poison(_)), "{delivery:?}");
}

const NONE: &Value = &Value::Null;
const NOBODY: &str = "00000000000000000000000000000000";

async fn roles_and_people(office: &Office) {
    office.create_tenant("second", "admin@second.example").await;
    let second = office.logged_in("admin@second.example").await;
    office.joined(&second, "other@second.example", &["tenant_admin"]).await;
    let admin = office.logged_in("admin@acme.example").await;
    let send = async |method: &str, path: &str, body: &Value| office.send(&admin, method, path, body).await;
    let role = |name: &str, permission: &str| json!({ "name": name, "description": "x", "permissions": [permission] });
    for role in [role("desk", "user:read"), role("desk", "user:read"), role("other", "root:all")] {
        send("POST", "/auth/v1/roles", &role).await;
    }
    for permission in ["booking:read", "root:all"] {
        send("PUT", "/auth/v1/roles/desk", &json!({ "description": "x", "permissions": [permission] })).await;
    }
    send("PUT", "/auth/v1/roles/none", &json!({ "description": "x", "permissions": ["user:read"] })).await;
    send("GET", "/auth/v1/roles", NONE).await;
    let people = send("GET", "/auth/v1/users", NONE).await.body;
    let ravi = people["data"].as_array().unwrap().iter().find(|person| person["email"] == "ravi@acme.example");
    let ravi = ravi.unwrap()["userId"].as_str().unwrap();
    let me = claims(&admin).sub;
    for (id, role) in [(ravi, "desk"), (ravi, "none"), (NOBODY, "desk"), (me.as_str(), "shipper")] {
        send("PUT", &format!("/auth/v1/users/{id}/roles"), &json!({ "roles": [role] })).await;
    }
    for path in ["/auth/v1/roles/desk", "/auth/v1/roles/none"] {
        send("DELETE", path, NONE).await;
    }
    for id in [ravi, NOBODY] {
        send("GET", &format!("/auth/v1/users/{id}"), NONE).await;
    }
    for id in [me.as_str(), ravi, ravi, NOBODY] {
        send("POST", &format!("/auth/v1/users/{id}/suspension"), NONE).await;
    }
    for id in [ravi, ravi, NOBODY] {
        send("POST", &format!("/auth/v1/users/{id}/reactivation"), NONE).await;
    }
}

async fn invitations(office: &Office) {
    let admin = office.logged_in("admin@acme.example").await;
    let invite = async |email: &str, role: &str| {
        let body = json!({ "email": email, "roles": [role] });
        let answer = office.send(&admin, "POST", "/auth/v1/invitations", &body).await;
        answer.body["data"]["invitationId"].as_str().unwrap_or(NOBODY).to_owned()
    };
    let accept = async |token: &str, password: &str| {
        let body = json!({ "token": token, "name": "A", "password": password });
        office.post("/auth/v1/invitations/acceptance", &body).await
    };
    invite("asha@acme.example", "root").await;
    let taken = invite("ravi@acme.example", "shipper").await;
    let open = invite("asha@acme.example", "shipper").await;
    let told = office.told("invitation.created").await;
    let token =
        |id: &str| told.iter().find(|event| event["invitationId"] == id).unwrap()["token"].as_str().unwrap().to_owned();
    office.send(&admin, "GET", "/auth/v1/invitations", NONE).await;
    for password in ["short", PASSWORD, PASSWORD] {
        accept(&token(&open), password).await;
    }
    accept(&token(&taken), PASSWORD).await;
    for _ in 0..2 {
        office.send(&admin, "DELETE", &format!("/auth/v1/invitations/{taken}"), NONE).await;
    }
}

async fn passwords(office: &Office) {
    let next = "staple gun paper clip";
    let caller = office.logged_in("asha@acme.example").await;
    let change = async |current: &str, password: &str| {
        let body = json!({ "current": current, "password": password });
        office.send(&caller, "POST", "/auth/v1/password", &body).await
    };
    change(PASSWORD, next).await;
    office.world.configure(PASSWORD_RULES, "/minimumAgeSeconds", json!(0));
    for (current, password) in [("wrong", next), (PASSWORD, "short"), (PASSWORD, PASSWORD), (PASSWORD, next)] {
        change(current, password).await;
    }
    office.world.configure(PASSWORD_RULES, "/historyLength", json!(0));
    office.ask_reset("asha@acme.example").await;
    let told = office.told("password.reset_requested").await;
    for password in ["short", next, PASSWORD, PASSWORD] {
        let body = json!({ "token": told[0]["token"], "password": password });
        office.post("/auth/v1/password-resets/completion", &body).await;
    }
    office.world.configure(PASSWORD_RULES, "/maximumAgeSeconds", json!(1));
    office.world.advance(1);
    office.log_in("asha@acme.example", PASSWORD).await;
    office.world.configure(PASSWORD_RULES, "/maximumAgeSeconds", json!(0));
}

async fn second_factor(office: &Office) {
    let caller = office.logged_in("asha@acme.example").await;
    let send = async |path: &str, code: &str| {
        let path = format!("/auth/v1/multi-factor/{path}");
        office.send(&caller, "POST", &path, &json!({ "code": code })).await
    };
    for path in ["confirmation", "removal", "backup-codes"] {
        send(path, "000000").await;
    }
    let device = Device::reads(&office.send(&caller, "POST", "/auth/v1/multi-factor", NONE).await);
    for code in [device.never_shows(office), device.shows(office), device.shows(office)] {
        send("confirmation", &code).await;
    }
    office.send(&caller, "POST", "/auth/v1/multi-factor", NONE).await;
    office.world.advance(30);
    let challenge = challenged(office, "asha@acme.example").await;
    for code in [device.never_shows(office), device.shows(office)] {
        second_step(office, &challenge, &code).await;
    }
    for path in ["backup-codes", "removal"] {
        office.world.advance(30);
        for code in [device.never_shows(office), device.shows(office)] {
            send(path, &code).await;
        }
    }
}

async fn lost_factor(office: &Office) {
    let person = office.logged_in("asha@acme.example").await;
    enrolled(office, &person).await;
    let admin = office.logged_in("admin@acme.example").await;
    let id = claims(&person).sub;
    for id in [NOBODY, &id, &id] {
        office.send(&admin, "DELETE", &format!("/auth/v1/users/{id}/multi-factor"), NONE).await;
    }
}

async fn sessions(office: &Office) {
    office.logged_in("asha@acme.example").await;
    let caller = office.logged_in("asha@acme.example").await;
    let listed = office.send(&caller, "GET", "/auth/v1/sessions", NONE).await;
    let other = listed.body["data"].as_array().unwrap().iter().find(|session| session["current"] == false);
    let path = format!("/auth/v1/sessions/{}", other.unwrap()["sessionId"].as_str().unwrap());
    for _ in 0..2 {
        office.send(&caller, "DELETE", &path, NONE).await;
    }
    for path in ["/auth/v1/logout/everywhere", "/auth/v1/logout"] {
        office.send(&caller, "POST", path, NONE).await;
    }
}

fn changed() -> String {
    let event = json!({
        "specversion": "1.0", "id": "e1", "source": "/config", "type": "config.changed", "subject": "d",
        "time": "2026-11-21T08:00:00Z", "datacontenttype": "application/json", "tenantid": "acme", "requestid": "r1",
        "data": { "document": "services.auth.dev.technical.sessions", "version": "2-0" },
    });
    event.to_string()
}
