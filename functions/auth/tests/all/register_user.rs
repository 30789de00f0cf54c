//! `POST /auth/v1/users`

use serde_json::json;

use crate::office::{Office, PASSWORD, text, user};

#[tokio::test]
async fn a_registered_person_can_log_in_and_has_the_roles_that_were_given() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;

    let roles = ["shipper", "driver", "shipper"];
    let answer = office.register(&admin, &user("Ravi@Acme.example", &roles)).await;

    assert_eq!(answer.status, 201, "{}", answer.body);
    let data = &answer.body["data"];
    assert_eq!(data["email"], "ravi@acme.example");
    assert_eq!(data["roles"], json!(["driver", "shipper"]));
    assert_eq!(data.as_object().unwrap().len(), 5, "{data}");
    let claims = crate::tokens::claims(&office.logged_in("ravi@acme.example").await);
    assert_eq!(claims.tenant_id, "acme");
    assert_eq!(claims.sub, data["userId"].as_str().unwrap());
    assert_eq!(claims.roles, ["driver", "shipper"]);
}

#[tokio::test]
async fn an_address_is_one_persons_in_a_tenant_and_whose_it_is_elsewhere_is_not_told() {
    let office = Office::with_acme().await;
    office.create_tenant("other", "admin@other.example").await;
    let admin = office.logged_in("admin@acme.example").await;

    let taken = office.register(&admin, &user("ADMIN@acme.example", &["shipper"])).await;
    let of_another = office.register(&admin, &user("admin@other.example", &["shipper"])).await;

    assert_eq!((taken.status, taken.code()), (409, "EMAIL_TAKEN"));
    assert_eq!(of_another.status, 201, "{}", of_another.body);
    let here = office.log_in_at("acme", "admin@other.example", PASSWORD).await;
    let caller = crate::office::bearer(here.body["data"]["accessToken"].as_str().unwrap());
    assert_eq!(crate::tokens::claims(&caller).sub, of_another.body["data"]["userId"].as_str().unwrap());
}

#[tokio::test]
async fn nobody_gives_the_role_that_runs_the_platform_or_one_that_is_none() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;

    for roles in [vec!["system_admin"], vec!["shipper", "system_admin"], vec!["root"], vec![]] {
        let answer = office.register(&admin, &user("ravi@acme.example", &roles)).await;
        assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"), "{roles:?}");
    }
}

#[tokio::test]
async fn only_a_tenants_administrator_registers_people() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;

    for role in ["fleet_owner", "driver", "shipper"] {
        let email = format!("{role}@acme.example");
        assert_eq!(office.register(&admin, &user(&email, &[role])).await.status, 201);
        let caller = office.logged_in(&email).await;
        let answer = office.register(&caller, &user("ravi@acme.example", &["tenant_admin"])).await;
        assert_eq!((answer.status, answer.code()), (403, "FORBIDDEN"), "{role}");
    }
    let answer = office.register(&office.world.stranger(), &user("ravi@acme.example", &["shipper"])).await;
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHORIZED"));
}

#[tokio::test]
async fn an_administrator_registers_people_of_their_own_tenant_whatever_the_request_says() {
    let office = Office::with_acme().await;
    office.create_tenant("other", "admin@other.example").await;
    let admin = office.logged_in("admin@acme.example").await;
    let mut named = user("ravi@acme.example", &["shipper"]);
    named["tenantId"] = json!("other");

    let in_body = office.register(&admin, &named).await;
    let ask = office.world.ask("POST", "/auth/v1/users").by(&admin).header("x-tenant-id", "other");
    let in_header = ask.json(&user("ravi@acme.example", &["shipper"])).send().await;

    assert_eq!((in_body.status, in_body.code()), (400, "VALIDATION_ERROR"));
    assert_eq!(in_header.status, 201);
    assert_eq!(crate::tokens::claims(&office.logged_in("ravi@acme.example").await).tenant_id, "acme");
    let others = office.kept().await.iter().filter(|item| text(item, "pk").starts_with("other#user#")).count();
    assert_eq!(others, 1);
}

#[tokio::test]
async fn the_same_request_under_the_same_key_registers_one_person() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let body = user("ravi@acme.example", &["shipper"]);
    let send = async |body: &serde_json::Value| {
        let ask = office.world.ask("POST", "/auth/v1/users").by(&admin).header("idempotency-key", "k1");
        ask.json(body).send().await
    };

    let (first, again) = (send(&body).await, send(&body).await);
    let other = send(&user("asha@acme.example", &["shipper"])).await;

    assert_eq!((first.status, &first.bytes), (201, &again.bytes));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!((other.status, other.code()), (422, "IDEMPOTENCY_KEY_REUSED"));
}

#[tokio::test]
async fn the_length_of_a_password_is_the_tenants_but_what_its_hash_costs_is_the_platforms() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    office.world.configure("services.auth.dev.technical.passwords", "/minimumLength", json!(64));

    let answer = office.register(&admin, &user("ravi@acme.example", &["shipper"])).await;

    assert_eq!((answer.status, answer.code()), (422, "WEAK_PASSWORD"));
}

#[tokio::test]
async fn an_event_names_the_person_and_no_address() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;

    let answer = office.register(&admin, &user("ravi@acme.example", &["shipper"])).await;

    let events = office.events().await;
    let event = events.iter().find(|event| event["type"] == "user.registered").unwrap();
    assert_eq!(event["tenantid"], "acme");
    assert_eq!(event["data"], json!({ "userId": answer.body["data"]["userId"], "roles": ["shipper"] }));
}

#[tokio::test]
async fn what_is_kept_holds_no_password_and_no_token() {
    let office = Office::with_acme().await;
    let login = office.log_in("admin@acme.example", PASSWORD).await;
    let refreshed = office.refresh(login.body["data"]["refreshToken"].as_str().unwrap()).await;
    let admin = crate::office::bearer(refreshed.body["data"]["accessToken"].as_str().unwrap());
    let ask = office.world.ask("POST", "/auth/v1/users").by(&admin).header("idempotency-key", "k1");
    assert_eq!(ask.json(&user("ravi@acme.example", &["shipper"])).send().await.status, 201);

    let kept = format!("{:?}", office.kept().await);

    assert!(kept.contains("$argon2id$v=19$m=128,t=1,p=1$"));
    assert!(!kept.contains(PASSWORD));
    for answer in [&login, &refreshed] {
        for name in ["accessToken", "refreshToken"] {
            let secret = answer.body["data"][name].as_str().unwrap().rsplit('.').next().unwrap();
            assert!(!kept.contains(secret), "{name}");
        }
    }
}
