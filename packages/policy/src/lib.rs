//! Who may call what: principals, policies and the decision between them, all pure.
//!
//! A [`Policy`] is data that an operation declares. [`decide`] compares it with a [`Principal`]; it knows nothing of
//! tokens, requests or records. Deny is the default: a policy lists who is let in. Rules about one record (its owner,
//! its driver) are the handler's, through [`Principal::owns`], because only the handler has the record.

mod decision;
mod policy;
mod principal;

pub use decision::{Denied, decide};
pub use policy::{Policy, RateLimit, Rule};
pub use principal::{Principal, Role, User};

/// The tenant that owns platform defaults; its administrators run the platform.
pub const PLATFORM_TENANT: &str = "platform";
