//! The operation without storage, what it is given, and the tokens of its caller: the same on every host that is
//! measured.

pub mod echo;
pub mod ports;
pub mod tokens;

use operation::{Operation, Service};

/// The service of that one operation.
pub fn service() -> Service<()> {
    Service::new("bench", vec![Operation::new(&echo::DECLARATION, echo::handle)], vec![])
}
