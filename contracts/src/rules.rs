//! The rules that declarations and their wiring keep.

mod between;
mod declared;

pub(crate) use between::edges;
pub(crate) use declared::declarations;
