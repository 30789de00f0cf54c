//! The rules: what can change about a contract. Their ids are stable.

use serde::{Serialize, Serializer};

/// A kind of change.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name in reports.
    pub id: &'static str,
    /// What it is, in a sentence.
    pub what: &'static str,
    /// Whether generated code notices although values on the wire do not.
    pub(super) source: bool,
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.id)
    }
}

/// The rule of this name.
pub(super) fn rule(id: &str) -> &'static Rule {
    const UNLISTED: Rule = Rule { id: "unlisted", what: "a change that no rule names", source: false };
    RULES.iter().find(|rule| rule.id == id).unwrap_or(&UNLISTED)
}

const fn wire(id: &'static str, what: &'static str) -> Rule {
    Rule { id, what, source: false }
}

const fn name(id: &'static str, what: &'static str) -> Rule {
    Rule { id, what, source: true }
}

/// All rules.
pub const RULES: &[Rule] = &[
    // Documents and operations
    wire("documents-incomparable", "one document describes HTTP, the other messages"),
    wire("operation-added", "an operation was added"),
    wire("operation-removed", "an operation went away"),
    wire("operation-deprecated", "an operation was deprecated"),
    wire("operation-undeprecated", "an operation is no longer deprecated"),
    wire("operation-sunset", "an operation went away after its sunset"),
    name("operation-id-changed", "an operation has another id"),
    wire("server-added", "a server was added"),
    wire("server-removed", "a server went away"),
    name("schema-removed", "a named schema went away"),
    // Parameters and headers
    wire("parameter-added", "an optional parameter was added"),
    wire("required-parameter-added", "a required parameter was added"),
    wire("parameter-removed", "a parameter went away"),
    name("parameter-became-required", "a parameter became required"),
    name("parameter-became-optional", "a parameter became optional"),
    wire("parameter-style-changed", "a parameter is written in another way"),
    name("path-parameter-renamed", "a parameter of the path has another name"),
    wire("header-added", "an answer has one more header"),
    wire("header-removed", "an answer lost a header"),
    wire("header-became-optional", "a header of an answer became optional"),
    wire("header-became-required", "a header of an answer became required"),
    // Bodies, answers, security
    wire("body-added", "an optional body was added"),
    wire("required-body-added", "a required body was added"),
    wire("body-removed", "a body went away"),
    wire("body-became-required", "a body became required"),
    wire("body-became-optional", "a body became optional"),
    wire("media-type-added", "a media type was added"),
    wire("media-type-removed", "a media type went away"),
    wire("status-added", "an answer with another status was added"),
    wire("status-removed", "an answer with this status went away"),
    wire("security-alternative-added", "there is one more way to be let in"),
    wire("security-alternative-removed", "a way to be let in went away or asks for more"),
    wire("security-scheme-changed", "credentials are given in another way"),
    // Messages
    wire("channel-added", "a channel was added"),
    wire("channel-removed", "a channel went away"),
    wire("message-added", "a message was added"),
    wire("message-removed", "a message went away"),
    wire("content-type-changed", "messages have another content type"),
    wire("payload-format-changed", "a payload is described in another language"),
    wire("binding-changed", "the queue behind a channel is another one, or another kind"),
    // Schemas: what kind of value
    name("type-removed", "a type of value is no longer allowed"),
    name("type-added", "another type of value is allowed"),
    name("null-removed", "null is no longer allowed"),
    name("null-added", "null is allowed"),
    name("enum-value-removed", "a value is no longer allowed"),
    name("enum-value-added", "another value is allowed"),
    name("enum-added", "only listed values are allowed"),
    name("enum-removed", "values are no longer listed"),
    name("format-tightened", "a format is asked for, or another one"),
    name("format-loosened", "a format is no longer asked for"),
    // Schemas: bounds
    wire("minimum-tightened", "the smallest number grew"),
    wire("minimum-loosened", "the smallest number shrank"),
    wire("maximum-tightened", "the largest number shrank"),
    wire("maximum-loosened", "the largest number grew"),
    wire("multiple-of-tightened", "a number must be a multiple, or of another number"),
    wire("multiple-of-loosened", "a number need no longer be a multiple"),
    wire("min-length-tightened", "the shortest text grew"),
    wire("min-length-loosened", "the shortest text shrank"),
    wire("max-length-tightened", "the longest text shrank"),
    wire("max-length-loosened", "the longest text grew"),
    wire("pattern-tightened", "a text must match a pattern, or another one"),
    wire("pattern-loosened", "a text need no longer match a pattern"),
    wire("min-items-tightened", "the shortest list grew"),
    wire("min-items-loosened", "the shortest list shrank"),
    wire("max-items-tightened", "the longest list shrank"),
    wire("max-items-loosened", "the longest list grew"),
    wire("unique-items-tightened", "entries of a list must differ"),
    wire("unique-items-loosened", "entries of a list may repeat"),
    wire("contains-tightened", "a list must hold an entry of some kind"),
    wire("contains-loosened", "a list need no longer hold an entry of some kind"),
    wire("min-properties-tightened", "an object must have more properties"),
    wire("min-properties-loosened", "an object may have fewer properties"),
    wire("max-properties-tightened", "an object may have fewer properties than before"),
    wire("max-properties-loosened", "an object may have more properties"),
    // Schemas: objects
    name("property-added", "a property was added"),
    name("property-removed", "a property went away"),
    name("property-became-required", "a property became required"),
    name("property-became-optional", "a property became optional"),
    wire("required-property-added", "a required property was added"),
    wire("required-property-removed", "a required property went away"),
    wire("additional-properties-forbidden", "properties that are not declared are refused"),
    wire("additional-properties-allowed", "properties that are not declared are allowed"),
    wire("dependent-required-tightened", "a property demands another one"),
    wire("dependent-required-loosened", "a property no longer demands another one"),
    wire("property-names-tightened", "names of properties are restricted"),
    wire("property-names-loosened", "names of properties are no longer restricted"),
    name("read-only-changed", "a property is sent in one direction only, or no longer"),
    // Schemas: composition
    name("alternative-removed", "an alternative went away"),
    name("alternative-added", "an alternative was added"),
    wire("condition-tightened", "a value is refused under another condition"),
    wire("condition-loosened", "a value is no longer refused under a condition"),
    name("discriminator-changed", "alternatives are told apart in another way"),
    wire("schema-tightened", "a schema accepts less"),
    wire("schema-loosened", "a schema accepts more"),
    wire("schema-undecided", "a schema accepts other values, perhaps"),
];
