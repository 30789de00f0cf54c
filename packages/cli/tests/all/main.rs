//! The command as its users run it: the real binary, over real sockets, with its own data directory.

mod arguments;
mod durability;
mod hostile;
mod process;
mod quick_start;

pub use process::{Answer, Running};
