//! The master dataset (`mock-data/`): entities written once, use cases as flows of steps, and what they must keep.
//!
//! ```no_run
//! # use std::{path::Path, sync::Arc};
//! # use dataset::{Dataset, Published, Run, Setting};
//! # fn send(_: dataset::Request) -> (u16, http::HeaderMap, Vec<u8>) { (200, http::HeaderMap::new(), Vec::new()) }
//! # let now = || 0;
//! let dataset = Arc::new(Dataset::load(Path::new("mock-data")).expect("a dataset"));
//! let published = Arc::new(Published::load(Path::new("contracts/published/dev")).expect("contracts"));
//! for (_, flow) in dataset.flows() {
//!     let setting = Setting { run: "r1".into(), enver: "dev".into(), platform: None };
//!     let mut run = Run::new(&dataset, &published, flow, setting, now());
//!     while let Some(next) = run.next(now()) {
//!         let Ok(request) = next else { break };
//!         let (status, headers, body) = send(request);
//!         let result = run.answer(status, &headers, &body);
//!         assert!(result.mismatches.is_empty());
//!     }
//! }
//! ```
//!
//! Everything here is pure: it reads files once and never sends, waits or looks at a clock.

mod dataset;
mod entity;
mod examples;
pub mod expression;
mod fields;
mod function;
mod integrity;
mod matcher;
mod problem;
mod published;
mod reference;
mod refusals;
mod rehearsal;
mod request;
mod run;
mod schemas;
mod scope;
mod step;
mod use_case;
mod yaml;

pub use dataset::Dataset;
pub use entity::{Entities, Entity, Kind};
pub use examples::Example;
pub use function::FUNCTIONS;
pub use integrity::{Report, check, check_folder};
pub use matcher::{MATCHERS, Mismatch, differences, example};
pub use problem::{Place, Problem};
pub use published::{MESSAGES, Operation, Published, PublishedError, Service};
pub use refusals::{Refusals, Unprovoked};
pub use rehearsal::{Exchange, REHEARSED_AT, rehearse};
pub use request::{Rendered, rendered};
pub use run::{Request, Run, StepResult};
pub use scope::{LogIn, Scope, Setting, Unresolved};
pub use step::{Body, Consumed, Credentials, Emitted, Expect, Part, Send, Step};
pub use use_case::{Flow, Outline, UseCase};
pub use yaml::{Content, Key, Node};
