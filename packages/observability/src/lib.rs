//! One log line and one metric line per request, now and then a metric line of a cache, and both for an answer of
//! another service that broke its contract.
//!
//! The log line is a JSON object with a sentence a person can read and fields a query can use. The metric line is
//! CloudWatch's embedded metric format, which CloudWatch turns into metrics and everything else can ignore. Neither
//! ever holds a body, a header field, a path with ids, or anything that looks like a secret.

mod level;
mod lines;
mod redact;

pub use level::Level;
pub use lines::{Lines, breach_lines, cache_line, log_line, metric_line, share_lines};
pub use redact::redact;
