//! What a build declares: what it publishes, what it uses of others, and in which envers it stands.

use serde::Serialize;

use crate::Enver;

/// One independently deployable unit. Its file in `builds/` is the only place that says so.
#[derive(Debug, Clone, Copy)]
pub struct Build {
    /// Letters, digits, `_` and `-`, at most 25; never `config`, which names a tree of parameters of the platform.
    pub id: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The repository its code stands in, by its key.
    pub repository: &'static str,
    /// One sentence: what it is for.
    pub description: &'static str,
    /// What each of its envers publishes.
    pub producers: &'static [Producer],
    /// What each of its envers uses of others.
    pub consumers: &'static [Consumer],
    /// Where it stands.
    pub envers: &'static [Enver],
}

/// What a build is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A service, by the name of its crate, which is also the first segment of its paths and the folder of its artifacts.
    Service(&'static str),
    /// What people see. It may consume every service, and none may consume it.
    WebClient,
    /// These declarations themselves. It publishes their version and consumes nothing.
    ContractsLibrary,
}

/// A value that an enver promises to publish: `bookingApiBaseUrl`.
#[derive(Debug, Clone, Copy)]
pub struct Producer {
    /// Letters, digits, `_`, `.` and `-`, without `..`.
    pub name: &'static str,
    /// What is published beside the value.
    pub children: &'static [Child],
}

/// What a producer publishes beside its value.
#[derive(Debug, Clone, Copy)]
pub struct Child {
    /// The last part of its name: `schema-url`.
    pub path_part: &'static str,
    /// The kind of the document, if the value is the place of a document and not a plain text.
    pub artifact: Option<Artifact>,
}

impl Child {
    /// The part of the name that the schema of an API always has.
    pub const SCHEMA_URL: &'static str = "schema-url";

    /// The schema of an API, as a document of this kind.
    pub const fn schema(artifact: Artifact) -> Self {
        Self { path_part: Self::SCHEMA_URL, artifact: Some(artifact) }
    }
}

/// The kind of a published document: its `odmdKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Artifact {
    /// OpenAPI 3.1: HTTP.
    OpenApi,
    /// AsyncAPI 2.6: messages.
    AsyncApi,
    /// A document that names both.
    Bundle,
}

impl Artifact {
    /// As `odmdKind` says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenApi => "openapi",
            Self::AsyncApi => "asyncapi",
            Self::Bundle => "bundle",
        }
    }

    /// Whether who wants `wanted` finds it in this.
    pub const fn holds(self, wanted: Self) -> bool {
        matches!(self, Self::Bundle) || self as u8 == wanted as u8
    }
}

/// A declared use of one producer.
#[derive(Debug, Clone, Copy)]
pub struct Consumer {
    /// Its name in the consuming build: `bookingApiBaseUrl`, `bookingApiSchemaUrl`.
    pub name: &'static str,
    /// The build that produces it.
    pub build: &'static str,
    /// The producer, with its child if that is meant: `bookingApiBaseUrl/schema-url`.
    pub producer: &'static str,
    /// What it is used as.
    pub wants: Wants,
    /// What it is used for, in one sentence; the reader of the wiring sees it.
    pub reason: &'static str,
    /// What happens when the producer publishes anew.
    pub trigger: Trigger,
    /// What stands in until the producer first publishes. It is what breaks a cycle: of two envers that need each other
    /// one can start without the other.
    pub default_if_absent: Option<&'static str>,
}

/// What a consumer takes a value for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// A plain text.
    Value,
    /// The place of a document of this kind.
    Document(Artifact),
}

/// What happens to a consumer when its producer publishes anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Trigger {
    /// Nothing.
    No,
    /// It is deployed.
    Directly,
    /// Somebody in one of these roles is asked first.
    Approval(&'static [&'static str]),
}

impl Build {
    /// Everything its envers promise to publish: names, children after their parents, with what each may be used as.
    pub fn promised(&self) -> impl Iterator<Item = (String, Wants)> {
        self.producers.iter().flat_map(|producer| {
            let children = producer.children.iter().map(|child| {
                let wants = child.artifact.map_or(Wants::Value, Wants::Document);
                (format!("{}/{}", producer.name, child.path_part), wants)
            });
            std::iter::once((producer.name.to_owned(), Wants::Value)).chain(children)
        })
    }

    /// The service's name, if it is one.
    pub fn service(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Service(name) => Some(name),
            _ => None,
        }
    }
}
