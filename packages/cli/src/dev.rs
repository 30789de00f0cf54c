//! `enver dev edge`: the Worker in workerd, beside the services and the AWS of a running `enver up`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use clap::{Args, Subcommand};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

use crate::arguments::{AWS_PORT_OFFSET, Enver, PORT_BASE};
use crate::kept::{Kept, KeptError};
use crate::repository::{self, NoRepository};
use crate::up::{say, stop_on_signal, stopped};

/// What `enver dev edge --help` says at its end.
pub const HELP: &str = "\
The Worker of functions/edge runs the operations that are marked for the edge on the DynamoDB and SQS of `enver up`, and
passes every other declared one on to its services. Where there is no built Worker, it is built first. A change of
configuration is known to it when maxAgeSeconds of global.operational.configuration is over. Use cases change prices and
limits, so before they are played through the edge that is made a second, as an administrator of the platform, and the
edge started after it.

Examples:
  enver up                            in one terminal: services on 4200, AWS on 4066
  enver dev edge                      in another: the Worker on 8787
  enver dev edge --port-base 5000     beside `enver up --port-base 5000`
  enver dev edge --build              the Worker as the sources are now; takes some minutes
  enver config set global.operational.configuration maxAgeSeconds=1 --reason 'use cases through the edge'
  enver bdd --url http://127.0.0.1:8787 --messages http://127.0.0.1:4200
  enver verify booking --url http://127.0.0.1:8787 --messages http://127.0.0.1:4200

Exit codes: 0 stopped by Ctrl-C or SIGTERM, 1 it could not be started or ended by itself, 2 the arguments are wrong.";

#[derive(Debug, Subcommand)]
pub enum Host {
    /// Runs the Worker in workerd, beside the services and the AWS of a running `enver up`
    ///
    /// It prints where the Worker answers; then the Worker's console. Ctrl-C or SIGTERM stops all of it.
    #[command(after_help = HELP)]
    Edge(Edge),
}

