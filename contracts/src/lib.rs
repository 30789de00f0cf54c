//! Who publishes what for whom: builds, their envers, producers and consumers, and the one function that wires them.
//!
//! A declaration is data: one file per build in `builds/`. [`wire`] resolves all of them at once and answers with a
//! [`Wiring`] that keeps every rule, or with everything that is wrong; each [`Refusal`] names both ends and the mend.
//! Names and paths follow the contracts library of the ONDEMANDENV platform. This crate depends on nothing of ours and
//! reads no file: what is declared here is what is built, checked and deployed.

mod account;
mod build;
mod builds;
mod constellation;
mod enver;
mod grammar;
mod organisation;
mod phase;
mod refusal;
mod revision;
mod rules;
mod share;
mod wiring;

pub use account::{Account, Repository};
pub use build::{Artifact, Build, Child, Consumer, Kind, Producer, Trigger, Wants};
pub use constellation::Constellation;
pub use enver::{Enver, EnverId, Lifetime, Stage, WiredEnver};
pub use organisation::{Organisation, organisation};
pub use phase::Phase;
pub use refusal::Refusal;
pub use revision::{Revision, RevisionError};
pub use share::{
    BOOTSTRAP, PINNED, ShareError, Shared, artifact_bucket_parameter, artifact_key, share_name, share_out, stack_name,
    subscriptions_parameter,
};
pub use wiring::{Edge, Wiring};

/// The wiring of everything declared here.
///
/// # Errors
///
/// Every rule that is broken, wherever it is.
pub fn wire() -> Result<Wiring, Vec<Refusal>> {
    organisation().wire()
}
