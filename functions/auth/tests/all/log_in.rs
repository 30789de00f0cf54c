//! `POST /auth/v1/login`

use serde_json::json;

use crate::office::{Office, PASSWORD, PASSWORD_RULES, user};
use crate::tokens::claims;

#[tokio::test]
async fn a_log_in_answers_tokens_that_the_platform_takes() {
    let office = Office::with_acme().await;

    let answer = office.log_in("Admin@acme.example", PASSWORD).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let data = &answer.body["data"];
    assert_eq!((&data["tokenType"], &data["expiresIn"]), (&json!("Bearer"), &json!(900)));
    let admin = crate::office::bearer(data["accessToken"].as_str().unwrap());
    assert_eq!(office.register(&admin, &user("ravi@acme.example", &["shipper"])).await.status, 201);
}

#[tokio::test]
async fn a_token_says_who_of_which_tenant_may_do_what_and_until_when() {
    let office = Office::with_acme().await;
    let now = office.world.now() / 1000;

    let claims = claims(&office.logged_in("admin@acme.example").await);

    assert_eq!((claims.iss.as_str(), claims.aud.as_str()), ("https://auth.enver.example", "enver"));
    assert_eq!((claims.iat, claims.auth_time, claims.exp), (now, now, now + 900));
    assert_eq!((claims.tenant_id.as_str(), claims.amr), ("acme", vec!["pwd".to_owned()]));
    assert_eq!(claims.roles, ["tenant_admin"]);
    assert!(claims.permissions.contains(&"user:create".to_owned()));
    assert!(!claims.permissions.contains(&"*:*".to_owned()));
}

#[tokio::test]
async fn lifetimes_come_from_the_configuration() {
    let office = Office::with_acme().await;
    office.world.configure("services.auth.dev.technical.sessions", "/accessTokenSeconds", json!(60));

    let answer = office.log_in("admin@acme.example", PASSWORD).await;

    assert_eq!(answer.body["data"]["expiresIn"], 60);
}

#[tokio::test]
async fn a_wrong_password_an_address_that_nobody_has_and_no_tenant_get_the_very_same_answer() {
    let office = Office::with_acme().await;
    office.create_tenant("other", "admin@other.example").await;

    let wrong = office.log_in("admin@acme.example", "wrong horse battery").await;

    assert_eq!((wrong.status, wrong.code()), (401, "INVALID_CREDENTIALS"));
    assert_eq!(wrong.header("www-authenticate"), "Bearer");
    let names = |answer: &testing::Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    for (tenant, email) in
        [("acme", "nobody@acme.example"), ("acme", "admin@other.example"), ("nowhere", "admin@acme.example")]
    {
        let unknown = office.log_in_at(tenant, email, PASSWORD).await;
        assert_eq!((wrong.status, &wrong.bytes), (unknown.status, &unknown.bytes), "{tenant} {email}");
        assert_eq!(names(&wrong), names(&unknown));
    }
}

#[tokio::test]
async fn whoever_is_of_two_tenants_says_which_and_has_a_password_in_each() {
    let office = Office::with_acme().await;
    let mut other = crate::office::tenant("other", "Admin@acme.example");
    other["admin"]["password"] = json!("staple gun paper clip");
    assert_eq!(office.post("/auth/v1/tenants", &other).await.status, 201);

    for (tenant, own, others) in
        [("acme", PASSWORD, "staple gun paper clip"), ("other", "staple gun paper clip", PASSWORD)]
    {
        assert_eq!(office.log_in_at(tenant, "admin@acme.example", others).await.status, 401);
        let answer = office.log_in_at(tenant, "admin@acme.example", own).await;
        let caller = crate::office::bearer(answer.body["data"]["accessToken"].as_str().unwrap());
        assert_eq!(claims(&caller).tenant_id, tenant);
    }
}

#[tokio::test]
async fn the_same_is_written_for_whoever_fails_and_it_names_no_address() {
    let office = Office::with_acme().await;
    let before = office.kept().await.len();

    office.log_in("admin@acme.example", "wrong horse battery").await;
    let after_wrong = office.kept().await.len();
    office.log_in("nobody@acme.example", PASSWORD).await;

    assert_eq!((after_wrong, office.kept().await.len()), (before + 2, before + 4));
    assert_eq!(office.audited("platform").await, ["auth.fail by anonymous", "auth.fail by anonymous"]);
    assert!(!format!("{:?}", office.kept().await).contains("nobody@acme.example"));
}

#[tokio::test]
async fn a_password_that_is_too_old_is_good_for_nothing_but_a_reset() {
    let office = Office::with_acme().await;
    office.world.configure(PASSWORD_RULES, "/maximumAgeSeconds", json!(3600));

    assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.status, 200);
    office.world.advance(3600);
    let right = office.log_in("admin@acme.example", PASSWORD).await;
    let wrong = office.log_in("admin@acme.example", "wrong horse battery").await;

    assert_eq!((right.status, right.code()), (403, "PASSWORD_EXPIRED"));
    assert_eq!((wrong.status, wrong.code()), (401, "INVALID_CREDENTIALS"), "told only to whoever knows it");
}

#[tokio::test]
async fn a_log_in_is_in_the_audit_trail_of_the_persons_own_tenant() {
    let office = Office::with_acme().await;

    let who = claims(&office.logged_in("admin@acme.example").await).sub;

    assert_eq!(office.audited("acme").await, [format!("auth.login by {who}"), format!("tenant.create by {who}")]);
    assert!(office.audited("platform").await.is_empty());
}

#[tokio::test]
async fn credentials_are_tried_a_few_times_from_one_place_and_then_no_more() {
    let office = Office::strict().await;
    let statuses = async |client: &str, email: &str, times: usize| {
        let mut statuses = Vec::new();
        for _ in 0..times {
            let ask = office.world.ask("POST", "/auth/v1/login").header("x-client-address", client);
            let body = json!({ "tenantId": "acme", "email": email, "password": PASSWORD });
            statuses.push(ask.json(&body).send().await.status);
        }
        statuses
    };

    assert_eq!(statuses("203.0.113.1", "nobody@acme.example", 6).await, [401, 401, 401, 401, 401, 429]);
    assert_eq!(statuses("203.0.113.2", "somebody@acme.example", 1).await, [401]);
}
