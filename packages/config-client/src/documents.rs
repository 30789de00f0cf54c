//! Names of configuration documents: `/{tenant}/global/…` and `/{tenant}/services/{service}/{environment}/…`.

use operation::Environment;
use serde::de::DeserializeOwned;

/// Where a document stands below its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// `global/{category}/{name}`; category is `security`, `compliance` or `operational`.
    Global,
    /// `services/{service}/{environment}/{category}/{name}`; category is `business`, `technical` or `integration`.
    Service(&'static str),
}

/// A configuration document in its Rust form.
pub trait Document: DeserializeOwned + Send + Sync + 'static {
    /// Global or of one service.
    const SCOPE: Scope;
    /// `category/name`: `business/pricing`.
    const NAME: &'static str;
}

/// The id of a document: its path with dots, `services.booking.dev.business.pricing`.
pub(crate) fn id<D: Document>(environment: Environment) -> String {
    let name = D::NAME.replace('/', ".");
    match D::SCOPE {
        Scope::Global => format!("global.{name}"),
        Scope::Service(service) => format!("services.{service}.{}.{name}", environment.name()),
    }
}
