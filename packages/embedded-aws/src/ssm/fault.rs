//! The errors of the parameter store.

use http::{Response, StatusCode};
use s3s::Body;
use serde_json::json;

use crate::router;

/// An error as the parameter store tells it.
#[derive(Debug)]
pub(super) struct Fault {
    name: &'static str,
    message: String,
}

impl Fault {
    fn named(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, message: message.into() }
    }

    pub fn not_found() -> Self {
        Self::named("ParameterNotFound", "The parameter does not exist.")
    }

    pub fn no_version(name: &str) -> Self {
        let message = format!("Systems Manager could not find version {name}. Verify the version and try again.");
        Self::named("ParameterVersionNotFound", message)
    }

    /// Whether it says that something is not there.
    pub fn is_absence(&self) -> bool {
        matches!(self.name, "ParameterNotFound" | "ParameterVersionNotFound")
    }

    pub fn exists() -> Self {
        Self::named(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        )
    }

    pub fn secret() -> Self {
        Self::named(
            "UnsupportedParameterType",
            "There is no key store here to keep a SecureString with: use String, and keep secrets elsewhere.",
        )
    }

    pub fn levels(most: usize) -> Self {
        Self::named("HierarchyLevelLimitExceededException", format!("A hierarchy has {most} levels at most."))
    }

    pub fn value_length(tier: &str, most: usize, length: usize) -> Self {
        Self::validation(format!("{tier} tier parameters hold 1 to {most} characters, and this value has {length}."))
    }

    pub fn not_allowed(parameter: &str, value: &str, allowed: &str) -> Self {
        Self::validation(format!(
            "1 validation error detected: Value '{value}' at '{parameter}' failed to satisfy constraint: Member must \
             satisfy enum value set: {allowed}"
        ))
    }

    pub fn missing(parameter: &str) -> Self {
        Self::validation(format!(
            "1 validation error detected: Value null at '{parameter}' failed to satisfy constraint: Member must not \
             be null"
        ))
    }

    pub fn validation(message: impl Into<String>) -> Self {
        Self::named("ValidationException", message)
    }

    pub fn malformed(error: &serde_json::Error) -> Self {
        Self::named("SerializationException", error.to_string())
    }

    pub fn unknown_operation(name: &str) -> Self {
        Self::named("UnknownOperationException", format!("The operation {name} is not served here."))
    }

    pub fn answer(&self) -> Response<Body> {
        let status = match self.name {
            "InternalServerError" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        router::json(status, json!({ "__type": self.name, "message": self.message }).to_string())
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::named("InternalServerError", error.to_string())
    }
}
