//! `enver promote`: the build that one enver ran is recorded for the next, if `can-deploy` says yes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use contracts::Stage;

use crate::can_deploy::{self, CanDeploy, Form, Unusable};
use crate::deployments::{Deployments, DeploymentsError};
use crate::repository::{self, NoRepository};

/// What `enver promote --help` says at its end.
pub const HELP: &str = "\
Nothing is built: the zip of --from, known by its digest, is what --to runs. Envers follow each other: mock, dev, main.
It is recorded in contracts/deployments.json; `enver publish` and a deployment carry it on.

Exit codes: 0 recorded, 1 can-deploy says no, 2 the arguments are wrong, nothing is recorded for --from, or a file
cannot be used.";

#[derive(Debug, Args)]
pub struct Promote {
    /// The service
    pub service: String,
    /// The enver that ran the build
    #[arg(long, value_parser = crate::wiring::stage, value_name = "ENVER")]
    pub from: Stage,
    /// The enver after it
    #[arg(long, value_parser = crate::wiring::stage, value_name = "ENVER")]
    pub to: Stage,
    /// The root of the repository
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The artifacts as they stand in the envers, if they are not those of the repository
    #[arg(long, value_name = "DIR")]
    pub deployed: Option<PathBuf>,
}

/// Why nothing was promoted.
#[derive(Debug, thiserror::Error)]
pub enum PromoteError {
    /// This is no repository of services.
    #[error(transparent)]
    Repository(#[from] NoRepository),
    /// There is an enver between, or it is the wrong way.
    #[error("a build goes from mock to dev and from dev to main, not from {from} to {to}")]
    NotNext {
        /// The enver that ran it.
        from: Stage,
        /// The one it should go to.
        to: Stage,
    },
    /// There is nothing to promote.
    #[error(
        "no build of {service} is recorded for {from}: `enver build lambda {service} --record {from}`, deploy it there, \
         then promote"
    )]
    NothingRecorded {
        /// The service.
        service: String,
        /// The enver.
        from: Stage,
    },
    /// There is no answer whether it can be deployed.
    #[error(transparent)]
    CanDeploy(#[from] Unusable),
    /// What runs cannot be read or recorded.
    #[error(transparent)]
    Deployments(#[from] DeploymentsError),
}

/// How it ends when nothing could be done, as wrong arguments do.
pub const NOT_DONE: u8 = 2;

/// Promotes. The code is 1 when it can not be deployed.
pub fn run(options: &Promote) -> Result<ExitCode, PromoteError> {
    let &Promote { from, to, .. } = options;
    if !matches!((from, to), (Stage::Mock, Stage::Dev) | (Stage::Dev, Stage::Main)) {
        return Err(PromoteError::NotNext { from, to });
    }
    let root = repository::root(options.root.as_deref())?;
    let question = CanDeploy {
        service: options.service.clone(),
        to,
        format: Form::Text,
        root: root.clone(),
        deployed: options.deployed.clone(),
    };
    let answer = can_deploy::decide(&question)?;
    print!("{answer}");
    if !answer.is_yes() {
        println!("Nothing was promoted.");
        return Ok(ExitCode::FAILURE);
    }
    let service = answer.service();
    let mut deployments = Deployments::read(&root.join("contracts"))?;
    let Some(build) = deployments.of(from, service).cloned() else {
        return Err(PromoteError::NothingRecorded { service: service.to_owned(), from });
    };
    let digest = build.digest.clone();
    deployments.set(to, service, build);
    let path = deployments.write(&root.join("contracts"))?;
    println!("{to} runs {digest} of {service}, which {from} ran: {}", path.display());
    Ok(ExitCode::SUCCESS)
}
