//! Changes that another administrator must approve, and dry runs.

use policy::Role;
use serde_json::{Value, json};
use testing::{Answer, Caller, World};

use crate::{PRICING, admin, delete, platform, read, rollback_token, world, write};

const RULES: &str = "/config/v1/documents/global.operational.configuration";
const TICKET: &str = "CHG-20261121";

/// From now on the platform asks for approvals of these categories in `dev` too.
pub async fn control(world: &World, categories: &[&str]) {
    let platform = platform(world);
    let mut value = read(world, &platform, RULES).await.body["data"]["value"].clone();
    value["changeControl"]["environments"] = json!(["dev"]);
    value["changeControl"]["categories"] = json!(categories);
    assert_eq!(write(world, &platform, RULES, value).await.status, 200);
}

pub fn second(world: &World) -> Caller {
    world.caller_named("acme", "second-admin", &[Role::TenantAdmin])
}

pub async fn approve(world: &World, by: &Caller, path: &str, proposed: &Value) -> Answer {
    world.ask("POST", &format!("{path}/approvals")).by(by).json(proposed).send().await
}

pub fn approval(answer: &Answer) -> String {
    answer.body["data"]["approvalToken"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

fn raise(base: u32) -> Value {
    json!({ "action": "update", "version": "1-0", "value": { "basePerTonne": base }, "changeTicket": TICKET })
}

async fn update(world: &World, by: &Caller, base: u32, ticket: Option<&str>, token: Option<&str>) -> Answer {
    let mut body = json!({ "value": { "basePerTonne": base }, "reason": "a test" });
    if let Some(ticket) = ticket {
        body["changeTicket"] = json!(ticket);
    }
    let mut ask = world.ask("PUT", PRICING).by(by).header("if-match", "\"1-0\"");
    if let Some(token) = token {
        ask = ask.header("approval-token", token);
    }
    ask.json(&body).send().await
}

#[tokio::test]
async fn a_controlled_change_needs_a_ticket_and_the_approval_of_somebody_else() {
    let world = world().await;
    control(&world, &["business"]).await;
    let (author, second) = (admin(&world), second(&world));
    let own = approval(&approve(&world, &author, PRICING, &raise(60_000)).await);
    let token = approval(&approve(&world, &second, PRICING, &raise(60_000)).await);

    assert_eq!(update(&world, &author, 60_000, None, Some(&token)).await.code(), "CHANGE_TICKET_REQUIRED");
    assert_eq!(update(&world, &author, 60_000, Some(TICKET), None).await.code(), "APPROVAL_REQUIRED");
    assert_eq!(update(&world, &author, 60_000, Some(TICKET), Some(&own)).await.code(), "APPROVAL_INVALID");
    assert_eq!(update(&world, &author, 60_000, Some(TICKET), Some("made-up")).await.code(), "APPROVAL_INVALID");
    assert_eq!(update(&world, &author, 60_000, Some(TICKET), Some(&token)).await.status, 200);

    let version = read(&world, &author, &format!("{PRICING}/versions/1")).await;
    assert_eq!(version.body["data"]["approvedBy"], "second-admin");
    assert_eq!(version.body["data"]["changeTicket"], TICKET);
}

#[tokio::test]
async fn control_holds_at_once_in_a_process_that_has_read_the_rules_before() {
    let world = world().await;
    let twin = config::mount(&world.platform).unwrap();
    let token = admin(&world).token.unwrap();
    let change = async |version: &str| {
        let body = json!({ "value": { "basePerTonne": 60_000 }, "reason": "a test" }).to_string();
        let request = http::Request::put(PRICING)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("if-match", format!("\"{version}\""));
        let request = request.body(operation::full(body)).unwrap();
        operation::Endpoint::call(&twin, request).await.status().as_u16()
    };
    assert_eq!(change("1-0").await, 200);

    control(&world, &["business"]).await;

    assert_eq!(change("1-1").await, 422);
}

#[tokio::test]
async fn an_approval_is_good_for_exactly_its_change_and_for_a_while() {
    let world = world().await;
    control(&world, &["business"]).await;
    let author = admin(&world);
    let token = approval(&approve(&world, &second(&world), PRICING, &raise(60_000)).await);

    assert_eq!(update(&world, &author, 60_001, Some(TICKET), Some(&token)).await.code(), "APPROVAL_INVALID");
    assert_eq!(update(&world, &author, 60_000, Some("CHG-00000001"), Some(&token)).await.code(), "APPROVAL_INVALID");
    let outsider = world.caller("other", Role::TenantAdmin);
    assert_eq!(update(&world, &outsider, 60_000, Some(TICKET), Some(&token)).await.code(), "APPROVAL_INVALID");

    world.advance(86_400);
    let author = admin(&world);
    assert_eq!(update(&world, &author, 60_000, Some(TICKET), Some(&token)).await.code(), "APPROVAL_INVALID");
}

#[tokio::test]
async fn an_approval_of_a_version_that_is_gone_is_not_given_and_no_longer_good() {
    let world = world().await;
    let token = approval(&approve(&world, &second(&world), PRICING, &raise(60_000)).await);
    write(&world, &admin(&world), PRICING, json!({ "basePerTonne": 55_000 })).await;
    control(&world, &["business"]).await;

    assert_eq!(approve(&world, &second(&world), PRICING, &raise(60_000)).await.code(), "VERSION_CHANGED");
    let body = json!({ "value": { "basePerTonne": 60_000 }, "reason": "a test", "changeTicket": TICKET });
    let ask = world.ask("PUT", PRICING).by(&admin(&world)).header("if-match", "\"1-1\"");
    assert_eq!(ask.header("approval-token", &token).json(&body).send().await.code(), "APPROVAL_INVALID");
}

#[tokio::test]
async fn deletes_and_rollbacks_are_controlled_too() {
    let world = world().await;
    let author = admin(&world);
    let token = rollback_token(&write(&world, &author, PRICING, json!({ "basePerTonne": 60_000 })).await);
    control(&world, &["business"]).await;
    assert_eq!(delete(&world, &author, PRICING).await.code(), "CHANGE_TICKET_REQUIRED");

    let proposed = |action: &str| json!({ "action": action, "version": "1-1", "changeTicket": TICKET });
    let undo = json!({ "rollbackToken": token, "reason": "a test", "changeTicket": TICKET });
    let rollback = async |approval: &str| {
        let ask = world.ask("POST", &format!("{PRICING}/rollbacks")).by(&author).header("approval-token", approval);
        ask.json(&undo).send().await
    };
    let deletion = approval(&approve(&world, &second(&world), PRICING, &proposed("delete")).await);
    assert_eq!(rollback(&deletion).await.code(), "APPROVAL_INVALID");
    let undoing = approval(&approve(&world, &second(&world), PRICING, &proposed("rollback")).await);
    assert_eq!(rollback(&undoing).await.status, 200);
}

#[tokio::test]
async fn other_categories_and_other_envers_go_on_without_approval() {
    let world = world().await;
    control(&world, &["security"]).await;

    assert_eq!(update(&world, &admin(&world), 60_000, None, None).await.status, 200);
}

#[tokio::test]
async fn a_proposal_that_is_not_whole_is_refused() {
    let world = world().await;
    for (proposed, pointer) in [
        (json!({ "action": "update", "version": "1-0", "changeTicket": TICKET }), "/value"),
        (json!({ "action": "delete", "version": "1-0", "value": {}, "changeTicket": TICKET }), "/action"),
        (json!({ "action": "delete", "version": "1-0", "changeTicket": "CHG-1" }), "/changeTicket"),
        (json!({ "action": "burn", "version": "1-0", "changeTicket": TICKET }), "/action"),
    ] {
        let answer = approve(&world, &admin(&world), PRICING, &proposed).await;
        assert_eq!((answer.code(), crate::pointers(&answer)), ("VALIDATION_ERROR", vec![pointer]), "{proposed}");
    }
}

async fn validate(world: &World, body: &Value) -> Value {
    let answer = world.ask("POST", &format!("{PRICING}/validations")).by(&admin(world)).json(body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

#[tokio::test]
async fn a_dry_run_says_everything_and_changes_nothing() {
    let world = world().await;

    let verdict = validate(&world, &json!({ "value": { "basePerTonne": 1, "colour": "red" } })).await;
    assert_eq!(verdict["valid"], false);
    let places: Vec<_> = verdict["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(places, ["/value/basePerTonne", "/value/colour"]);
    assert_eq!(validate(&world, &json!({ "value": { "basePerTonne": 60_000 } })).await["valid"], true);

    assert_eq!(read(&world, &admin(&world), PRICING).await.header("etag"), "\"1-0\"");
}

#[tokio::test]
async fn a_dry_run_warns_of_what_may_not_be_meant_and_strictly_refuses_it() {
    let world = world().await;
    control(&world, &["business"]).await;
    let same = json!({ "basePerTonne": 50_000, "materialMultipliers": { "coal": 1.0, "limestone": 0.8 } });

    let verdict = validate(&world, &json!({ "value": same })).await;
    assert_eq!(verdict["valid"], true);
    let places: Vec<_> =
        verdict["warnings"].as_array().unwrap().iter().map(|warning| warning["pointer"].clone()).collect();
    assert_eq!(places, ["/value/basePerTonne", "/value/materialMultipliers/coal", ""]);

    assert_eq!(validate(&world, &json!({ "value": same, "strict": true })).await["valid"], false);
}
