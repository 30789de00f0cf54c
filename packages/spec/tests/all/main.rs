//! The promises of documents and of their comparison.

mod documents;
