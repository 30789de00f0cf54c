//! What `enver` can be told, and how it explains itself.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use operation::Environment;

use crate::configuration::{Config, HELP};
use crate::context;
use crate::diff::{self, Diff};
use crate::new::{self, New};
use crate::phase;

/// Contract-first serverless services, whole on a laptop.
#[derive(Debug, Parser)]
#[command(
    name = "enver",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, `enver` does what `enver up` does.\n\
                  Exit codes: 0 done, 1 failed, 2 the arguments are wrong."
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub up: Up,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Starts the services of an enver, and the DynamoDB, S3, SQS and SSM they stand on, in this process
    ///
    /// It prints where everything answers, the log-ins of a demo tenant and of the platform, and four lines of curl that book a truck.
    /// Data is kept in the data directory and survives the process being killed.
    /// Ctrl-C or SIGTERM stops it: requests in flight are answered first; a second one stops it at once.
    #[command(after_help = "\
Examples:
  enver up                          data in .enver, services on 4200, AWS on 4066
  enver up --port-base 5000         services on 5200, AWS on 5066
  enver up --port-base 0            any two free ports
  enver up --ephemeral --logs       nothing kept; log lines on standard error
  enver up --tls                    the services on HTTPS
  enver up --enver mock,dev         a mock on 4100 beside the services on 4200

