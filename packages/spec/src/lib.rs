//! Contracts as documents: what is published for an operation, and what may change about it.

pub mod compatibility;
