//! Channels and messages of AsyncAPI documents.

use serde_json::json;

use crate::{read, rules};

const LIGHTS: &str = r##"
asyncapi: 2.6.0
info: { title: Lights, version: "1" }
channels:
  lights/{id}/measured:
    parameters: { id: { schema: { type: string } } }
    publish:
      message:
        oneOf:
          - { $ref: "#/components/messages/Measured" }
          - { name: Broken, payload: { type: object, required: [reason], additionalProperties: false, properties: { reason: { type: string, minLength: 3 } } } }
  lights/{id}/turn:
    parameters: { id: { schema: { type: string } } }
    subscribe:
      message: { name: Turn, payload: { type: array, items: [{ enum: [on, off] }, { type: integer }], additionalItems: false, minItems: 2 } }
components:
  messages:
    Measured:
      headers: { type: object, required: [sent], properties: { sent: { type: string, format: date-time } } }
      payload: { type: object, required: [lumens], properties: { lumens: { type: integer, minimum: 0 } } }
      examples: [{ headers: { sent: "2024-01-01T00:00:00Z" }, payload: { lumens: 7 } }]
"##;

#[test]
fn messages_are_named_checked_and_made() {
    let api = read(LIGHTS.as_bytes());
    let measured = &api.channels[0];
    assert_eq!(measured.name.matches("lights/7/measured"), Some(vec![("id", "7")]));
    let names: Vec<&str> = measured.publish.iter().map(|message| message.name.as_str()).collect();
    assert_eq!(names, ["Measured", "Broken"]);
    let [first, second] = measured.publish.as_slice() else { panic!("two messages") };
    assert_eq!(first.generate(0), Some((Some(json!({ "sent": "2024-01-01T00:00:00Z" })), json!({ "lumens": 7 }))));
    assert_eq!(rules(&first.check(None, &json!({ "lumens": -1 }))), ["header /sent required", "body /lumens minimum"]);
    assert_eq!(
        rules(&second.check(None, &json!({ "reason": "no", "x": 1 }))),
        ["body  additionalProperties", "body /reason minLength"]
    );
    let turn = &api.channels[1].subscribe[0];
    assert_eq!(turn.generate(0), Some((None, json!(["on", 1]))));
    for seed in 0..20 {
        let (_, payload) = turn.generate(seed).expect("a message");
        assert_eq!(turn.check(None, &payload), []);
    }
}

#[test]
fn a_message_has_what_its_traits_say() {
    let api = read(
        br##"
asyncapi: 2.6.0
channels:
  a: { publish: { message: { payload: { type: integer }, traits: [{ $ref: "#/components/messageTraits/sent" }] } } }
components:
  messageTraits:
    sent: { contentType: text/plain, headers: { type: object, required: [sent] } }
"##,
    );
    let message = &api.channels[0].publish[0];
    assert_eq!(message.content_type, "text/plain");
    assert_eq!(rules(&message.check(None, &json!(1))), ["header /sent required"]);
}

#[test]
fn a_channel_has_the_names_that_its_parameters_accept() {
    let api = read(
        br"
asyncapi: 2.6.0
channels:
  'lights/{id}/{color}':
    parameters: { id: { schema: { type: integer } }, color: { schema: { enum: [red, green] } } }
",
    );
    let channel = &api.channels[0];
    assert!(channel.is_named("lights/7/red"));
    for other in ["lights/x/red", "lights/7/blue", "lights/7"] {
        assert!(!channel.is_named(other), "{other}");
    }
}
