//! The request pipeline, stage by stage, over HTTP types and without a socket.

mod authentication;
mod bad_input;
mod browsers;
mod contract;
mod desk;
mod idempotency;
mod limits;
mod messages;
mod routing;
