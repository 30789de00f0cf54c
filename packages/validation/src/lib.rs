//! Parse, don't validate: a type that derives `Deserialize`, `Validate` and `JsonSchema` is the contract.
//!
//! [`parse_body`], [`parse_query`] and [`parse_fields`] turn hostile bytes into such a type or into *all* the issues
//! they have. The fast path parses once with serde and checks once with garde. Only a refused request pays for the
//! complete list, which is read off the published schema itself (JSON Schema 2020-12), so that the validator and the
//! schema cannot say different things; a property test over every request type holds them together.

mod issue;
mod json;
mod parse;
mod schema;
mod strict;
pub mod types;
mod untyped;

pub use issue::{Issue, Part, Rejection};
pub use json::Json;
pub use parse::{Contract, Nothing, parse_body, parse_fields, parse_form, parse_query};
pub use schema::Schema;
pub use untyped::{check_body, check_fields, check_form, check_query};
