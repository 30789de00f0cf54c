//! The promises of documents and of their comparison.

mod agreement;
mod bad_input;
mod planted;
mod reports;
