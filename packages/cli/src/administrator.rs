//! `enver administrator`: makes the platform's first administrator in an enver that was deployed, and keeps the log-in.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use contracts::Stage;
use operation::Environment;
use verify::{BadUrl, Client};

use crate::demo::{self, Account, DemoError};
use crate::deployed::{self, DeployedError};

/// What `enver administrator --help` says at its end.
pub const HELP: &str = "\
Who may read the platform's table of an enver holds the secret that its services sign with, and with it makes the first
administrator, once. AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN say who that is;
AWS_ENDPOINT_URL names an emulator. The password is made here and stands in DIR/<enver>/platform.json alone, which
`enver verify` and `enver bdd` read with --platform. Again, it says where the log-in is.

Example:
  enver administrator dev --url https://auth.dev.enver.example

Exit codes: 0 it is there, 2 it could not be made.";

#[derive(Debug, Args)]
pub struct Administrator {
    /// The enver: dev or main
    #[arg(value_name = "ENVER", value_parser = crate::wiring::stage)]
    pub enver: Stage,
    /// Where its auth answers
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// Where log-ins are kept
    #[arg(long, value_name = "DIR", default_value = ".enver/deployed")]
    pub data_dir: PathBuf,
}

/// Why there is no administrator.
#[derive(Debug, thiserror::Error)]
pub enum AdministratorError {
    /// A mock has no table.
    #[error("a mock has its administrator from the start: name dev or main")]
    Mock,
    /// The address is none.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// The secret cannot be read.
    #[error(transparent)]
    Deployed(#[from] DeployedError),
    /// Auth refused, or the log-in cannot be kept.
    #[error(transparent)]
    Account(#[from] DemoError),
    /// The log-in has no place.
    #[error("{path} cannot be made")]
    Folder {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is no runtime.
    #[error("the process could not be set up")]
    Process(#[source] io::Error),
}

/// How it ends when nothing could be done, as wrong arguments do.
pub const NOT_DONE: u8 = 2;

/// Makes the administrator, or says where the log-in is.
pub fn run(options: &Administrator) -> Result<ExitCode, AdministratorError> {
    let environment = match options.enver {
        Stage::Mock => return Err(AdministratorError::Mock),
        Stage::Dev => Environment::Dev,
        Stage::Main => Environment::Main,
    };
    let client = Client::remote(&options.url)?;
    let secrets = deployed::secrets(environment)?;
    let folder = options.data_dir.join(environment.name());
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.map_err(|source| AdministratorError::Folder { path: folder.display().to_string(), source })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(AdministratorError::Process)?;
    let log_in = runtime.block_on(demo::ensure(Account::Platform, &client, &secrets, Some(&folder)))?;
    println!("{} holds the log-in of {}", folder.join("platform.json").display(), log_in.email);
    Ok(ExitCode::SUCCESS)
}
