//! `/auth/v1/invitations`

use serde_json::{Value, json};
use testing::{Answer, Caller};

use crate::office::{Office, PASSWORD};
use crate::tokens::claims;

const NONE: &Value = &Value::Null;

async fn invite(office: &Office, admin: &Caller, email: &str, roles: &[&str]) -> Answer {
    office.send(admin, "POST", "/auth/v1/invitations", &json!({ "email": email, "roles": roles })).await
}

async fn accept(office: &Office, token: &str) -> Answer {
    let body = json!({ "token": token, "name": "Ravi Kumar", "password": PASSWORD });
    office.post("/auth/v1/invitations/acceptance", &body).await
}

/// The token that went out last.
async fn token(office: &Office) -> String {
    office.told_last("invitation.created").await["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_is_invited_joins_the_tenant_with_the_roles_of_the_invitation() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;

    let invited = invite(&office, &admin, "Ravi@acme.example", &["shipper", "driver", "driver"]).await;
    let accepted = accept(&office, &token(&office).await).await;

    assert_eq!(invited.status, 201, "{}", invited.body);
    assert!(!invited.body.to_string().contains(&token(&office).await), "the token is in the event alone");
    assert_eq!(invited.body["data"]["invitedBy"], claims(&admin).sub);
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    let ravi = office.logged_in("ravi@acme.example").await;
    assert_eq!(
        (claims(&ravi).tenant_id, claims(&ravi).roles),
        ("acme".into(), vec!["driver".into(), "shipper".into()])
    );
    assert_eq!(office.told("user.registered").await.len(), 1);
    let open = office.send(&admin, "GET", "/auth/v1/invitations", NONE).await;
    assert_eq!(open.body["data"], json!([]), "it is used");
}

#[tokio::test]
async fn an_invitation_is_good_once_and_of_two_who_accept_it_exactly_one_joins() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    invite(&office, &admin, "ravi@acme.example", &["shipper"]).await;
    let token = token(&office).await;

    let (one, two) = tokio::join!(accept(&office, &token), accept(&office, &token));
    let again = accept(&office, &token).await;

    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401]);
    assert_eq!((again.status, again.code()), (401, "INVALID_INVITATION"));
    let people = office.send(&admin, "GET", "/auth/v1/users", NONE).await;
    assert_eq!(people.body["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_invitation_ends_with_its_time_and_when_it_is_taken_back() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let invited = invite(&office, &admin, "ravi@acme.example", &["shipper"]).await;
    let revoked = token(&office).await;
    let path = format!("/auth/v1/invitations/{}", invited.body["data"]["invitationId"].as_str().unwrap());

    assert_eq!(office.send(&admin, "GET", "/auth/v1/invitations", NONE).await.body["data"][0], invited.body["data"]);
    assert_eq!(office.send(&admin, "DELETE", &path, NONE).await.status, 204);
    assert_eq!(office.send(&admin, "DELETE", &path, NONE).await.code(), "INVITATION_NOT_FOUND");
    assert_eq!(accept(&office, &revoked).await.code(), "INVALID_INVITATION");

    office.world.advance(1);
    invite(&office, &admin, "ravi@acme.example", &["shipper"]).await;
    let late = token(&office).await;
    office.world.advance(604_800);
    assert_eq!(accept(&office, &late).await.code(), "INVALID_INVITATION");
    let admin = office.logged_in("admin@acme.example").await;
    assert_eq!(office.send(&admin, "GET", "/auth/v1/invitations", NONE).await.body["data"], json!([]));
}

#[tokio::test]
async fn who_is_of_the_tenant_already_is_told_so_and_who_is_of_another_joins() {
    let office = Office::with_acme().await;
    office.create_tenant("other", "admin@other.example").await;
    let admin = office.logged_in("admin@acme.example").await;

    let registered = invite(&office, &admin, "admin@acme.example", &["shipper"]).await;
    let refused = accept(&office, &token(&office).await).await;
    office.world.advance(1);
    let of_another = invite(&office, &admin, "admin@other.example", &["shipper"]).await;
    let accepted = accept(&office, &token(&office).await).await;

    assert_eq!((registered.status, of_another.status), (201, 201));
    assert_eq!((refused.status, refused.code()), (409, "EMAIL_TAKEN"));
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    for tenant in ["acme", "other"] {
        assert_eq!(office.log_in_at(tenant, "admin@other.example", PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn only_administrators_invite_and_only_with_roles_that_are_theirs_to_give() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    office.joined(&admin, "ravi@acme.example", &["shipper"]).await;
    let shipper = office.logged_in("ravi@acme.example").await;

    assert_eq!(invite(&office, &shipper, "asha@acme.example", &["shipper"]).await.status, 403);
    for role in ["system_admin", "night-desk"] {
        let refused = invite(&office, &admin, "asha@acme.example", &[role]).await;
        assert_eq!((refused.status, refused.code()), (422, "UNKNOWN_ROLE"));
    }
}

#[tokio::test]
async fn an_invited_administrator_counts_as_one() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    invite(&office, &admin, "asha@acme.example", &["tenant_admin"]).await;
    assert_eq!(accept(&office, &token(&office).await).await.status, 201);

    let path = format!("/auth/v1/users/{}/suspension", claims(&admin).sub);

    assert_eq!(office.send(&admin, "POST", &path, NONE).await.status, 200);
}
