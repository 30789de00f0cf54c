//! What `enver verify` can be told.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::kept::Kept;

pub const HELP: &str = "\
Examples:
  enver verify booking                                 the dev that `enver up` started
  enver verify booking --url http://127.0.0.1:4100 --enver mock
  enver verify booking --quick                         less of everything, in seconds
  enver verify booking --only createBooking --report html --out report.html
  enver verify petstore.yaml --url https://api.example/v3 --auth header:api_key:special-key --rate 5
  enver verify petstore.yaml --url https://api.example/v3 --read-only

Contracts of ours are taken strictly: they declare every status. Of other documents, what HTTP itself says (401, 404,
405, 429 and the like) need not be declared.

Findings are printed with lines of curl for sh, in which $AUTHORIZATION and the like stand for credentials. Where a
request needs what an earlier answer said, the lines take it out of that answer, with jq if it is in a body; so they
run against a fresh deployment.

Flows raise the limits of calls of the whole platform (global.operational.rate-limits) and leave them raised, log-ins
included; `enver config --help` says how to take that back. --no-dataset plays none.

Exit codes: 0 nothing found, 1 something found or stopped early, 2 a file or the deployment cannot be used.";

#[derive(Debug, Args)]
pub struct Verify {
    /// A service of ours (config, auth, booking), or the file of any OpenAPI 3.0 or 3.1 document
    #[arg(value_name = "SERVICE|DOCUMENT")]
    pub target: String,
    /// Where it is deployed; takes the place of what the document says under `servers`, path and all [default for a service: port 4200 of this machine]
    #[arg(long, env = "ENVER_URL")]
    pub url: Option<String>,
    /// Who calls: bearer:TOKEN, basic:USER:PASSWORD, header:NAME:VALUE or query:NAME:VALUE, the last part @FILE to read it from a file; may be given again, the first that is let in calls
    #[arg(long, value_name = "CREDENTIALS", env = "ENVER_AUTH", hide_env_values = true)]
    pub auth: Vec<String>,
    /// Somebody of another tenant, who may see nothing of what the first one sees
    #[arg(long, value_name = "CREDENTIALS")]
    pub other_auth: Vec<String>,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub report: ReportFormat,
    /// Where the report is written instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The same seed makes the same requests
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many valid requests are generated for each operation
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub valid: usize,
    /// How many requests that break one rule are sent to each operation at most
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub invalid: usize,
    /// Ask less: no more flows than answer every operation once, one valid request and 12 that break a rule for each
    #[arg(long, conflicts_with_all = ["valid", "invalid"])]
    pub quick: bool,
    /// Ask only this operation, by its id; may be given again
    #[arg(long, value_name = "OPERATION")]
    pub only: Vec<String>,
    /// Send nothing but GET, HEAD and OPTIONS
    #[arg(long)]
    pub read_only: bool,
    /// Send at most so many requests a second
    #[arg(long, value_name = "PER_SECOND")]
    pub rate: Option<NonZeroU32>,
    /// How long to wait for a deployment that answers 429, before an operation is left out
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub patience: u64,
    /// The published contracts of the services
    #[arg(long, value_name = "DIR", default_value = "contracts/published/dev")]
    pub published: PathBuf,
    /// The master dataset, whose flows are played for a service of ours
    #[arg(long, value_name = "DIR", default_value = "mock-data")]
    pub dataset: PathBuf,
    /// Where /_messages answers, if something stands before the deployment that does not have it, as the edge
    #[arg(long, value_name = "URL")]
    pub messages: Option<String>,
    /// Play no flows
    #[arg(long)]
    pub no_dataset: bool,
    /// What the deployment is: mock, dev or main
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub enver: String,
    /// The log-in of the platform's administrator, as JSON with email and password [default: platform.json in the enver's folder of the data directory]
    #[arg(long, value_name = "FILE")]
    pub platform: Option<PathBuf>,
    /// Sign the steps of services with the secret in the platform's table, which is read with the AWS credentials of the environment
    #[arg(long, conflicts_with = "no_dataset")]
    pub signed: bool,
    #[command(flatten)]
    pub kept: Kept,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Lines for people
    Text,
    /// One page with nothing outside it
    Html,
    /// JUnit XML
    Junit,
    /// One JSON object
    Json,
}
