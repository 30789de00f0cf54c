//! Sequences of moves by a seed: a flow up to some step of it, then what its people could do next.

use std::sync::Arc;

use dataset::Flow;
use document::Location;
use fastrand::Rng;
use serde_json::Value;

use crate::client::Exchange;
use crate::draft::{Content, Draft};
use crate::invalid::violations;
use crate::lockstep::{Move, Pair, Played, Script, Sequence, reference, replaced};

/// The beginning of a sequence: a flow that touches the service, up to a step by chance.
pub fn beginning(script: &Script, rng: &mut Rng) -> Option<Sequence> {
    let touches = |flow: &&Arc<Flow>| script.dataset.steps(flow).iter().any(|step| step.service == script.service);
    let flows: Vec<&Arc<Flow>> = script.dataset.flows().map(|(_, flow)| flow).filter(touches).collect();
    let flow = Arc::clone(flows.get(rng.usize(..flows.len().max(1)))?);
    let steps = script.dataset.steps(&flow);
    let first = steps.iter().position(|step| step.service == script.service && flow.steps.contains(step));
    let last = steps.iter().rposition(|step| flow.steps.contains(step) && matches!(step.part, dataset::Part::Step));
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(steps.len().saturating_sub(1)));
    let until = rng.usize(first.min(last)..=last);
    let moves = (0..=until).map(|place| (place, Move::Step(place))).collect();
    Some(Sequence { flow, moves })
}

/// One more move after what was played; `None` when chance found nothing to do.
pub fn next(script: &Script, played: &Played, number: usize, rng: &mut Rng) -> Option<Move> {
    let own: Vec<usize> = (0..script.api.operations.len()).collect();
    let operation = *own.get(rng.usize(..own.len().max(1)))?;
    let contract = script.api.operations.get(operation)?;
    // A request that was made before, if there was one and chance wants it; otherwise a plain one.
    // Each platform's administrator has a password of their own, which stands in no answer to refer to.
    let password = |exchange: &Exchange| -> Option<Value> {
        serde_json::from_slice::<Value>(exchange.request.body()).ok()?.get("password").cloned()
    };
    let same = |pair: &&Pair| password(&pair.left) == password(&pair.right);
    let of_it = played.pairs.iter().filter(|pair| pair.operation == contract.id);
    let before: Vec<&Pair> = of_it.filter(same).collect();
    let repeated = (!before.is_empty() && rng.u8(..4) != 0).then(|| before.get(rng.usize(..before.len()))).flatten();
    let (mut draft, mut how) = match repeated {
        Some(pair) => (Draft::of(contract, &pair.left.request)?, "again"),
        None if contract.body.is_none() => (Draft::generated(contract, u64::from(rng.u8(..8)))?, "anew"),
        None => return None,
    };
    refer(&mut draft, played);
    match rng.u8(..4) {
        0 => {
            let broken = violations(contract, &plain(contract, &draft)?);
            let violation = broken.get(rng.usize(..broken.len().max(1)))?;
            draft = violation.draft.clone();
            how = "with one rule broken";
        }
        1 if other_thing(contract, &mut draft, played, rng) => how = "of another thing",
        _ if repeated.is_none() => drop(other_thing(contract, &mut draft, played, rng)),
        _ => {}
    }
    let strangers = rng.u8(..8) == 0 || played.actors.is_empty();
    let actor = (!strangers).then(|| played.actors.get(rng.usize(..played.actors.len())).cloned()).flatten();
    let who = actor.as_deref().unwrap_or("nobody").to_owned();
    let title = format!("{} {how}, by {who} (move {number})", contract.id);
    Some(Move::Own { operation, draft: Box::new(draft), actor, title })
}

/// Every text that an earlier answer said stands for that answer from now on.
fn refer(draft: &mut Draft, played: &Played) {
    let with = |text: &str| Some(said(played, text).unwrap_or_else(|| text.to_owned()));
    for value in draft.parameters.values_mut() {
        if let Some(replaced) = replaced(value, &with) {
            *value = replaced;
        }
    }
    if let Some(Content::Value(_, value)) = &mut draft.body
        && let Some(replaced) = replaced(value, &with)
    {
        *value = replaced;
    }
}

/// Where a text that a server made was said first.
fn said(played: &Played, text: &str) -> Option<String> {
    if !crate::compare::is_made(text) {
        return None;
    }
    played.pairs.iter().find_map(|pair| {
        let body: Value = serde_json::from_slice(pair.left.response.body()).ok()?;
        let pointer = place_of(&body, text, "", 0)?;
        // What the caller said first is no answer.
        let sent = String::from_utf8_lossy(pair.left.request.body()).contains(text);
        (!sent).then(|| reference(pair.number, &pointer))
    })
}

fn place_of(value: &Value, text: &str, pointer: &str, depth: usize) -> Option<String> {
    const DEEPEST: usize = 16;
    if depth > DEEPEST {
        return None;
    }
    match value {
        Value::String(known) => (known == text).then(|| pointer.to_owned()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| place_of(item, text, &format!("{pointer}/{index}"), depth + 1)),
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            let step = document::escaped(name);
            place_of(field, text, &format!("{pointer}/{step}"), depth + 1)
        }),
        _ => None,
    }
}

/// Puts something else of the same name into the path: what an earlier answer made, or what nobody made.
fn other_thing(operation: &document::Operation, draft: &mut Draft, played: &Played, rng: &mut Rng) -> bool {
    let names: Vec<(usize, &str)> = operation
        .parameters
        .iter()
        .enumerate()
        .filter(|(_, parameter)| parameter.location == Location::Path)
        .map(|(place, parameter)| (place, parameter.name.as_str()))
        .collect();
    let Some((place, name)) = names.get(rng.usize(..names.len().max(1))) else { return false };
    let mut known = Vec::new();
    for pair in &played.pairs {
        let body: Value = serde_json::from_slice(pair.left.response.body()).unwrap_or_default();
        for pointer in [format!("/data/{name}"), format!("/data/0/{name}")] {
            if body.pointer(&pointer).is_some_and(Value::is_string) {
                known.push(reference(pair.number, &pointer));
            }
        }
    }
    if known.is_empty() || rng.u8(..4) == 0 {
        return false;
    }
    let chosen = known.swap_remove(rng.usize(..known.len()));
    draft.parameters.insert(*place, chosen.into());
    true
}

/// The draft as it can be held against the contract: what stands for an answer becomes an example.
fn plain(operation: &document::Operation, draft: &Draft) -> Option<Draft> {
    let mut plain = Draft::generated(operation, 0)?;
    // Its own values where they keep the contract, examples where they only stand for something.
    let stands_for = |value: &Value| value.as_str().is_some_and(|text| text.starts_with('\u{1}'));
    for (place, value) in &draft.parameters {
        if !stands_for(value) {
            plain.parameters.insert(*place, value.clone());
        }
    }
    if let Some(Content::Value(_, value)) = &draft.body
        && !value.to_string().contains("\\u0001")
    {
        plain.body.clone_from(&draft.body);
    }
    plain.issues(operation)?.is_empty().then_some(plain)
}
