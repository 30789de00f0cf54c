//! What is wrong is named with file and line, all of it at once.

use crate::{PEOPLE, TENANTS, load, problems, use_case};

const READ: &str = "      - { id: read, title: Reads, actor: ravi, service: booking, operation: getBooking, path: { bookingId: BK-00000000000000C1 }, credentials: none, expect: { status: 200 } }\n";

fn told(files: &[(&str, &str)]) -> Vec<String> {
    load(files).unwrap_err().iter().map(ToString::to_string).collect()
}

fn step(text: &str) -> Vec<String> {
    problems(&[PEOPLE, TENANTS, ("use-cases/uc9.yaml", &use_case(text))])
}

fn says(told: &[String], start: &str, part: &str) {
    assert!(told.iter().any(|line| line.starts_with(start) && line.contains(part)), "no {start} … {part} in {told:#?}");
}

#[test]
fn a_dangling_reference_is_named_with_its_line() {
    let told = step(&READ.replace("BK-00000000000000C1", "\"${bookings.coal.bookingId}\""));
    says(&told, "use-cases/uc9.yaml:11: reference: step read: ${bookings.coal.bookingId}", "there are no bookings");
}

#[test]
fn two_entities_with_one_id_are_named_both() {
    let twice = PEOPLE.1.replace("b0100000000000000000000000000002", "a5a00000000000000000000000000002");
    let told = problems(&[("entities/people.yaml", &twice), TENANTS]);
    says(&told, "entities/people.yaml:", "people.ravi and people.bilal");
}

#[test]
fn a_step_for_an_unknown_operation_is_told_which_there_are() {
    let told = step(&READ.replace("getBooking", "getBookings"));
    says(&told, "use-cases/uc9.yaml:11: operation: step read calls getBookings", "there are getBooking, ");
    let told = step(&READ.replace("service: booking", "service: bookings"));
    says(&told, "use-cases/uc9.yaml:11: operation:", "there are auth, booking, config");
}

#[test]
fn an_answer_that_breaks_the_schema_is_refused() {
    let told = step(&READ.replace("{ status: 200 }", "{ status: 200, body: { data: { status: lost } } }"));
    says(&told, "use-cases/uc9.yaml:11: answer: step read", "lost");
}

#[test]
fn a_request_that_breaks_the_contract_is_refused() {
    says(&step(&READ.replace("BK-00000000000000C1", "BK-1")), "use-cases/uc9.yaml:11: request:", "path bookingId");
    says(
        &step(&READ.replace("credentials: none", "credentials: none, query: { colour: red }")),
        "use-cases/uc9.yaml:11: request:",
        "query colour is none of getBooking",
    );
}

#[test]
fn a_status_or_code_that_is_not_declared_is_refused() {
    says(&step(&READ.replace("status: 200", "status: 418")), "use-cases/uc9.yaml:11: operation:", "expects 418");
    let told = step(&READ.replace("{ status: 200 }", "{ status: 404, code: BOOKING_LOST }"));
    says(&told, "use-cases/uc9.yaml:11: operation:", "it declares BOOKING_NOT_FOUND");
    says(&step(&READ.replace("status: 200", "status: 404")), "use-cases/uc9.yaml:11: operation:", "no code");
}

#[test]
fn an_event_that_is_not_declared_is_refused() {
    let told = step(&READ.replace("expect:", "emits: [booking.created], expect:"));
    says(&told, "use-cases/uc9.yaml:11: message:", "emits booking.created, which getBooking does not declare");
}

#[test]
fn what_is_saved_must_be_expected() {
    let told = step(&READ.replace("expect:", "save: { owner: /data/shipperId }, expect:"));
    says(&told, "use-cases/uc9.yaml:11: save:", "saves owner from /data/shipperId");
}

#[test]
fn another_tenants_data_is_named_only_on_purpose() {
    let other = READ.replace("credentials: none", "credentials: none, headers: { x-who: \"${people.bilal.userId}\" }");
    says(&step(&other), "use-cases/uc9.yaml:11: privacy:", "names people.bilal, which is bolt's");
    let crossing = step(&other.replace("expect:", "crosses: [bolt], expect:"));
    assert!(!crossing.iter().any(|line| line.contains("privacy")), "{crossing:#?}");
}

