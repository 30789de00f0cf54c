//! The checks, each a part of the verifier.

pub(crate) mod refusals;
mod sequence;
mod valid;
