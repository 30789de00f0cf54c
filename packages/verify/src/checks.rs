//! The checks, each a part of the verifier.

mod changes;
mod lists;
pub(crate) mod refusals;
mod sequence;
mod shortest;
mod valid;
