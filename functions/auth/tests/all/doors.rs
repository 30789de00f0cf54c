//! Every door that strangers may knock at: neither the answer nor the time it takes says who is registered.

use std::time::{Duration, Instant};

use serde_json::json;
use testing::Answer;

use crate::machines::exchange;
use crate::office::{LOCK_OUT, Office, PASSWORD};

const WRONG: &str = "wrong horse battery";

/// An office where a hash costs so much that leaving one out would show, and nobody is locked out.
async fn office() -> Office {
    let office = Office::with_acme().await;
    let passwords = "services.auth.dev.technical.passwords";
    office.world.configure(passwords, "/memoryKib", json!(4096));
    office.world.configure(passwords, "/iterations", json!(3));
    office.world.configure(LOCK_OUT, "/attempts", json!(100));
    assert_eq!(office.create_tenant("other", "admin@other.example").await.status, 201);
    office
}

/// Asserts that two ways to knock get one answer, and that neither takes twice as long as the other.
async fn alike(known: impl AsyncFn() -> Answer, unknown: impl AsyncFn() -> Answer) {
    // The machine's other work can only slow one down: the fastest of many, in turns, is what the work takes.
    const TURNS: usize = 40;
    let mut fastest = [Duration::MAX; 2];
    for _ in 0..TURNS {
        let began = Instant::now();
        let one = known().await;
        fastest[0] = fastest[0].min(began.elapsed());
        let began = Instant::now();
        let other = unknown().await;
        fastest[1] = fastest[1].min(began.elapsed());
        assert_eq!((one.status, &one.bytes), (other.status, &other.bytes));
        if fastest[0] < fastest[1] * 2 && fastest[1] < fastest[0] * 2 {
            return;
        }
    }
    panic!("somebody known {:?}, nobody {:?}", fastest[0], fastest[1]);
}

#[tokio::test]
async fn a_log_in_with_a_wrong_password() {
    let office = office().await;

    alike(|| office.log_in("admin@other.example", WRONG), || office.log_in("nobody@other.example", WRONG)).await;
}

#[tokio::test]
async fn a_log_in_at_a_tenant_that_is_not_there() {
    let office = office().await;

    alike(|| office.log_in("admin@other.example", WRONG), || office.log_in("admin@nowhere.example", WRONG)).await;
}

#[tokio::test]
async fn a_log_in_with_the_right_password_of_somebody_suspended() {
    let office = office().await;
    let admin = office.logged_in("admin@other.example").await;
    let ravi = office.joined(&admin, "ravi@other.example", &["shipper"]).await;
    let path = format!("/auth/v1/users/{ravi}/suspension");
    assert_eq!(office.send(&admin, "POST", &path, &serde_json::Value::Null).await.status, 200);

    alike(|| office.log_in("ravi@other.example", PASSWORD), || office.log_in("nobody@other.example", PASSWORD)).await;
}

#[tokio::test]
async fn a_log_in_under_a_lock() {
    let office = office().await;
    office.world.configure(LOCK_OUT, "/attempts", json!(1));
    for email in ["admin@other.example", "nobody@other.example", "admin@nowhere.example"] {
        assert_eq!(office.log_in(email, WRONG).await.status, 401);
    }

    for unknown in ["nobody@other.example", "admin@nowhere.example"] {
        alike(|| office.log_in("admin@other.example", PASSWORD), || office.log_in(unknown, PASSWORD)).await;
    }
}

#[tokio::test]
async fn asking_for_a_password_reset() {
    let office = office().await;
    let ask = async |email: &str| {
        office.world.advance(60);
        office.ask_reset(email).await
    };

    for unknown in ["nobody@other.example", "admin@nowhere.example"] {
        alike(|| ask("admin@other.example"), || ask(unknown)).await;
    }
}

#[tokio::test]
async fn a_made_up_token_for_a_new_password() {
    let office = office().await;
    office.ask_reset("admin@other.example").await;
    let told = office.told("password.reset_requested").await;
    let [tenant, id, _] = told[0]["token"].as_str().unwrap().split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let complete = async |id: &str| {
        let token = format!("{tenant}.{id}.{}", "A".repeat(43));
        office.post("/auth/v1/password-resets/completion", &json!({ "token": token, "password": PASSWORD })).await
    };

    alike(|| complete(id), || complete("00000000000000000000000000000000")).await;
}

#[tokio::test]
async fn creating_a_tenant() {
    let office = office().await;
    let made = std::sync::atomic::AtomicU64::new(0);
    let create = async |email: &str| {
        let id = format!("new-{}", made.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let mut answer = office.create_tenant(&id, email).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        // The ids differ between any two.
        answer.bytes.clear();
        answer
    };

    alike(|| create("admin@other.example"), || create("nobody@other.example")).await;
}

#[tokio::test]
async fn creating_a_tenant_that_is_there() {
    let office = office().await;

    alike(|| office.create_tenant("other", "admin@other.example"), || office.create_tenant("other", "x@other.example"))
        .await;
}

#[tokio::test]
async fn inviting_somebody() {
    let office = office().await;
    let admin = office.logged_in("admin@acme.example").await;
    let invite = async |email: &str| {
        let body = json!({ "email": email, "roles": ["shipper"] });
        let mut answer = office.send(&admin, "POST", "/auth/v1/invitations", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        // Ids, times and the address itself differ between any two.
        answer.bytes.clear();
        answer
    };

    alike(|| invite("admin@other.example"), || invite("nobody@other.example")).await;
}

#[tokio::test]
async fn a_client_with_a_wrong_secret() {
    let office = office().await;
    let mut known = office.client(&office.logged_in("admin@other.example").await, &["shipper"]).await;
    known.secret = "A".repeat(43);
    let unknown = crate::machines::Client { id: format!("other.{}", "0".repeat(32)), secret: known.secret.clone() };

    alike(|| office.client_token(&known), || office.client_token(&unknown)).await;
}

#[tokio::test]
async fn a_client_that_sends_a_browser_elsewhere() {
    let office = office().await;
    let known = office.client(&office.logged_in("admin@other.example").await, &["shipper"]).await.id;
    let authorize = async |client: &str| {
        let path = format!("/auth/v1/oauth/authorize?client_id={client}&redirect_uri=https://elsewhere.example/");
        office.world.ask("GET", &path).send().await
    };

    alike(|| authorize(&known), || authorize("other.00000000000000000000000000000000")).await;
}

#[tokio::test]
async fn an_api_key_with_a_wrong_secret() {
    let office = office().await;
    let admin = office.logged_in("admin@other.example").await;
    let (id, _) = office.api_key(&admin, &["tenant_admin"]).await;
    let present = async |id: &str| {
        let form = exchange(&format!("ek.other.{id}.{}", "A".repeat(43)));
        office.form("/auth/v1/oauth/token", &form, None).await
    };

    alike(|| present(&id), || present("00000000000000000000000000000000")).await;
}

#[tokio::test]
async fn a_challenge_of_somebody_with_a_second_factor_that_was_made_up() {
    let office = office().await;
    let admin = office.logged_in("admin@other.example").await;
    crate::device::enrolled(&office, &admin).await;
    let challenge = crate::device::challenged(&office, "admin@other.example").await;
    let id = challenge.split('.').nth(1).unwrap().to_owned();
    let answer = async |id: &str| {
        let challenge = format!("other.{id}.{}", "A".repeat(43));
        crate::device::second_step(&office, &challenge, "000000").await
    };

    alike(|| answer(&id), || answer("00000000000000000000000000000000")).await;
}
