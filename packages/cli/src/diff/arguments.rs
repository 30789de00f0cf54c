//! What `enver diff` can be told.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use spec::compatibility;
use time::OffsetDateTime;

/// What a file of usage looks like.
pub const USAGE: &str = r#"{"operations": {"createBooking": {"sends": ["/weight"], "reads": ["/data/id"]}}}"#;

pub const HELP: &str = "\
Verdicts:
  breaking     requests narrow, answers widen, a message in the queue becomes unreadable, or an operation, parameter,
               status or security alternative goes away. A schema breaks only with a witness: a value that the sender's
               contract accepts and the receiver's refuses, confirmed by an independent validator on both sides
  unproven     a schema changed, and neither a proof nor a witness was found
  compatible   it is proven that nobody is refused
Changes that accept the same values as before (a reference written out, another order, a split allOf, `nullable` for
`[\"x\", \"null\"]`) are not reported.

Who sends is taken not to use, by chance, a property that only the other side declares: an added optional property is
compatible. In paths, queries and headers 5 and \"5\" are one.

Examples:
  enver diff old.yaml new.yaml                          may the new version be deployed before its clients?
  enver diff old.json new.json --direction full         … and new clients before the server?
  enver diff old.json new.json --promise source         … and does code generated from the old one still compile?
  enver diff old.json new.json --format sarif > diff.sarif
  git show main:api.yaml | enver diff - api.yaml        `-` is standard input
  enver diff old.json new.json --promise consumers --usage usage.json
                                                        only what consumers use; usage.json names operations by id and
                                                        what is sent and read of them as JSON pointers, * for any entry:
  {\"operations\": {\"createBooking\": {\"sends\": [\"/weight\"], \"reads\": [\"/data/*/id\"]}, \"getTruck\": {}}}

A reference to another document is not followed; bundle such documents first. A document
may have 32 MiB.

Exit codes: 0 compatible, 1 breaking, 2 a document cannot be used (with its line and column) or the arguments are wrong.";

#[derive(Debug, Args)]
pub struct Diff {
    /// The document that consumers know: OpenAPI 3.0 or 3.1 or AsyncAPI 2, JSON or YAML
    pub old: PathBuf,
    /// The document that is to take its place
    pub new: PathBuf,
    /// Who is old when the new version comes
    #[arg(long, value_enum, default_value_t = Direction::Backward)]
    pub direction: Direction,
    /// What must stay
    #[arg(long, value_enum, default_value_t = Promised::Wire)]
    pub promise: Promised,
    /// What consumers use, for --promise consumers
    #[arg(long, value_name = "FILE")]
    pub usage: Option<PathBuf>,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Which verdicts make the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Breaking)]
    pub fail_on: FailOn,
    /// In text, leave compatible changes out
    #[arg(long, short)]
    pub quiet: bool,
    /// The date by which deprecated operations may go that are past their `x-sunset`; today if it is not given
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub today: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Direction {
    /// New server, old clients
    Backward,
    /// Old server, new clients
    Forward,
    /// Both
    Full,
}

impl From<Direction> for compatibility::Direction {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Backward => Self::Backward,
            Direction::Forward => Self::Forward,
            Direction::Full => Self::Full,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Promised {
    /// Values on the wire stay acceptable
    Wire,
    /// And generated code still compiles: names and types stay
    Source,
    /// Values on the wire, as far as given consumers use them
    Consumers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines for people
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// JUnit XML, for build servers
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Only what breaks
    Breaking,
    /// Also what is not proven
    Unproven,
}

/// The date that was given, or the machine's.
pub fn today(diff: &Diff) -> String {
    diff.today.clone().unwrap_or_else(|| OffsetDateTime::now_utc().date().to_string())
}

fn date(text: &str) -> Result<String, String> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    time::Date::parse(text, &format).map(|date| date.to_string()).map_err(|error| error.to_string())
}
