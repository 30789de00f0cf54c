//! Phases of services, and the documents from which somebody works on one enver of one service.
//!
//! A [`Ledger`] is what people have confirmed: `contracts/phases.toml`. [`documents`] writes the five context documents
//! of a service from its contract, its wiring, the ledger and the flows of the master dataset. Each is complete: whoever
//! has only that document can work. The mock enver's says nothing of those after it, the dev enver's nothing of main.

pub mod documents;
mod example;
mod flow;
mod ledger;
mod setting;
mod shape;
mod status;

pub use documents::{Document, DocumentError, Source};
pub use example::example;
pub use flow::{ENVER, Flow, FlowError, Step};
pub use ledger::{Confirmation, Evidence, Ledger, LedgerError};
pub use setting::Setting;
pub use shape::shape;
pub use status::Status;
