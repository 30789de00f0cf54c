//! Behaviour from the use cases of the master dataset: Gherkin features for people, state machines for AWS Step
//! Functions, runs of both against any deployment, and reports of the runs.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use std::{path::Path, sync::Arc};
//! use bdd::{Plans, Summary, Target, native, report};
//!
//! let dataset = dataset::Dataset::load(Path::new("mock-data")).map_err(|problems| problems[0].to_string())?;
//! let published = dataset::Published::load(Path::new("contracts/published/dev"))?;
//! let plans = Plans::of_dataset(Arc::new(dataset), Arc::new(published));
//! let client = verify::Client::remote("http://127.0.0.1:4200")?;
//! let target = Target { name: "dev".into(), enver: "dev".into(), client, platform: None, secret: None, run:
//! bdd::run_name() }; let done = native::run(&plans, &target, None, 4, |_| {}).await?; println!("{}",
//! report::text::render(&done, &Summary::of(&done, &plans.published)));
//! # Ok(()) }
//! ```

pub mod coverage;
mod expectation;
pub mod feature;
mod function;
pub mod generated;
pub mod native;
mod plan;
mod reference;
pub mod report;
mod session;
mod signed;
pub mod state_machine;
pub mod step_functions;
mod target;
pub mod values;

pub use coverage::Summary;
pub use function::Function;
pub use plan::{Plan, Plans};
pub use target::{Target, run_name};