A mock remembers what it was told, tenant by tenant. POST /_mock/reset takes it back to its start; /_mock/snapshot and
/_mock/restore keep and bring back a state ({\"name\": \"…\"}); /_mock/clock sets its time ({\"at\": \"2027-01-15T08:00:00Z\"}),
moves it ({\"advanceSeconds\": 60}) or lets it run ({\"run\": true}). GET /_messages and /_mock/queues show what it emitted.
`Prefer: code=404`, `example=NAME` and `dynamic=true` choose its answer.")]
    Up(Up),
    /// Makes the platform's first administrator in an enver that was deployed, and keeps the log-in
    #[command(after_help = crate::administrator::HELP)]
    Administrator(crate::administrator::Administrator),
    /// Runs the use cases against an enver and reports, and writes them as features and state machines
    #[command(after_help = crate::bdd::HELP)]
    Bdd(Box<crate::bdd::Bdd>),
    /// Builds what is deployed
    #[command(subcommand)]
    Build(crate::build::Target),
    /// Writes typed clients of other services from the contracts they published
    #[command(subcommand)]
    Client(Client),
    /// Reads and changes the configuration of a running enver
    #[command(after_help = HELP)]
    Config(Box<Config>),
    /// Writes the documents from which somebody works on one enver of one service
    #[command(after_help = context::HELP)]
    Context(context::Context),
    /// Plays sequences of requests against the mock and the real service side by side, and shows the first difference
    ///
    /// A sequence is a flow of the dataset up to some step, and what its people could do next: requests made again, by
    /// others, of other things, with one rule broken. Answers are the same when status, header fields and bodies are,
    /// but for what each side made itself: ids, tokens and times have other texts, and always the same ones for each
    /// other. A difference is made as small as it can be and printed as lines of curl.
    #[command(name = "loop", after_help = crate::proof::HELP)]
    Loop(Box<crate::proof::Loop>),
    /// Writes a new service or operation that passes every check and reads like its neighbours
    #[command(after_help = new::HELP)]
    New(New),
    /// Shows how far services are, and records the word of a person that a phase is complete
    #[command(after_help = phase::HELP)]
    Phase(phase::PhaseCommand),
    /// Runs what is deployed elsewhere beside the enver that `enver up` started
    #[command(subcommand)]
    Dev(crate::dev::Host),
    /// Lets the next enver run the build that one enver ran, if can-deploy says yes
    #[command(after_help = crate::promote::HELP)]
    Promote(crate::promote::Promote),
    /// Compares two contracts: what breaks whom, each with a value that proves it
    ///
    /// It takes any two OpenAPI 3.0 or 3.1 documents, or AsyncAPI 2 documents, in JSON or YAML.
    #[command(after_help = diff::HELP)]
    Diff(Diff),
    /// Deploys dev on an AWS emulated on this machine, by the templates and zips that a deployment takes
    #[command(after_help = crate::emulate::HELP)]
    Emulate(crate::emulate::Emulate),
    /// Answers as any OpenAPI or AsyncAPI document says: valid examples, refusals with every issue
    #[command(after_help = crate::mock::HELP)]
    Mock(crate::mock::Mock),
    /// Writes what the services promise to contracts/published: the contracts that others build on
    ///
    /// Per enver and service OpenAPI 3.1 and 3.0, AsyncAPI 2.6 and a bundle that names them, and one manifest with all
    /// facts that infrastructure code needs. They come from the declared operations and are committed: a change of a
    /// contract is a diff that somebody reviews. The same code gives the same bytes.
    ///
    /// With --upload nothing is written here: what is committed goes to the artifact bucket of the enver, under
    /// ACCOUNT/REVISION/<service>ApiBaseUrl-schema-url.json, tagged gitsha=COMMIT. It prints the place of each bundle
    /// with its version, s3://BUCKET/KEY@VERSION: the value that the producer shares.
    #[command(after_help = "\
Examples:
  enver publish                     all envers
  enver publish --enver dev         only dev
  enver publish --check             nothing is written; 1 when a file is stale or was edited by hand
  enver publish --enver dev --upload artifacts-of-dev --account 111122223333

Exit codes: 0 done, 1 something is stale, 2 the arguments are wrong, or a file or the bucket cannot be used.")]
    Publish(Publish),
    /// Finds business values, limits, durations and credentials in code, and branches on the name of a tenant
    ///
    /// It reads Rust, TypeScript, JavaScript, Python and YAML as tokens, so that nothing in a string or a comment is
    /// found. What `.gitignore` names, hidden files and `node_modules` are passed over; files that are not UTF-8 text
    /// or longer than 1 MiB are skipped, and the report says so.
    #[command(after_help = "\
Rules:
  hardcoded-rate            tax_rate = 0.18
  hardcoded-timeout         timeout = 30
  hardcoded-retry           retry_count = 3
  hardcoded-secret          api_key = \"…\"
  tenant-branch             if tenant == \"acme\"
  environment-variable      BASE_RATE, TAX_RATE, RETRY_COUNT or TIMEOUT from the environment;
                            in services any but SERVICE_NAME, ENVIRONMENT, CONFIG_SERVICE_URL, AWS_REGION, LOG_LEVEL
  hardcoded-limit           in services: max_items = 50, and the like with limit, threshold, ttl, min
  hardcoded-duration        in services: Duration::from_secs(30), retention_days = 30
  waiver-without-reason, unused-waiver

Services are what stands below functions/, services/, lambdas/ or handlers/ of the repository, or below --services;
where there is none of these folders, all code is taken for a service's.

What is not found: a value read from configuration, also with a fallback beside it, or reckoned from another value;
arithmetic such as SECONDS_PER_DAY; what attributes of Rust, constants named DECLARATION, and OpenAPI, AsyncAPI and
JSON Schema documents promise; values of configuration documents (YAML with `schema` and `value`); and tests: items
under #[test] and #[cfg(test)], folders named tests, test, __tests__, testdata, fixtures, benches or mock-data, files named like
x.test.ts, x.spec.ts, test_x.py or x_test.py. A test named as PATH itself is read.

A waiver is a comment on the line, or alone on the line before, that says why:
  // enver:allow(hardcoded-limit) SQS gives ten messages at most

Exit codes: 0 nothing found, 1 something found, 2 the arguments are wrong or a file could not be opened.")]
    Scan(Scan),
    /// Says whether a service may go to an enver, with every reason why not
    #[command(after_help = crate::can_deploy::HELP)]
    CanDeploy(crate::can_deploy::CanDeploy),
    /// Asks a running deployment everything that its contract answers, and reports what does not keep it
    ///
    /// For each operation: valid requests, requests that break one rule at a time (type, bound, pattern, required,
    /// unknown property, enumeration, length), undeclared methods and media types, bodies that do not parse or are too
    /// large, missing and bad credentials; what was made is read, deleted, and read again. Every answer is held against
    /// the contract: status, header fields, media type, body. For a service of ours the flows of the dataset are played
    /// first; they bring the people who call. A finding has the line of curl that shows it again, as small as it can
    /// be, without secrets.
    ///
    /// It sends one request at a time, waits when the deployment answers 429, and Ctrl-C reports what was found so far.
    #[command(after_help = crate::verify::HELP)]
    Verify(Box<crate::verify::Verify>),
    /// Checks the master dataset, from which the mock, the examples and the suites come
    Dataset(crate::dataset::DatasetCommand),
    /// Shows who consumes what of whom
    #[command(after_help = crate::wiring::HELP)]
    Wiring(crate::wiring::Wiring),
}

#[derive(Debug, Subcommand)]
pub enum Client {
    /// Writes src/upstreams beside every upstreams.yaml: a module per upstream, and what is used of each as usage.json
    ///
    /// upstreams.yaml says which operations of an upstream are called and which of its messages are taken, and of each
    /// what is read, as JSON pointers (`*` stands for every entry of a list or a map). What an operation demands is
    /// sent without being listed; optional parameters and places of the body are listed under `sends`, and errors that
    /// are told apart under `refusals`. Only what is declared is generated, and only that is held against the contract
    /// when an answer comes. The digest of the artifact stands in what is written: when the artifact changes, the
    /// client is stale until it is written anew.
    #[command(after_help = "\
Example of a upstreams.yaml:
  auth:
    openapi: ../../contracts/published/dev/auth/openapi.json
    operations:
      readTenantUser:
        reads: [/data/roles, /data/status]
        refusals: [USER_NOT_FOUND]
  config:
    asyncapi: ../../contracts/published/dev/config/asyncapi.json
    messages:
      config.changed: { reads: [/document] }

Examples:
  enver client generate                       every upstreams.yaml below this folder
  enver client generate functions/booking     one consumer's
  enver client generate --check               nothing is written; 1 when a file is stale

Exit codes: 0 done, 1 something is stale, 2 a declaration asks for what the artifact does not give, or a file cannot
be used.")]
    Generate(Generate),
}

#[derive(Debug, Args)]
pub struct Generate {
    /// Declarations, or folders that hold some
    #[arg(default_value = ".")]
    pub places: Vec<PathBuf>,
    /// Write nothing: name the files that are stale
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct Publish {
    /// An enver to publish; may be given again [default: all three]
    #[arg(long, value_enum)]
    pub enver: Vec<PublishedEnver>,
    /// Write nothing: name the files that are stale
    #[arg(long)]
    pub check: bool,
    /// The folder of the files
    #[arg(long, value_name = "DIR", default_value = "contracts/published")]
    pub dir: PathBuf,
    #[command(flatten)]
    pub upload: Option<Upload>,
}

/// Where artifacts are uploaded to.
#[derive(Debug, Args)]
pub struct Upload {
    /// Upload what is committed to this bucket, the one of one --enver, and print what each producer shares
    #[arg(
        long = "upload",
        value_name = "BUCKET",
        requires = "account",
        requires = "enver",
        conflicts_with = "check",
        required = false
    )]
    pub bucket: String,
    /// The account of the enver, twelve digits
    #[arg(long, requires = "bucket", required = false, value_parser = account)]
    pub account: String,
    /// The revision of the enver [default: the branch of its name, b..dev]
    #[arg(long, requires = "bucket")]
    pub revision: Option<String>,
    /// An S3 at another address than Amazon's
    #[arg(long, requires = "bucket", value_name = "URL")]
    pub endpoint_url: Option<String>,
}

fn account(text: &str) -> Result<String, &'static str> {
    const DIGITS: usize = 12;
    match text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("an account is twelve digits"),
    }
}

