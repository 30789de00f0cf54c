//! The promises of the declarations, through the crate's public face.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod clones;
mod constellations;
mod declarations;
mod edges;
mod names;
mod phases;
mod revisions;
mod world;
