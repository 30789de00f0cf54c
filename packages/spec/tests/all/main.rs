//! The promises of documents and of their comparison.

mod clients;
mod documents;
