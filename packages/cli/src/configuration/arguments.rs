//! What `enver config` can be told.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::configuration::content::Content;
use crate::kept::Kept;

/// What `enver config --help` ends with.
pub const HELP: &str = "\
A document is named by its path with dots: services.booking.dev.business.pricing, global.security.cors.
A tenant sees the platform's keys with its own over them; set, rollback and delete change its own.

Examples:
  export ENVER_TOKEN=…              the accessToken that POST /auth/v1/login answers to an administrator
  enver config get services.booking.dev.business.pricing
  enver config get services.booking.dev.business.pricing materialMultipliers.coal
  enver config validate services.booking.dev.business.pricing surgeMultiplier=1.2
  enver config set services.booking.dev.business.pricing surgeMultiplier=1.2 --reason 'Diwali'
  enver config history services.booking.dev.business.pricing
  enver config rollback services.booking.dev.business.pricing TOKEN --reason 'Too dear'

Exit codes: 0 done, 1 failed or found invalid, 2 the arguments are wrong.";

#[derive(Debug, Args)]
pub struct Config {
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Command,
}

// They may follow the subcommand.
#[derive(Debug, Args)]
#[command(mut_args(|argument| argument.global(true)))]
pub struct Place {
    /// Where the enver answers [default: port 4200 of this machine]
    #[arg(long, value_name = "URL", env = "ENVER_URL")]
    pub url: Option<String>,
    #[command(flatten)]
    pub kept: Kept,
    /// The access token of an administrator; in the environment it is not seen by others on the machine
    #[arg(long, value_name = "TOKEN", env = "ENVER_TOKEN", hide_env_values = true, allow_hyphen_values = true)]
    pub token: Option<String>,
    /// Print what was answered as one line of JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prints what takes effect, or one key of it
    Get(Get),
    /// Changes keys, or replaces all of the tenant's own
    Set(Set),
    /// Prints who changed what, when, why and under which ticket, newest first
    History(History),
    /// Says what `set` would meet, and changes nothing
    Validate(Validate),
    /// Undoes the last change with the token it printed
    Rollback(Rollback),
    /// Ends what the tenant overrides, so that the platform's value takes effect again
    Delete(Delete),
    /// Approves a change that another administrator is about to make, and prints the token for it
    Approve(Approve),
    /// Writes the documents of a folder that are not there yet
    ///
    /// Each file is one document, named after it: services.booking.dev.business.pricing.yaml holds `value`, the keys to
    /// set, and may hold `schema`, with which the platform's administrators make documents that are new. A name without
    /// the enver (services.booking.business.pricing) gets the one of --enver. What is there stays as it is.
    Seed(Seed),
}

#[derive(Debug, Args)]
pub struct Get {
    /// The document
    #[arg(value_parser = document)]
    pub document: String,
    /// One key of it, with dots: materialMultipliers.coal
    pub key: Option<String>,
    /// What the tenant wrote in that version, counted from 1
    #[arg(long, value_name = "NUMBER", conflicts_with = "own")]
    pub version: Option<u64>,
    /// Only what the tenant itself sets, as it was written
    #[arg(long)]
    pub own: bool,
}

#[derive(Debug, Args)]
pub struct Set {
    /// The document
    #[arg(value_parser = document)]
    pub document: String,
    #[command(flatten)]
    pub content: Content,
    #[command(flatten)]
    pub why: Why,
    /// The version that must still be the one, as `get --json` shows it; else the one that is there now
    #[arg(long, value_name = "VERSION")]
    pub if_match: Option<String>,
}

#[derive(Debug, Args)]
pub struct History {
    /// The document
    #[arg(value_parser = document)]
    pub document: String,
    /// How many versions
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub limit: u32,
}

#[derive(Debug, Args)]
pub struct Validate {
    /// The document
    #[arg(value_parser = document)]
    pub document: String,
    #[command(flatten)]
    pub content: Content,
    /// Count warnings as errors
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Args)]
pub struct Rollback {
    /// The document
    #[arg(value_parser = document)]
    pub document: String,
    /// What the change to be undone printed
    #[arg(value_name = "TOKEN", allow_hyphen_values = true)]
    pub undo: String,
    #[command(flatten)]
    pub why: Why,
}

#[derive(Debug, Args)]
pub struct Delete {
    /// The document
    #[arg(value_parser = document)]
    pub document: String,
    #[command(flatten)]
    pub why: Why,
}

#[derive(Debug, Args)]
pub struct Approve {
    /// The document
    #[arg(value_parser = document)]
    pub document: String,
    #[command(flatten)]
    pub content: Content,
    /// What the other administrator is about to do
    #[arg(long, value_enum, default_value_t = Action::Update)]
    pub action: Action,
    /// The change ticket, as the other administrator will give it
    #[arg(long, value_name = "CHG-12345678")]
    pub ticket: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Action {
    /// Set keys
    Update,
    /// Undo the last change
    Rollback,
    /// End what the tenant overrides
    Delete,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Rollback => "rollback",
            Self::Delete => "delete",
        }
    }
}

#[derive(Debug, Args)]
pub struct Seed {
    /// The folder
    pub folder: PathBuf,
    /// The enver of documents whose file does not name one
    #[arg(long, value_name = "ENVER", default_value = "dev", value_parser = ["mock", "dev", "main"])]
    pub enver: String,
    #[command(flatten)]
    pub why: SeedWhy,
}

/// What could be a document's name; whether there is one of that name, the enver says.
fn document(word: &str) -> Result<String, &'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    match !word.is_empty() && word.chars().all(plain) {
        true => Ok(word.to_owned()),
        false => Err("documents are named like services.booking.dev.business.pricing or global.security.cors"),
    }
}

/// Why something changes.
#[derive(Debug, Args)]
pub struct Why {
    /// For the history
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The change ticket, where the platform asks for one
    #[arg(long, value_name = "CHG-12345678")]
    pub ticket: Option<String>,
    /// The token of `enver config approve`, where the platform asks for an approval
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    pub approval: Option<String>,
}

/// The same with a reason that need not be given.
#[derive(Debug, Args)]
pub struct SeedWhy {
    /// For the history
    #[arg(long, value_name = "TEXT", default_value = "Seeded from files")]
    pub reason: String,
    /// The change ticket, where the platform asks for one
    #[arg(long, value_name = "CHG-12345678")]
    pub ticket: Option<String>,
}
