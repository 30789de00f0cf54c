//! Contracts as documents: what is published for an operation, and what may change about it.
//!
//! A [`Contract`] is a service as data: its declarations and the schemas of its types. From it come
//!
//! - [`openapi::document`]: OpenAPI 3.1.0, what callers generate clients from;
//! - [`manifest::service`]: everything infrastructure code needs;
//! - [`artifact::files`]: all of it as the files of an enver, each with its kind and digest.
//!
//! The same contract gives the same bytes ([`json::text`]), whatever machine and whatever build made them.

pub mod artifact;
mod components;
mod contract;
mod errors;
mod headers;
pub mod json;
pub mod manifest;
mod names;
pub mod openapi;
mod parameters;
mod responses;
mod security;

pub use contract::{ConsumerContract, Contract, OperationContract};
