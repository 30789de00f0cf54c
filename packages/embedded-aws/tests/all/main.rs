//! The promises of the embedded cloud, kept through the unmodified SDK.

mod tables;
