//! Any OpenAPI 3.0 or 3.1 document and any AsyncAPI 2 document, ours or anybody's: read, understood, checked against.
//!
//! - [`Document`] reads JSON or YAML from hostile bytes and names line and column of what is wrong.
//! - [`Api`] is what it says: [`Operation`]s with parameters, bodies, answers and security, or [`Channel`]s with messages.
//! - [`Operation::check_request`] and [`Operation::check_response`] list every [`Issue`], by the verdict of `jsonschema`.
//! - [`Schema::example`] and [`Schema::generate`] make values that it accepts, the same ones for the same seed.
//!
//! ```
//! let text = br#"{"openapi": "3.1.0", "paths": {"/notes": {"post": {"responses": {"204": {}}, "requestBody":
//!     {"content": {"application/json": {"schema": {"type": "string", "maxLength": 3}}}}}}}}"#;
//! let api = document::Api::read(text)?;
//! let operation = &api.operations[0];
//! let headers = [("content-type".parse().unwrap(), "application/json".parse().unwrap())].into_iter().collect();
//! let call = document::Call { path: "/notes", query: "", headers: &headers, body: b"\"long\"" };
//!
//! let issues = operation.check_request(&call);
//! assert_eq!((issues[0].rule.as_str(), issues[0].pointer.as_str()), ("maxLength", ""));
//! # Ok::<(), document::Unusable>(())
//! ```

mod anchors;
mod api;
mod asyncapi;
mod body;
mod borrowed;
mod bundle;
mod dialect;
mod document;
mod faults;
pub mod formats;
mod generate;
mod issue;
mod media;
mod merged;
mod operation;
mod parameter;
mod path;
pub mod pattern;
mod request;
mod response;
mod schema;
mod security;
mod source;
pub mod stack;
mod style;
mod template;
mod text;

pub use api::Api;
pub use asyncapi::{Channel, Message};
pub use body::Body;
pub use dialect::LONGEST_CHAIN;
pub use document::{Document, Kind, LONGEST_DOCUMENT};
pub use faults::{Fault, Unusable};
pub use issue::{Issue, Part, escaped};
pub use media::{Media, MediaType, essence};
pub use operation::Operation;
pub use parameter::{Location, Parameter, Style};
pub use request::Call;
pub use response::{Answer, Response};
pub use schema::{Schema, View};
pub use security::{Scheme, Security};
pub use source::Place;
pub use template::{Template, decoded};
