//! `enver emulate`: builds what a deployment takes, and hands over to the program of `infra-cdk/` that deploys it on an
//! AWS emulated on this machine.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;

use crate::build::{self, BuildError, Lambda, Target};
use crate::deployments::Architecture;
use crate::repository::{self, NoRepository};

/// What `enver emulate --help` says at its end.
pub const HELP: &str = "\
It starts MiniStack on a free port, uploads the published documents and a zip of each service, creates the stacks of
infra-cdk/ through its CloudFormation, and makes the platform's administrator. The functions are those of a deployment:
the zips run behind its API Gateway, on its DynamoDB, S3 and SQS. One origin stands in for the domains. At the end, also
at Ctrl-C, the stacks are destroyed and nothing is left. infra-cdk/README.md lists what the emulator lacks.

What is published must be committed, as for any deployment. Zips are built for this machine, quick and large.

COMMAND finds ENVER_URL, ENVER_PLATFORM (the file of the administrator's log-in), AWS_ENDPOINT_URL and credentials.

Examples:
  enver emulate                           until Ctrl-C; it prints where everything answers
  enver emulate --check                   verifies each service, runs the use cases, deploys a second version under way
  enver emulate --check --whole           with every request that `enver verify` knows, and every use case
  enver emulate -- sh -c 'enver verify booking --platform $ENVER_PLATFORM'
  enver emulate --zips target/lambda --check    zips that `enver build lambda --architecture x86-64` wrote
  enver emulate --programs target/debug --check    the programs of the last `cargo xtask test`, built by nobody

Exit codes: 0 done, 1 a check found something or a deployment failed, 2 something is missing; otherwise that of COMMAND.";

#[derive(Debug, Args)]
pub struct Emulate {
    /// Verify every service, run use cases, deploy a second version while somebody books, and end
    #[arg(long, conflicts_with = "command")]
    pub check: bool,
    /// With --check: all of it, which takes many minutes
    #[arg(long, requires = "check")]
    pub whole: bool,
    /// Deploy these zips, <service>.zip, instead of building them
    #[arg(long, value_name = "DIR")]
    pub zips: Option<PathBuf>,
    /// Deploy the programs of this folder, <service>-lambda, instead of building them
    #[arg(long, value_name = "DIR", conflicts_with = "zips")]
    pub programs: Option<PathBuf>,
    /// The root of the repository
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Run this when everything answers, and end when it ends
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// Why nothing was deployed.
#[derive(Debug, thiserror::Error)]
pub enum EmulateError {
    /// This is no repository of services.
    #[error(transparent)]
    Repository(#[from] NoRepository),
    /// The zips could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The CDK is not installed.
    #[error("{0} is missing: run .ci/tools infrastructure")]
    NoCdk(String),
    /// This program does not know where it is.
    #[error("this program cannot be found again")]
    Itself(#[source] io::Error),
    /// Node.js is not there.
    #[error("node could not be started: install Node.js 20 or later")]
    Node(#[source] io::Error),
}

/// How it ends when nothing could be done, as wrong arguments do.
pub const NOT_DONE: u8 = 2;

/// Builds, and becomes the program that deploys.
pub fn run(options: &Emulate) -> Result<ExitCode, EmulateError> {
    let root = repository::root(options.root.as_deref())?;
    let infrastructure = root.join("infra-cdk");
    let compiler = infrastructure.join("node_modules/typescript/bin/tsc");
    if !compiler.is_file() {
        return Err(EmulateError::NoCdk(infrastructure.join("node_modules").display().to_string()));
    }
    let Some(zips) = zips(options, &root)? else { return Ok(ExitCode::FAILURE) };
    let compiled = Command::new("node").arg(&compiler).current_dir(&infrastructure).status();
    if !compiled.map_err(EmulateError::Node)?.success() {
        return Ok(ExitCode::FAILURE);
    }
    let mut program = Command::new("node");
    program.arg(infrastructure.join("build/src/emulate.js")).arg("--root").arg(&root).arg("--zips").arg(&zips);
    program.arg("--enver-program").arg(std::env::current_exe().map_err(EmulateError::Itself)?);
    for (option, given) in [("--check", options.check), ("--whole", options.whole)] {
        if given {
            program.arg(option);
        }
    }
    if !options.command.is_empty() {
        program.arg("--").args(&options.command);
    }
    Err(EmulateError::Node(program.exec()))
}

/// The folder of the zips; `None` when the compiler has said what is wrong.
fn zips(options: &Emulate, root: &Path) -> Result<Option<PathBuf>, EmulateError> {
    if let Some(zips) = &options.zips {
        return Ok(Some(zips.clone()));
    }
    let zips = root.join("target/emulated");
    if let Some(programs) = &options.programs {
        build::zip_built(programs, &zips)?;
        return Ok(Some(zips));
    }
    let lambda = Lambda {
        programs: build::services().map(str::to_owned).collect(),
        architecture: if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X86_64 },
        profile: "dev".to_owned(),
        out: Some(zips.clone()),
        record: None,
        root: Some(root.to_owned()),
    };
    let code = build::run(&Target::Lambda(lambda))?;
    Ok((code == ExitCode::SUCCESS).then_some(zips))
}