/// The envers that have artifacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PublishedEnver {
    /// Answers from the contract
    Mock,
    /// Real logic
    Dev,
    /// Production: changes compatibly or under a new version
    Main,
}

impl PublishedEnver {
    pub fn environment(self) -> Environment {
        match self {
            Self::Mock => Environment::Mock,
            Self::Dev => Environment::Dev,
            Self::Main => Environment::Main,
        }
    }
}

#[derive(Debug, Args)]
pub struct Scan {
    /// A file or a folder
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// A folder that holds services; may be given again
    #[arg(long, value_name = "DIR")]
    pub services: Vec<PathBuf>,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines for people
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
}

impl From<Format> for scan::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
            Format::Sarif => Self::Sarif,
        }
    }
}

#[derive(Debug, Args)]
pub struct Up {
    /// The envers to start, with commas between them
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Enver::Dev])]
    pub enver: Vec<Enver>,
    /// Where data and logs are kept
    #[arg(long, value_name = "DIR", default_value = ".enver")]
    pub data_dir: PathBuf,
    /// Keep nothing: all data ends with the process
    #[arg(long, conflicts_with = "data_dir")]
    pub ephemeral: bool,
    /// The services listen on this port + 200, those of mock on it + 100, the AWS protocols on it + 66; 0 takes free ports
    #[arg(long, value_name = "PORT", default_value_t = PORT_BASE, value_parser = clap::value_parser!(u16).range(0..=65_335))]
    pub port_base: u16,
    /// Write log and metric lines to standard error instead of a file in the data directory
    #[arg(long)]
    pub logs: bool,
    /// Serve the services over HTTPS, with a certificate for this machine that is made at the first start
    #[arg(long)]
    pub tls: bool,
    /// What mock answers from, beside the contracts: behaviour and the master dataset
    #[arg(long, value_name = "DIR", default_value = "mock-data")]
    pub mock_data: PathBuf,
    /// The contracts that mock answers by: a folder for each service
    #[arg(long, value_name = "DIR", default_value = "contracts/published/mock")]
    pub mock_contracts: PathBuf,
}

impl Up {
    /// Whether this enver is to be started.
    pub fn starts(&self, enver: Enver) -> bool {
        self.enver.contains(&enver)
    }
}

/// The envers that a laptop can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Enver {
    /// Answers from contracts and data, remembers what it was told, and forgets it at its end
    Mock,
    /// Real logic on embedded storage, with a demo tenant
    Dev,
}

impl Enver {
    pub fn environment(self) -> Environment {
        match self {
            Self::Mock => Environment::Mock,
            Self::Dev => Environment::Dev,
        }
    }

    /// What is added to the port base for the services of this enver.
    pub fn port_offset(self) -> u16 {
        match self {
            Self::Mock => 100,
            Self::Dev => 200,
        }
    }
}

/// The port base where nobody says another.
pub const PORT_BASE: u16 = 4000;

/// What is added to the port base for the AWS protocols.
pub const AWS_PORT_OFFSET: u16 = 66;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_of_up_work_without_naming_it() {
        let named = Arguments::parse_from(["enver", "up", "--port-base", "5000"]);
        assert!(matches!(named.command, Some(Command::Up(Up { port_base: 5000, .. }))));
        assert_eq!(Arguments::parse_from(["enver", "--port-base", "5000"]).up.port_base, 5000);
    }
}
