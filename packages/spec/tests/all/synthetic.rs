//! A service that has one of everything a declaration can say.

use garde::Validate;
use operation::{
    CloudEvent, Consumer, ConsumerDeclaration, Context, Data, Declaration, Deprecation, EventType, Input, Lifecycle,
    NoContent, Operation, Service, Stability, Touch, Transition,
};
use policy::{Policy, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use spec::{Contract, openapi};
use validation::Nothing;

/// A thing with what schemas can be made of.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Thing {
    /// Read with a default, always written.
    #[serde(default)]
    #[garde(range(min = 0, max = 9))]
    pub rank: u8,
    /// May be null.
    #[garde(inner(length(chars, min = 1, max = 5)))]
    #[schemars(length(min = 1, max = 5))]
    pub note: Option<String>,
    /// Contains itself.
    #[garde(dive)]
    pub parts: Vec<Part>,
}

/// A part, maybe of more.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Part {
    /// The end.
    Leaf {
        /// How heavy.
        #[garde(range(min = 0.0))]
        weight: f64,
    },
    /// More of it.
    Branch {
        /// The next.
        #[garde(dive)]
        next: Box<Part>,
    },
}

const THING_MADE: EventType = EventType::of::<Thing>("thing.made", "A thing was made");

const TAKEN: Refusal = Refusal::new(Kind::Conflict, "THING_TAKEN", "It is taken.");

const LIFE: &[Transition] = &[
    Transition { from: None, action: "make", to: "new" },
    Transition { from: Some("broken"), action: "make", to: "mended" },
    Transition { from: Some("new"), action: "drop", to: "dropped" },
];

const MAKE: Declaration = Declaration {
    summary: "Makes a thing",
    policy: Policy::roles(&[Role::Driver]).and(&["own-thing"]),
    errors: &[
        Refusal::rule("TOO_MANY", "There are too many."),
        Refusal::of(Kind::Conflict, "It is there."),
        Refusal::new(Kind::Conflict, "THING_GONE", "It is gone."),
        TAKEN,
    ],
    emits: &[THING_MADE],
    audit: Some("thing.make"),
    touches: &[Touch::writes("things")],
    lifecycle: Some(Lifecycle { action: "make", steps: LIFE, refusal: Some(TAKEN) }),
    idempotent: true,
    stability: Stability::Experimental,
    deprecated: Some(Deprecation { since: "2026-01-01", sunset: "2027-01-01", instead: "makeThings" }),
    ..Declaration::post("makeThing", "/synthetic/v2/things")
};

const DROP: Declaration = Declaration {
    summary: "Drops a thing",
    policy: Policy::INTERNAL,
    audit: Some("thing.drop"),
    ..Declaration::delete("dropThing", "/synthetic/internal/v1/things")
};

const COUNT: ConsumerDeclaration = ConsumerDeclaration {
    id: "countThings",
    queue: "things.fifo",
    events: &[THING_MADE],
    summary: "Counts things",
    audit: None,
    touches: &[],
    max_receive_count: 3,
};

async fn make(_: Context<()>, input: Input<Nothing, Nothing, Thing>) -> Result<Data<Thing>, Error> {
    Ok(Data::new(input.body))
}

async fn drop_it(_: Context<()>, _: Input) -> Result<NoContent, Error> {
    Ok(NoContent)
}

async fn count(_: Context<()>, _: CloudEvent<Thing>) -> Result<(), Error> {
    Ok(())
}

/// Its contract.
pub fn everything() -> Contract {
    Contract::of(&Service::new(
        "synthetic",
        vec![Operation::new(&DROP, drop_it), Operation::new(&MAKE, make)],
        vec![Consumer::new(&COUNT, count)],
    ))
}

#[test]
fn what_a_declaration_says_stands_in_the_document() {
    let document = openapi::document(&everything());
    let make = &document["paths"]["/synthetic/v2/things"]["post"];

    assert_eq!(document["servers"][0]["url"], "");
    assert_eq!(document["info"]["version"], "2");
    assert_eq!(make["deprecated"], true);
    assert_eq!(make["x-sunset"], "2027-01-01");
    for field in ["Deprecation", "Link", "Sunset"] {
        assert_eq!(make["responses"]["201"]["headers"][field]["$ref"], format!("#/components/headers/{field}"));
        assert!(document["components"]["headers"][field]["description"].is_string());
    }
    assert_eq!(make["x-audit"], "thing.make");
    assert_eq!(make["x-idempotent"], true);
    let transitions = serde_json::json!([{ "to": "new" }, { "from": "broken", "to": "mended" }]);
    let life = serde_json::json!({ "action": "make", "transitions": transitions, "refusal": TAKEN.code });
    assert_eq!(make["x-lifecycle"], life);
    assert_eq!(make["x-rate-limit"], "api");
    assert_eq!(make["x-emits"], serde_json::json!(["thing.made"]));
    assert_eq!(make["x-policy"], serde_json::json!({ "rule": "role", "roles": ["driver"], "custom": ["own-thing"] }));
    assert_eq!(make["security"], serde_json::json!([{ "bearer": [] }]));
    assert_eq!(make["parameters"][0]["$ref"], "#/components/parameters/IdempotencyKey");
    let drop = &document["paths"]["/synthetic/internal/v1/things"]["delete"];
    assert_eq!(
        drop["security"],
        serde_json::json!([{ "service": [], "serviceSignature": [], "serviceTimestamp": [] }])
    );
    assert!(drop["responses"]["204"].get("content").is_none());
}

#[test]
fn a_type_that_is_read_and_written_differently_becomes_two_components() {
    let document = openapi::document(&everything());
    let schemas = &document["components"]["schemas"];

    assert_eq!(schemas["Thing"]["required"], serde_json::json!(["rank", "note", "parts"]));
    assert_eq!(schemas["ThingInput"]["required"], serde_json::json!(["parts"]));
    assert!(schemas.get("Part").is_some() && schemas.get("PartInput").is_none());
}

#[test]
fn every_declared_error_has_a_schema_that_accepts_it_and_no_other() {
    let document = openapi::document(&everything());
    let answers = &document["paths"]["/synthetic/v2/things"]["post"]["responses"];
    for status in ["409", "422"] {
        let answer = match answers[status]["$ref"].as_str() {
            Some(target) => document.pointer(target.trim_start_matches('#')).unwrap(),
            None => &answers[status],
        };
        let mut schema = answer["content"]["application/json"]["schema"].clone();
        schema["components"] = document["components"].clone();
        let judge = jsonschema::draft202012::new(&schema).unwrap();
        for error in MAKE.all_errors() {
            let belongs = error.kind.status().to_string() == status;
            let body = Error::from(error).envelope();
            assert_eq!(judge.is_valid(&body), belongs, "{status}: {body}");
        }
        assert!(!judge.is_valid(&serde_json::json!({ "error": { "message": "", "code": "OTHER", "details": {} } })));
    }
}

#[test]
fn an_ordered_queue_has_ordered_dead_letters() {
    let document = spec::asyncapi::document(&everything(), operation::Environment::Mock);
    let queue = &document["channels"]["things.fifo"]["bindings"]["sqs"];

    assert_eq!(queue["queue"]["name"], "enver-mock-things.fifo");
    assert_eq!(queue["queue"]["fifoQueue"], true);
    assert_eq!(queue["deadLetterQueue"]["name"], "enver-mock-things-dlq.fifo");
}
