//! What a state machine is made of.

use bdd::{state_machine, values};
use serde_json::{Value, json};

use crate::shop::{USE_CASE, plans};

fn machine(use_case: &str) -> state_machine::StateMachine {
    let plans = plans(use_case);
    state_machine::render(&plans.dataset, &plans.published, &plans.all[0]).unwrap()
}

#[test]
fn a_step_is_an_http_task_a_choice_and_a_note() {
    let machine = machine(USE_CASE);
    assert_eq!(machine.tasks, ["01 log-in", "02 order", "03 kept"]);
    let states = &machine.definition["States"];
    let order = &states["02 order"];
    assert_eq!(order["Resource"], "arn:aws:states:::http:invoke");
    let sent = &order["Parameters"];
    assert_eq!(sent["ApiEndpoint.$"], "States.Format('{}/shop/v1/orders', $.baseUrl)");
    assert_eq!(sent["Headers"]["x-passed-authorization.$"], "States.Format('Bearer {}', $.saved.s01.tokens_asha)");
    assert_eq!(sent["RequestBody"]["by.$"], "States.Format('asha-{}@shop.example', $.run)");
    assert_eq!(sent["RequestBody"]["due.$"], "$.computed.values.v1");
    assert_eq!(states["02 order · values"]["Parameters"]["Payload"]["values"], json!({ "v1": "${now+3d}" }));
    let rules = states["02 order · as expected?"]["Choices"][0]["And"].as_array().unwrap();
    let status = json!({ "Variable": "$.answer.ResponseBody.data.status", "StringEquals": "open" });
    assert!(rules.contains(&status), "{rules:?}");
    assert_eq!(states["02 order · as expected?"]["Default"], "02 order · failed");
    assert_eq!(states["Failed"]["Type"], "Fail");
}

#[test]
fn a_task_sends_no_header_field_that_step_functions_refuses() {
    let step = "        body: { item: apples";
    let machine =
        machine(&USE_CASE.replace(step, &format!("        headers: {{ If-Match: '\"1\"', x-note: kept }}\n{step}")));
    let sent = machine.definition["States"]["02 order"]["Parameters"]["Headers"].as_object().unwrap();
    let names: Vec<&String> = sent.keys().collect();
    assert_eq!(names, ["content-type", "x-note", "x-passed-If-Match", "x-passed-authorization.$"]);
}

#[test]
fn every_state_leads_to_a_state_and_every_state_is_reached() {
    let machine = machine(USE_CASE);
    let states = machine.definition["States"].as_object().unwrap();
    let mut named = vec![machine.definition["StartAt"].as_str().unwrap().to_owned()];
    let mut at = 0;
    while let Some(name) = named.get(at).cloned() {
        let state = states.get(&name).unwrap_or_else(|| panic!("{name} is named and not there"));
        let listed = |field: &str| state[field].as_array().cloned().unwrap_or_default();
        let next = [state["Next"].clone(), state["Default"].clone()].into_iter();
        let others = listed("Choices").into_iter().chain(listed("Catch")).map(|one| one["Next"].clone());
        for next in next.chain(others).filter_map(|next| next.as_str().map(str::to_owned)) {
            if !named.contains(&next) {
                named.push(next);
            }
        }
        at += 1;
    }
    let unreached: Vec<&String> = states.keys().filter(|name| !named.contains(name)).collect();
    assert!(unreached.is_empty(), "{unreached:?}");
}

#[test]
fn what_a_task_cannot_send_is_named_with_its_flow_and_step() {
    let plans =
        plans(&USE_CASE.replace(
            "body: { item: apples, count: 3, by: \"${people.asha.email}\", due: \"${now+3d}\" }",
            "raw: no JSON",
        ));
    let why = state_machine::render(&plans.dataset, &plans.published, &plans.all[0]).unwrap_err();
    assert_eq!(
        why.to_string(),
        "flow uc1-sale, step order: Step Functions cannot perform it: it sends a body that is no JSON"
    );
}

#[test]
fn the_function_computes_and_judges_from_the_text_of_the_dataset() {
    let dataset = plans(USE_CASE).dataset;
    let told = |more: Value| {
        let mut payload =
            json!({ "began": "2026-01-01T00:00:00.123Z", "run": "r1", "enver": "dev", "saved": { "n": 4 } });
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        payload
    };
    let values = json!({ "values": { "v1": "${now+3d}", "v2": "${people.asha.email}", "v3": "${saved.n}" } });
    let computed = values::answer(&dataset, &told(values), 0).unwrap();
    assert_eq!(computed, json!({ "v1": "2026-01-04T00:00:00Z", "v2": "asha-r1@shop.example", "v3": 4 }));

    let judge = |found: Value| {
        let expected = json!({ "expected": { "tags": { "$contains": ["fresh"] } }, "exact": false, "found": found });
        values::answer(&dataset, &told(expected), 0).unwrap()
    };
    assert_eq!(judge(json!({ "tags": ["a", "fresh"] })), json!({ "matches": true, "mismatches": [] }));
    assert_eq!(judge(json!({ "tags": ["a"] }))["matches"], false);

    for wrong in [json!({}), json!({ "run": 1 }), told(json!({})), told(json!({ "values": { "v": "${nothing.x.y}" } }))]
    {
        assert!(values::answer(&dataset, &wrong, 0).is_err(), "{wrong}");
    }
}
