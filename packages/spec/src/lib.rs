//! Contracts as documents: what is published for an operation, and what may change about it.
//!
//! A [`Contract`] is a service as data: its declarations and the schemas of its types. From it come
//!
//! - [`openapi::document`]: OpenAPI 3.1.0, what callers generate clients from; [`openapi_3_0::document`] for what reads
//!   nothing newer;
//! - [`asyncapi::document`]: AsyncAPI 2.6.0, the messages it takes and emits;
//! - [`manifest::service`]: everything infrastructure code needs;
//! - [`artifact::Artifacts`]: all of it as the files of an enver, each with its kind and digest.
//!
//! From documents that were published come the typed clients of those who call ([`client`]).
//!
//! [`compatibility`] compares two documents, ours or anybody's.
//!
//! The same contract gives the same bytes ([`json::text`]), whatever machine and whatever build made them.

pub mod artifact;
pub mod asyncapi;
pub mod client;
pub mod compatibility;
mod components;
mod contract;
mod draft07;
mod errors;
mod examples;
mod halves;
mod headers;
pub mod json;
pub mod manifest;
mod names;
pub mod openapi;
pub mod openapi_3_0;
mod parameters;
mod responses;
mod security;

pub use contract::{ConsumerContract, Contract, OperationContract};
pub use examples::{Example, Examples, MessageExample};
