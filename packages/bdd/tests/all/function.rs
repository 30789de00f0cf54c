//! The function that state machines ask: it takes the very payloads that their tasks send.

use std::sync::Arc;

use bdd::{Function, Plans, state_machine};
use bytes::Bytes;
use cloud::{Cloud, Secrets};
use embedded_aws::EmbeddedAws;
use http::{Request, Response};
use operation::{Body, BoxFuture, Endpoint, Environment};
use serde_json::{Value, json};
use verify::Client;

use crate::shop::{USE_CASE, plans};

/// The payload of a task, with what its paths lead to.
fn payload(plans: &Plans, task: &str, known: &[(&str, Value)]) -> Value {
    let machine = state_machine::render(&plans.dataset, &plans.published, &plans.all[0]).unwrap();
    filled(&machine.definition["States"][task]["Parameters"]["Payload"], known)
}

fn filled(template: &Value, known: &[(&str, Value)]) -> Value {
    let Value::Object(fields) = template else { return template.clone() };
    let field = |(name, value): (&String, &Value)| match name.strip_suffix(".$") {
        Some(name) => {
            let found = known.iter().find(|(path, _)| value == path);
            (name.to_owned(), found.unwrap_or_else(|| panic!("nothing is known of {value}")).1.clone())
        }
        None => (name.clone(), filled(value, known)),
    };
    fields.iter().map(field).collect()
}

/// What every payload is told.
fn told(more: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let platform = json!({ "email": "root@example.com", "password": "correct horse" });
    let mut known = vec![
        ("$$.Execution.StartTime", json!("2026-01-01T00:00:00.123Z")),
        ("$.run", json!("r1")),
        ("$.enver", json!("dev")),
        ("$.platform", platform),
    ];
    known.extend_from_slice(more);
    known
}

/// A platform whose services have a secret, and one that has none yet.
async fn secrets(made: bool) -> (EmbeddedAws, Secrets) {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let cloud = Cloud::new(&aws.unsigned_config(), Environment::Dev);
    cloud.ensure_table("platform").await.unwrap();
    if made {
        cloud.secrets().ensure().await.unwrap();
    }
    (aws, cloud.secrets())
}

/// Says who signed what it was asked.
struct Asked;

impl Endpoint for Asked {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        let field = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or_default().to_owned());
        let said = json!({
            "path": request.uri().to_string(), "as": field("x-worker-service"), "signed": field("x-worker-signature").is_some(),
        });
        Box::pin(async move { Response::new(said.to_string().into()) })
    }
}

async fn function(plans: &Plans) -> (EmbeddedAws, Function) {
    let (aws, secrets) = secrets(true).await;
    (aws, Function::new(plans.dataset.as_ref().clone(), Client::of(Arc::new(Asked)), secrets))
}

#[tokio::test]
async fn what_a_task_cannot_compute_is_computed() {
    let plans = plans(USE_CASE);
    let (_aws, function) = function(&plans).await;

    let answer = function.answer(&payload(&plans, "02 order · values", &told(&[]))).await.unwrap();

    assert_eq!(answer, json!({ "values": { "v1": "2026-01-04T00:00:00Z" } }));
}

#[tokio::test]
async fn an_answer_is_judged_as_the_dataset_says() {
    let plans = plans(USE_CASE);
    let (_aws, function) = function(&plans).await;
    for (tags, matches) in [(json!(["ripe", "fresh"]), true), (json!(["ripe"]), false)] {
        let found = json!({ "data": { "orderId": "OR-1", "tags": tags } });
        let known = told(&[("$.saved.s02.orderId", json!("OR-1")), ("$.answer.ResponseBody", found)]);

        let answer = function.answer(&payload(&plans, "03 kept · judged", &known)).await.unwrap();

        assert_eq!(answer["values"]["matches"], matches, "{answer}");
    }
}

/// The flow, with an order that the service's own hand signs.
fn signing() -> Plans {
    plans(&USE_CASE.replace("      - id: order\n        title: Asha notes an order\n        actor: asha\n", "      - id: order\n        title: The till notes an order\n        actor: till\n        credentials: signature\n"))
}

#[tokio::test]
async fn what_a_service_signs_is_sent_and_answered_as_an_http_task_does() {
    let plans = signing();
    let (_aws, function) = function(&plans).await;
    let machine = state_machine::render(&plans.dataset, &plans.published, &plans.all[0]).unwrap();
    let mut payload = machine.definition["States"]["02 order"]["Parameters"]["Payload"].clone();
    let call = payload["call"].as_object_mut().unwrap();
    call.retain(|name, _| !name.ends_with(".$"));
    call.insert("ApiEndpoint".to_owned(), "/shop/v1/orders".into());

    let answer = function.answer(&payload).await.unwrap();

    let said = json!({ "path": "/shop/v1/orders", "as": "till", "signed": true });
    assert_eq!((&answer["values"]["StatusCode"], &answer["values"]["ResponseBody"]), (&json!(200), &said));
    assert!(answer["values"]["Headers"].is_object());
}

#[tokio::test]
async fn nothing_is_signed_for_somebody_else_and_nothing_without_a_secret() {
    let plans = signing();
    let call =
        |endpoint: &str| json!({ "call": { "Method": "GET", "ApiEndpoint": endpoint }, "as": "till", "step": "s" });
    let (_aws, own) = secrets(true).await;
    let deployment = Client::remote("https://all.dev.example").unwrap();
    let function = Function::new(plans.dataset.as_ref().clone(), deployment, own);
    for endpoint in
        ["https://other.example/shop", "https://all.dev.example.other.example/shop", "https://all.dev.example", ""]
    {
        let why = function.answer(&call(endpoint)).await.unwrap_err();
        assert!(why.ends_with("is not below https://all.dev.example"), "{endpoint}: {why}");
    }

    let (_aws, none) = secrets(false).await;
    let function = Function::new(plans.dataset.as_ref().clone(), Client::of(Arc::new(Asked)), none);
    let why = function.answer(&call("/shop/v1/orders")).await.unwrap_err();
    assert!(why.contains("no service secret"), "{why}");
}
