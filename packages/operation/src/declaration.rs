//! What an operation declares: facts as data, which tests and documents enumerate.

use policy::Policy;
use service_errors::{Kind, Refusal};

use crate::{Deprecation, EventType, KEY_REUSED, Lifecycle};

/// The methods an operation can answer. HEAD and OPTIONS are answered by the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or acts.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as HTTP writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether the method leaves the state alone (RFC 9110, section 9.2.1).
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get)
    }
}

/// The environment of an enver. It holds the enver's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Answers from the contract.
    Mock,
    /// Real logic, checked answers.
    Dev,
    /// Production.
    Main,
}

impl Environment {
    /// The environment of that name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Mock, Self::Dev, Self::Main].into_iter().find(|environment| environment.name() == name)
    }

    /// The name, as `ENVIRONMENT` holds it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mock => "mock",
            Self::Dev => "dev",
            Self::Main => "main",
        }
    }

    /// The physical name of a resource: `enver-dev-booking`. Tables and queues carry the enver in their name, so that
    /// one account can hold several.
    pub fn resource_name(self, logical: &str) -> String {
        format!("enver-{}-{logical}", self.name())
    }
}

/// What kind of resource is touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// A DynamoDB table.
    Table,
    /// An S3 bucket.
    Bucket,
    /// An SQS queue.
    Queue,
    /// A configuration document.
    Config,
}

/// How a resource is touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Only read.
    Read,
    /// Written; reading it too is declared apart.
    Write,
}

/// One resource an operation touches; its IAM statement is derived from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    /// The kind of resource.
    pub resource: Resource,
    /// Its logical name: the service's own table is `booking`, a document is `business/pricing`.
    pub name: &'static str,
    /// Read or written.
    pub access: Access,
}

impl Touch {
    /// Reads a table.
    pub const fn reads(table: &'static str) -> Self {
        Self { resource: Resource::Table, name: table, access: Access::Read }
    }

    /// Writes a table.
    pub const fn writes(table: &'static str) -> Self {
        Self { resource: Resource::Table, name: table, access: Access::Write }
    }

    /// Reads a configuration document.
    pub const fn configured_by(path: &'static str) -> Self {
        Self { resource: Resource::Config, name: path, access: Access::Read }
    }
}

/// Whose rules the body of a request and the shape of a refusal follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Ours: JSON in, and the envelope of `service-errors` when something is wrong.
    Enver,
    /// OAuth's (RFC 6749): a form in, `{"error": "invalid_grant"}` when something is wrong. The `Authorization` field,
    /// if there is one, holds the credentials of a client; the operation reads it, and the pipeline knows nobody.
    OAuth,
}

impl Dialect {
    /// The media type of a request's body.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Enver => "application/json",
            Self::OAuth => "application/x-www-form-urlencoded",
        }
    }

    /// The code of an error of this kind as callers read it. OAuth has words of its own (RFC 6749, sections 4.1.2.1 and
    /// 5.2): a code of the operation's own is one of them already; the pipeline's are put into them.
    pub fn code(self, kind: Kind, code: &'static str) -> &'static str {
        match (self, kind) {
            (Self::Enver, _) => code,
            (Self::OAuth, kind) if code != kind.code() => code,
            (Self::OAuth, Kind::Unauthorized) => "invalid_client",
            (Self::OAuth, Kind::Forbidden) => "unauthorized_client",
            (Self::OAuth, Kind::RateLimited | Kind::Unavailable) => "temporarily_unavailable",
            (Self::OAuth, Kind::Internal | Kind::NotImplemented) => "server_error",
            (Self::OAuth, _) => "invalid_request",
        }
    }
}

/// How firm the promise is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stability {
    /// Changes compatibly only.
    Stable,
    /// May change.
    Experimental,
}

