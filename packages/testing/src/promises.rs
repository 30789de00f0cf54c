//! What every service keeps, whatever it does. A service's tests call each of these once.

use std::collections::BTreeSet;

use operation::{Access, Declaration, LazySchema, Service, Touch};
use serde_json::Value;

use crate::World;
use crate::instances::Instances;

/// Every operation is declared whole: a summary, a policy, an audit action when it changes state, and names by the
/// rules. Panics with everything that is missing.
pub fn declarations_are_whole<S: Send + Sync + 'static>(service: &Service<S>) {
    let mut missing = Vec::new();
    let mut ids = BTreeSet::new();
    let sorted: Vec<&str> = service.operations().iter().map(|operation| operation.declaration.id).collect();
    if !sorted.is_sorted() {
        missing.push(format!("the list of operations is not alphabetical: {sorted:?}"));
    }
    for operation in service.operations() {
        let facts = operation.declaration;
        let mut expect = |holds: bool, what: &str| {
            if !holds {
                missing.push(format!("{}: {what}", facts.id));
            }
        };
        expect(ids.insert(facts.id), "the id is used twice");
        expect(camel_case(facts.id), "the id is not in camel case");
        expect(!facts.summary.is_empty(), "it has no summary");
        expect(facts.policy.rule != policy::Rule::Roles(&[]), "it has no policy: nobody may call it");
        let writes = facts.touches.iter().any(|touch| touch.access == operation::Access::Write);
        let changes = !facts.method.is_safe() && (writes || !facts.emits.is_empty());
        expect(facts.audit.is_some() || !changes, "it changes state and has no audit action");
        expect(!facts.method.is_safe() || facts.emits.is_empty(), "it reads and emits events");
        let (public, internal) = (format!("/{}/v1/", service.name), format!("/{}/internal/v1/", service.name));
        let is_internal = facts.policy.rule == policy::Rule::Internal;
        expect(
            facts.path.starts_with(if is_internal { &internal } else { &public }),
            "the path is not under its service",
        );
        expect(
            matches!(facts.success, 200..=204 | 302 | 303),
            "its success is neither a success nor the way elsewhere",
        );
        expect(
            facts.deprecated.is_none_or(|deprecation| deprecation.fields().is_some()),
            "it is deprecated since or until what is not a date (YYYY-MM-DD)",
        );
        let codes: Vec<_> = facts.errors.iter().map(|error| (error.kind, error.code)).collect();
        expect(codes.iter().collect::<BTreeSet<_>>().len() == codes.len(), "an error is declared twice");
        for schema in request_schemas(operation) {
            for fault in unbounded(schema.get().document()) {
                expect(false, &fault);
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// For every request and message type the parser, the validator and the published schema say the same, judged by an
/// independent engine over generated instances, valid and broken.
pub fn validators_and_schemas_agree<S: Send + Sync + 'static>(service: &Service<S>) {
    const INSTANCES: usize = 400;
    let parts = service
        .operations()
        .iter()
        .flat_map(|operation| request_schemas(operation).into_iter().map(|schema| (operation.declaration.id, schema)));
    let messages = service.consumers().iter().map(|consumer| (consumer.declaration.id, &consumer.data));
    for (id, part) in parts.chain(messages) {
        let document = part.get().document();
        let judge = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(document)
            .unwrap_or_else(|error| panic!("{id}: {error}"));
        let mut instances = Instances::of(document, 7);
        for round in 0..INSTANCES {
            let instance = if round % 3 == 0 { instances.valid() } else { instances.changed() };
            let verdict = part.accepts(instance.to_string().as_bytes());
            let judged = judge.is_valid(&instance);
            assert_eq!(
                verdict.is_ok(),
                judged,
                "{id}: the validator says {verdict:?} and the schema {judged} of {instance}\nschema: {document}"
            );
            if round % 3 == 0 {
                assert!(
                    judged,
                    "{id}: the generator made an instance the schema refuses: {instance}\nschema: {document}"
                );
            }
        }
    }
}

/// After a walk through everything a service does: every operation succeeded, every error it declares was met, and it
/// touched exactly what it declares. Panics with every difference.
pub fn the_walk_was_complete(world: &World) {
    let mut differences = Vec::new();
    for facts in world.service().operations() {
        let ledger = world.ledger(facts.id);
        if !ledger.codes.contains("") {
            differences.push(format!("{}: it never succeeded", facts.id));
        }
        // A conflict under the general code is a race or a drawn id that was drawn before: no request brings it about.
        for error in facts.errors.iter().filter(|error| error.code != CONFLICT) {
            if !ledger.codes.contains(error.code) {
                differences.push(format!("{}: {} was never met", facts.id, error.code));
            }
        }
        compare(facts.id, facts.touches, &implied(facts, world), world, &mut differences);
    }
    for facts in world.service().consumers() {
        let implied = [&claim_reads(world)[..], &PLATFORM].concat();
        compare(facts.id, facts.touches, &implied, world, &mut differences);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The general code of 409.
const CONFLICT: &str = "CONFLICT";

fn compare(id: &str, declared: &[Touch], implied: &[Touch], world: &World, differences: &mut Vec<String>) {
    let ledger = world.ledger(id);
    for touch in declared.iter().filter(|touch| !ledger.touched(touch)) {
        differences.push(format!("{id}: it declares {touch:?} and never touched it"));
    }
    for (resource, name, access) in &ledger.touches {
        let listed = |touch: &Touch| touch.resource == *resource && touch.name == name && touch.access == *access;
        if !declared.iter().any(listed) && !implied.iter().any(listed) {
            differences.push(format!("{id}: it touched {resource:?} {name} ({access:?}) and does not declare it"));
        }
    }
}

/// The platform's table: the secret that cursors and signatures are sealed with, and the last known good documents.
const PLATFORM: [Touch; 2] = [Touch::reads("platform"), Touch::writes("platform")];

/// What the pipeline itself touches for an operation: remembered answers, and the platform's table.
fn implied(facts: &Declaration, world: &World) -> Vec<Touch> {
    let mut touches = PLATFORM.to_vec();
    if facts.idempotent {
        touches.extend(claim_reads(world));
    }
    touches
}

fn claim_reads(world: &World) -> Vec<Touch> {
    vec![Touch { resource: operation::Resource::Table, name: world.service().name(), access: Access::Read }]
}

fn request_schemas<S>(operation: &operation::Operation<S>) -> Vec<&LazySchema> {
    let schemas = &operation.schemas;
    [&schemas.path, &schemas.query, &schemas.headers].into_iter().chain(&schemas.body).collect()
}

fn camel_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Integers, strings and arrays of a request that know no bound: each is memory or an overflow somebody else decides on.
fn unbounded(schema: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let is = |kind: &str| match &schema["type"] {
        Value::String(one) => one == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => false,
    };
    let has = |name: &str| schema.get(name).is_some();
    if (is("integer") || is("number")) && !(has("minimum") && has("maximum")) && !has("const") {
        faults.push(format!("a number without minimum and maximum: {schema}"));
    }
    if is("string") && !(has("maxLength") || has("pattern") || has("enum") || has("const")) {
        faults.push(format!("a string without maxLength or pattern: {schema}"));
    }
    if is("array") && !has("maxItems") {
        faults.push(format!("an array without maxItems: {schema}"));
    }
    match schema {
        // Branches of `oneOf` beside properties only narrow what the properties say.
        Value::Object(fields) => {
            let whole = |name: &&String| !(*name == "oneOf" && fields.contains_key("properties"));
            faults.extend(fields.iter().filter(|(name, _)| whole(name)).flat_map(|(_, field)| unbounded(field)));
        }
        Value::Array(items) => faults.extend(items.iter().flat_map(unbounded)),
        _ => {}
    }
    faults
}
