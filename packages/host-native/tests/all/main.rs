//! What a caller sees of the server when it behaves, when it does not, and when the server ends.

mod server;
mod services;
