//! The errors of SQS: one constructor per error, with the names of both of its protocols.

use http::{HeaderValue, Response, StatusCode};
use s3s::Body;
use serde_json::json;

use crate::router;

/// An error as SQS tells it.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The namespace and name of the JSON protocol.
    shape: String,
    /// The code of the older query protocol, which SDKs still report.
    pub code: &'static str,
    pub message: String,
    /// Whether the fault is ours and not the sender's.
    internal: bool,
}

impl Fault {
    fn modeled(name: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { shape: format!("com.amazonaws.sqs#{name}"), code, message: message.into(), internal: false }
    }

    fn general(name: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { shape: format!("com.amazon.coral.service#{name}"), code, message: message.into(), internal: false }
    }

    pub fn no_queue() -> Self {
        let code = "AWS.SimpleQueueService.NonExistentQueue";
        Self::modeled("QueueDoesNotExist", code, "The specified queue does not exist.")
    }

    pub fn queue_exists(attribute: &str) -> Self {
        let message =
            format!("A queue already exists with the same name and a different value for attribute {attribute}");
        Self::modeled("QueueNameExists", "QueueAlreadyExists", message)
    }

    pub fn address(url: &str) -> Self {
        Self::modeled("InvalidAddress", "InvalidAddress", format!("The address {url} is not valid for this endpoint."))
    }

    pub fn receipt(handle: &str) -> Self {
        let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
        Self::modeled("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", message)
    }

    pub fn not_in_flight() -> Self {
        let code = "AWS.SimpleQueueService.MessageNotInflight";
        Self::modeled("MessageNotInflight", code, "The message referred to is not in flight.")
    }

    pub fn attribute_name(name: &str) -> Self {
        Self::modeled("InvalidAttributeName", "InvalidAttributeName", format!("Unknown Attribute {name}."))
    }

    pub fn attribute_value(name: &str) -> Self {
        let message = format!("Invalid value for the parameter {name}.");
        Self::modeled("InvalidAttributeValue", "InvalidAttributeValue", message)
    }

    pub fn contents() -> Self {
        let message = "The message contains characters outside the allowed set.";
        Self::modeled("InvalidMessageContents", "InvalidMessageContents", message)
    }

    pub fn unsupported(message: &str) -> Self {
        Self::modeled("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", message)
    }

    pub fn no_resource(message: &str) -> Self {
        Self::modeled("ResourceNotFoundException", "ResourceNotFoundException", message)
    }

    pub fn empty_batch() -> Self {
        let code = "AWS.SimpleQueueService.EmptyBatchRequest";
        Self::modeled("EmptyBatchRequest", code, "There should be at least one entry in the request.")
    }

    pub fn too_many_entries(count: usize) -> Self {
        let message = format!("Maximum number of entries per request are 10. You have sent {count}.");
        Self::modeled("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", message)
    }

    pub fn batch_too_long(most: usize, size: usize) -> Self {
        let message = format!("Batch requests cannot be longer than {most} bytes. You have sent {size} bytes.");
        Self::modeled("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", message)
    }

    pub fn entry_id() -> Self {
        let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                       It can be at most 80 letters long.";
        Self::modeled("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId", message)
    }

    pub fn entry_ids(repeated: &str) -> Self {
        let code = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct";
        Self::modeled("BatchEntryIdsNotDistinct", code, format!("Id {repeated} repeated."))
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::general("InvalidParameterValueException", "InvalidParameterValue", message)
    }

    /// A parameter whose value is not allowed, and why.
    pub fn parameter(name: &str, value: impl std::fmt::Display, reason: &str) -> Self {
        Self::invalid(format!("Value {value} for parameter {name} is invalid. Reason: {reason}"))
    }

    pub fn missing(name: &str) -> Self {
        let message = format!("The request must contain the parameter {name}.");
        Self::general("MissingRequiredParameterException", "MissingParameter", message)
    }

    pub fn malformed(error: &serde_json::Error) -> Self {
        Self::general("SerializationException", "MalformedInput", error.to_string())
    }

    pub fn unknown_operation(name: &str) -> Self {
        let message = format!("The operation {name} is not known.");
        Self::general("UnknownOperationException", "InvalidAction", message)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self { internal: true, ..Self::general("InternalFailure", "InternalFailure", message) }
    }

    pub fn answer(&self) -> Response<Body> {
        let (status, side) = match self.internal {
            true => (StatusCode::INTERNAL_SERVER_ERROR, "Receiver"),
            false => (StatusCode::BAD_REQUEST, "Sender"),
        };
        let body = json!({ "__type": self.shape, "message": self.message });
        let mut response = router::json(status, body.to_string());
        if let Ok(code) = HeaderValue::from_str(&format!("{};{side}", self.code)) {
            response.headers_mut().insert("x-amzn-query-error", code);
        }
        response
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(error.to_string())
    }
}