#[derive(Debug, Args)]
pub struct Edge {
    /// The port of the Worker; 0 takes a free one
    #[arg(long, default_value_t = 8787)]
    pub port: u16,
    /// The port base that `enver up` was started with
    #[arg(long, value_name = "PORT", default_value_t = PORT_BASE, value_parser = clap::value_parser!(u16).range(1..=65_335))]
    pub port_base: u16,
    /// Where the services answer, if `enver up` took free ports
    #[arg(long, value_name = "URL", requires = "aws_url", conflicts_with = "port_base")]
    pub url: Option<String>,
    /// Where its AWS answers, if `enver up` took free ports
    #[arg(long, value_name = "URL", requires = "url")]
    pub aws_url: Option<String>,
    #[command(flatten)]
    pub kept: Kept,
    /// Build the Worker also where there is one
    #[arg(long)]
    pub build: bool,
    /// The root of the repository
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// Why the Worker does not run.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    /// This is no repository of services.
    #[error(transparent)]
    Repository(#[from] NoRepository),
    /// A tool is missing.
    #[error("{0} is not there: run `.ci/tools worker` in the repository, which needs Node.js 20 or later")]
    Tool(&'static str),
    /// Nobody listens where the enver should be.
    #[error(
        "{what} do not answer at {origin}: run `enver up` in another terminal, or say where it is with --port-base, or \
         with --url and --aws-url"
    )]
    NotUp {
        /// The services, or the AWS.
        what: &'static str,
        /// Where.
        origin: String,
    },
    /// An address that is none.
    #[error("{0:?} is not an address like http://127.0.0.1:4200, which is how `enver up` prints them")]
    Address(String),
    /// The enver cannot be asked.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// It could not be built.
    #[error("the Worker was not built: `.ci/build-edge` ended with {0}")]
    Build(ExitStatus),
    /// A program could not be started.
    #[error("{program} cannot be started")]
    Start {
        /// Which.
        program: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// It ended before or after it was ready.
    #[error("the Worker's runtime ended by itself with {0}; what it said stands above")]
    Ended(ExitStatus),
    /// There is no runtime, no signals or no folder.
    #[error("the process could not be set up")]
    Process(#[source] io::Error),
}

/// Runs until a signal.
pub fn run(options: &Edge) -> Result<(), DevError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(DevError::Process)?;
    runtime.block_on(edge(options))
}

async fn edge(options: &Edge) -> Result<(), DevError> {
    let root = repository::root(options.root.as_deref())?;
    if !root.join(".tools/npm/node_modules/miniflare").is_dir() {
        return Err(DevError::Tool("miniflare, which runs Workers,"));
    }
    let (services, aws) = origins(options).await?;
    answers("the services of an enver", &services).await?;
    answers("its DynamoDB, S3 and SQS", &aws).await?;
    let stopping = stop_on_signal().map_err(DevError::Process)?;
    if options.build || !root.join("target/edge/index.js").is_file() {
        build(&root).await?;
    }

    let mut worker = Worker::start(&root, options, &services, &aws)?;
    let Some(origin) = worker.ready(stopped(stopping.clone())).await else {
        // Stopped before it was ready, or ended.
        return worker.end().await;
    };
    say(&format!(
        "The edge is up, beside the services at {services}.\n\n  edge      {origin}\n\nReady. Ctrl-C stops.\n"
    ));
    worker.talk(stopped(stopping)).await;
    worker.end().await
}

/// Where the services and their AWS are.
async fn origins(options: &Edge) -> Result<(String, String), DevError> {
    let given = |url: &Option<String>| url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    let services = match given(&options.url) {
        Some(services) => services,
        None => options.kept.origin(options.port_base + Enver::Dev.port_offset()).await?,
    };
    let aws = format!("http://127.0.0.1:{}", options.port_base + AWS_PORT_OFFSET);
    Ok((services, given(&options.aws_url).unwrap_or(aws)))
}

/// That somebody listens there: what is no enver of ours says so at the first request.
async fn answers(what: &'static str, origin: &str) -> Result<(), DevError> {
    const WAIT: Duration = Duration::from_secs(5);
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let authority = authority.ok_or_else(|| DevError::Address(origin.to_owned()))?;
    match tokio::time::timeout(WAIT, TcpStream::connect(authority)).await {
        Ok(Ok(_)) => Ok(()),
        _ => Err(DevError::NotUp { what, origin: origin.to_owned() }),
    }
}

async fn build(root: &Path) -> Result<(), DevError> {
    say("Building the Worker, which takes some minutes the first time.\n");
    let built = Command::new(root.join(".ci/build-edge")).current_dir(root).stdin(Stdio::null()).status().await;
    match built.map_err(|source| DevError::Start { program: ".ci/build-edge", source })? {
        status if status.success() => Ok(()),
        status => Err(DevError::Build(status)),
    }
}

/// The Worker's runtime; it ends when its standard input closes, so it never outlives this process.
struct Worker {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// A runtime that is killed leaves its files: they go with this.
    _temporary: TempDir,
}

impl Worker {
    fn start(root: &Path, options: &Edge, services: &str, aws: &str) -> Result<Self, DevError> {
        let temporary = tempfile::Builder::new().prefix("enver-edge-").tempdir().map_err(DevError::Process)?;
        // An AWS of this machine takes any credentials, and has no regions.
        let variables = serde_json::json!({
            "SERVICE_NAME": "edge",
            "ENVIRONMENT": Enver::Dev.environment().name(),
            "CONFIG_SERVICE_URL": services,
            "LOG_LEVEL": "INFO",
            "AWS_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": aws,
            "AWS_ACCESS_KEY_ID": "any",
            // enver:allow(hardcoded-secret) an AWS of this machine takes any
            "AWS_SECRET_ACCESS_KEY": "any",
        });
        let child = Command::new("node")
            .arg(root.join("functions/edge/run.mjs"))
            .args(["--port", &options.port.to_string()])
            .current_dir(root)
            .env("EDGE_VARS", variables.to_string())
            .env("TMPDIR", temporary.path())
            .envs(options.kept.authority().map(|file| ("NODE_EXTRA_CA_CERTS", file)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => DevError::Tool("node"),
            _ => DevError::Start { program: "node", source },
        })?;
        let output = child.stdout.take().ok_or_else(|| DevError::Process(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self { child, lines: BufReader::new(output).lines(), _temporary: temporary })
    }

    /// Where it answers, as soon as it does; `None` when it ended or was stopped before.
    async fn ready(&mut self, stopped: impl Future<Output = ()>) -> Option<String> {
        tokio::pin!(stopped);
        loop {
            let line = tokio::select! {
                line = self.lines.next_line() => line.ok().flatten()?,
                () = &mut stopped => return None,
            };
            match line.strip_prefix("ready ") {
                Some(origin) => return Some(origin.to_owned()),
                None => say(&format!("{line}\n")),
            }
        }
    }

    /// Prints its console until it ends or is stopped.
    async fn talk(&mut self, stopped: impl Future<Output = ()>) {
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                line = self.lines.next_line() => match line {
                    Ok(Some(line)) => say(&format!("{line}\n")),
                    _ => return,
                },
                () = &mut stopped => return,
            }
        }
    }

    /// Ends it, and says how it ended.
    async fn end(mut self) -> Result<(), DevError> {
        drop(self.child.stdin.take());
        // It must not wait for somebody who reads.
        let reading = async { while let Ok(Some(_)) = self.lines.next_line().await {} };
        let (status, ()) = tokio::join!(self.child.wait(), reading);
        match status.map_err(DevError::Process)? {
            status if status.success() => Ok(()),
            status => Err(DevError::Ended(status)),
        }
    }
}