/// Everything an operation promises besides its types. Start from [`Declaration::get`] and its siblings:
///
/// ```
/// use operation::Declaration;
/// const DECLARATION: Declaration = Declaration {
///     summary: "Reads one booking",
///     ..Declaration::get("getBooking", "/booking/v1/bookings/{bookingId}")
/// };
/// assert_eq!(DECLARATION.success, 200);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    /// The operation id: verb and noun in camel case; it becomes a client method.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The path from the root of the origin, with `{parameters}`.
    pub path: &'static str,
    /// One sentence, for the document and the reference page.
    pub summary: &'static str,
    /// The status of success.
    pub success: u16,
    /// Who may call it and how often. Without one, nobody may.
    pub policy: Policy,
    /// The errors of its own; those of the pipeline are implied (see [`Declaration::all_errors`]).
    pub errors: &'static [Refusal],
    /// The events it may emit.
    pub emits: &'static [EventType],
    /// The audit action of a state change.
    pub audit: Option<&'static str>,
    /// The resources it touches.
    pub touches: &'static [Touch],
    /// What it does in the life of a record.
    pub lifecycle: Option<Lifecycle>,
    /// Whether `Idempotency-Key` is honoured.
    pub idempotent: bool,
    /// The largest body in bytes.
    pub body_limit: usize,
    /// Whose rules the body and the refusals follow.
    pub dialect: Dialect,
    /// Whether the Worker at the edge runs it; what it does not run it passes on to the service.
    pub at_edge: bool,
    /// How firm the promise is.
    pub stability: Stability,
    /// Whether it is on its way out.
    pub deprecated: Option<Deprecation>,
}

impl Declaration {
    const fn new(id: &'static str, method: Method, path: &'static str, success: u16) -> Self {
        const BODY_LIMIT: usize = 64 * 1024;
        Self {
            id,
            method,
            path,
            summary: "",
            success,
            policy: Policy::roles(&[]),
            errors: &[],
            emits: &[],
            audit: None,
            touches: &[],
            lifecycle: None,
            idempotent: false,
            body_limit: BODY_LIMIT,
            dialect: Dialect::Enver,
            at_edge: false,
            stability: Stability::Stable,
            deprecated: None,
        }
    }

    /// An operation that reads; 200.
    pub const fn get(id: &'static str, path: &'static str) -> Self {
        Self::new(id, Method::Get, path, 200)
    }

    /// An operation that creates; 201, unless it says otherwise.
    pub const fn post(id: &'static str, path: &'static str) -> Self {
        Self::new(id, Method::Post, path, 201)
    }

    /// An operation that replaces; 200.
    pub const fn put(id: &'static str, path: &'static str) -> Self {
        Self::new(id, Method::Put, path, 200)
    }

    /// An operation that changes; 200.
    pub const fn patch(id: &'static str, path: &'static str) -> Self {
        Self::new(id, Method::Patch, path, 200)
    }

    /// An operation that removes; 204.
    pub const fn delete(id: &'static str, path: &'static str) -> Self {
        Self::new(id, Method::Delete, path, 204)
    }

    /// Every error a caller can meet: its own, and those the pipeline implies from the other facts.
    pub fn all_errors(&self) -> Vec<Refusal> {
        let implied = |kind: Kind| Refusal::of(kind, kind.message());
        let mut errors = vec![implied(Kind::Validation), implied(Kind::RateLimited)];
        if self.policy.rule != policy::Rule::Public {
            errors.extend([implied(Kind::Unauthorized), implied(Kind::Forbidden)]);
        }
        if !self.method.is_safe() {
            errors.extend([Kind::InvalidJson, Kind::PayloadTooLarge, Kind::UnsupportedMediaType].map(implied));
        }
        if self.idempotent {
            errors.extend([KEY_REUSED, implied(Kind::Conflict)]);
        }
        errors.extend([Kind::Internal, Kind::NotImplemented, Kind::Unavailable].map(implied));
        errors.extend_from_slice(self.errors);
        errors
    }

    /// Whether an error of this status and code is part of the contract.
    pub fn declares(&self, kind: Kind, code: &str) -> bool {
        self.all_errors().iter().any(|error| error.kind == kind && error.code == code)
    }
}