#[test]
fn what_an_entity_says_is_not_said_again() {
    let told = step(
        &READ.replace("credentials: none", "credentials: none, headers: { x-who: a5a00000000000000000000000000002 }"),
    );
    says(&told, "use-cases/uc9.yaml:11: repeated:", "write ${people.ravi.userId}");
}

#[test]
fn an_entity_is_what_its_component_says() {
    let place =
        "about: Places.\nshape: booking/Place\nitems:\n  yard: { value: { lat: 100, lng: 1, address: Yard } }\n";
    says(
        &problems(&[("entities/places.yaml", place)]),
        "entities/places.yaml:4: shape: places.yard is no booking/Place",
        "100",
    );
    let nothing = place.replace("booking/Place", "booking/Planet");
    says(&problems(&[("entities/places.yaml", &nothing)]), "entities/places.yaml:", "which no contract has");
}

#[test]
fn nobody_calls_whom_nobody_knows() {
    says(
        &step(&READ.replace("actor: ravi", "actor: ravy")),
        "use-cases/uc9.yaml:11: actor:",
        "is ravy's, who is nobody",
    );
}

#[test]
fn everything_is_told_at_once() {
    let wrong = "id: UC9\nsteps: []\nflows:\n  - id: nine\n    title: Nine\n    include: [nowhere]\n    steps:\n      - { id: read, colour: red }\n";
    let told =
        told(&[("use-cases/a.yaml", wrong), ("use-cases/b.yaml", "id: [\n"), ("entities/c.yaml", "a: 1\na: 2\n")]);
    says(&told, "use-cases/a.yaml:2: form: a use case has no field steps", "it has id, title");
    says(&told, "use-cases/a.yaml:8: form: a step has no field colour", "");
    says(&told, "use-cases/a.yaml:8: form: a step has no actor", "");
    says(&told, "use-cases/a.yaml:4: reference: flow nine includes nowhere", "");
    says(&told, "use-cases/b.yaml:", "yaml");
    says(&told, "entities/c.yaml:2: twice: a stands twice, first in line 1", "");
}

#[test]
fn an_id_that_stands_twice_hides_nothing_else() {
    let bilal = "  bilal: { tenant: bolt, value: { userId: b0100000000000000000000000000003, name: Bela } }\n";
    let twice = format!("{}{bilal}", PEOPLE.1);
    let colourless = READ.replace("{ id: read", "{ id: colourless, colour: red");
    let dangling = READ.replace("id: read", "id: dangling").replace("BK-00000000000000C1", "\"${bookings.coal.id}\"");
    let unknown = READ.replace("id: read", "id: unknown").replace("getBooking", "getBookings");
    let broken = READ
        .replace("id: read", "id: broken")
        .replace("{ status: 200 }", "{ status: 200, body: { data: { status: lost } } }");
    let steps = use_case(&[colourless, dangling, unknown, broken].concat());
    let told = problems(&[("entities/people.yaml", &twice), TENANTS, ("use-cases/uc9.yaml", &steps)]);
    says(&told, "entities/people.yaml:6: twice: bilal stands twice", "first in line 5");
    says(&told, "use-cases/uc9.yaml:11: form: a step has no field colour", "");
    says(&told, "use-cases/uc9.yaml:12: reference: step dangling", "there are no bookings");
    says(&told, "use-cases/uc9.yaml:13: operation: step unknown calls getBookings", "");
    says(&told, "use-cases/uc9.yaml:14: answer: step broken", "lost");
}

#[test]
fn yaml_that_explodes_is_refused() {
    let deep = "[".repeat(10_000);
    says(&told(&[("entities/a.yaml", &deep)]), "entities/a.yaml:1: yaml:", "");
    let bomb = "a: &a [x, x]\nb: [*a, *a]\n";
    says(
        &told(&[("entities/a.yaml", bomb)]),
        "entities/a.yaml:1: yaml: anchors, aliases and tags are not read",
        "${…}",
    );
}

#[test]
fn a_circle_of_references_is_told_and_ends() {
    let circle = "about: Circles.\nitems:\n  a: { value: { next: \"${circles.b}\" } }\n  b: { value: { next: \"${circles.a}\" } }\n";
    says(&problems(&[("entities/circles.yaml", circle)]), "entities/circles.yaml:", "comes back to itself");
}
