//! `enver can-deploy`: whether a service may go to an enver, with every reason why not.

mod answer;
mod consumers;
mod contract;
mod linked;
mod messages;
mod phases;
mod published;
mod upstreams;
mod usage;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use contracts::{Stage, WiredEnver, Wiring};

use answer::{Answer, Reason};
use linked::Crates;
use published::{Published, Publisher};

/// What `enver can-deploy --help` says at its end.
pub const HELP: &str = "\
What comes is the contract that is published one enver before ENVER (mock → dev → main; for mock its own). It is held
against what stands there: what is published for ENVER, or below --deployed. Only files are read: the declared wiring,
contracts/published, contracts/phases.toml, the usage.json beside each generated client, and the manifests of crates.

Reasons for no:
  wiring                 the declared builds break a rule, such as a forward reference
  no-enver               the service has no such enver
  not-published          the contract that would come is not published
  consumer-breaks        a consumer of that constellation reads or sends what changes; a witness shows how
  consumer-unproven      the same, and neither a proof nor a witness was found
  upstream-absent        an upstream publishes nothing in that enver
  upstream-behind        an upstream there does not give what this service's client uses
  client-stale           a client was generated from a contract that is published nowhere
  in-flight              messages in a queue would meet a consumer that cannot read them
  main-is-blessed        the contract of main would change incompatibly
  phase-not-confirmed    a phase before that enver is not confirmed
  mock-linked            the service reaches a crate of the mock or of tests

Exit codes: 0 yes, 1 no, 2 the arguments are wrong or a file cannot be used.";

#[derive(Debug, Args)]
pub struct CanDeploy {
    /// The service
    pub service: String,
    /// The enver it would go to
    #[arg(long, value_parser = crate::wiring::stage, value_name = "ENVER")]
    pub to: Stage,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Form::Text)]
    pub format: Form,
    /// The root of the repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
    /// The artifacts as they stand in the envers, if they are not those of the repository
    #[arg(long, value_name = "DIR")]
    pub deployed: Option<PathBuf>,
}

/// The forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Lines for people
    Text,
    /// One JSON object
    Json,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Nobody declares the service.
    #[error("there is no service {service:?}: {known} are declared in contracts/src/builds")]
    Service {
        /// What was asked for.
        service: String,
        /// Those there are.
        known: String,
    },
    /// There are no artifacts.
    #[error("there is no folder {0}: run this at the root of the repository, or name that with --root")]
    Folder(String),
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {why}")]
    Content {
        /// Which.
        path: String,
        /// What is wrong, and the mend.
        why: String,
    },
}

/// How it ends when there is no answer, as wrong arguments do.
pub const NOT_DONE: u8 = 2;

/// Answers. The code is 0 for yes and 1 for no.
pub fn run(options: &CanDeploy) -> Result<ExitCode, Unusable> {
    let answer = decide(options)?;
    let text = match options.format {
        Form::Text => answer.to_string(),
        Form::Json => answer.json(),
    };
    // Whoever stopped reading still gets the code.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    Ok(if answer.is_yes() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What every check looks at.
struct Question<'a> {
    service: &'static str,
    to: Stage,
    wiring: &'a Wiring,
    /// The enver that would be deployed.
    enver: &'a WiredEnver,
    published: Published,
    crates: Crates,
}

/// The answer, with every reason.
pub fn decide(options: &CanDeploy) -> Result<Answer, Unusable> {
    let organisation = contracts::organisation();
    let declared = organisation.builds.iter().filter(|build| build.service().is_some());
    let is_meant =
        |build: &&&contracts::Build| build.service() == Some(&options.service) || build.id == options.service;
    let Some(service) = declared.clone().find(|build| is_meant(&build)).and_then(|build| build.service()) else {
        let known: Vec<_> = declared.filter_map(|build| build.service()).collect();
        return Err(Unusable::Service { service: options.service.clone(), known: known.join(", ") });
    };
    let published = Published::open(&options.root, options.deployed.as_deref())?;
    let mut answer = Answer::new(service, options.to);
    let wiring = match organisation.wire() {
        Ok(wiring) => wiring,
        Err(refusals) => {
            answer.no(refusals.iter().map(|refusal| Reason::new("wiring", refusal.to_string(), "")));
            return Ok(answer);
        }
    };
    let Some(enver) = wiring.at(service, options.to) else {
        let message = format!("{service} has no {} enver", options.to);
        answer.no([Reason::new("no-enver", message, "Declare one in contracts/src/builds.")]);
        return Ok(answer);
    };
    let crates = Crates::read(&options.root)?;
    let question = Question { service, to: options.to, wiring: &wiring, enver, published, crates };

    answer.checked("wiring", format!("{} envers keep every rule", wiring.envers().len()));
    phases::check(&question, &options.root, &mut answer)?;
    linked::check(&question, &mut answer);
    upstreams::check(&question, &mut answer)?;
    match question.published.coming(service, options.to)? {
        None => answer.no([Reason::new(
            "not-published",
            format!("{service} has no published contract for {}", published::before(options.to)),
            "Run `enver publish`, and commit what it writes.",
        )]),
        Some(coming) => {
            let standing = question.published.standing(service, options.to)?;
            check_contract(&question, &coming, standing.as_ref(), &mut answer)?;
        }
    }
    Ok(answer)
}

/// What only matters if something stands there already, and differs.
fn check_contract(
    question: &Question<'_>,
    coming: &Publisher,
    standing: Option<&Publisher>,
    answer: &mut Answer,
) -> Result<(), Unusable> {
    let Some(standing) = standing else {
        answer.checked("contract", format!("nothing stands in {}, so nothing can break there", question.to));
        return Ok(());
    };
    consumers::check(question, coming, standing, answer)?;
    messages::check(question, coming, standing, answer)?;
    contract::check_blessed(question, coming, standing, answer)
}
