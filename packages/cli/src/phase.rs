//! `enver phase`: how far services are, what a phase asks, and the word of a person that it is complete.

mod checkpoints;

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use context::{Confirmation, Ledger, LedgerError, Status};
use contracts::Phase;
use serde_json::json;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::context::{ContextError, LEDGER, Sources, say, stage, text, unusable};
use crate::phase::checkpoints::{Checkpoint, Outcome};

/// What stands below the help of `enver phase`.
pub const HELP: &str = "\
Phases, in their order:
  0A  Contract Surface Layer         mock   completes by itself, with current context documents
  0B  BDD Contract Verification      mock   a person's word completes this and every later one
  1A  Core Domain Logic              dev
  1B  Core Feature Implementation    dev
  2A  Production Readiness           main
  2B  Comprehensive Testing          main

Examples:
  enver phase list
  enver phase show booking 0B
  enver phase confirm booking 0B --by \"Asha Rao\" --note \"Walked through every step of UC3 with the mock\"

Exit codes: 0 done or complete, 1 the phase is not complete or cannot be confirmed yet, 2 something cannot be used.";

#[derive(Debug, Args)]
pub struct PhaseCommand {
    #[command(subcommand)]
    what: What,
    /// The repository; the one around the working directory when nothing is said
    #[arg(long, value_name = "DIR", global = true)]
    root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Shows how far every service is
    List {
        /// How it is written
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    /// Shows what a phase asks and what of it holds; 1 when it is not complete
    Show {
        /// The service
        service: String,
        /// The phase: 0A to 2B
        #[arg(value_parser = named)]
        phase: Phase,
    },
    /// Records that a person says a phase is complete; refused when its checkpoints do not hold
    Confirm(Confirm),
}

#[derive(Debug, Args)]
struct Confirm {
    /// The service
    service: String,
    /// The phase: 0B to 2B
    #[arg(value_parser = named)]
    phase: Phase,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    by: String,
    /// With what words: what was looked at
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// The day [default: today, in UTC]
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
    /// Something else that was looked at, a report or a test run; may be given again
    #[arg(long, value_name = "TEXT")]
    evidence: Vec<String>,
}

/// The forms of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A table for people
    Text,
    /// One JSON object
    Json,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PhaseError {
    /// What phases are judged by cannot be used.
    #[error(transparent)]
    Sources(#[from] ContextError),
    /// No such service.
    #[error("there is no service {service}: {known} are")]
    NoService {
        /// The name.
        service: String,
        /// What there is.
        known: String,
    },
    /// The confirmation is not whole.
    #[error("this cannot be recorded: {0}")]
    Confirmation(String),
}

/// Answers.
pub fn run(options: &PhaseCommand) -> Result<ExitCode, PhaseError> {
    let sources = Sources::read(options.root.as_deref())?;
    match &options.what {
        What::List { format } => list(&sources, *format),
        What::Show { service, phase } => show(&sources, service, *phase),
        What::Confirm(confirm) => record(&sources, confirm),
    }
}

/// The status of every phase of a service.
pub fn statuses(sources: &Sources, service: &str) -> Result<Vec<(Phase, Status)>, PhaseError> {
    let documented = checkpoints::documented(sources, service)?.holds();
    // Whether checkpoints hold is asked with yes or no; why that could not be said is kept aside.
    let failure = RefCell::new(None);
    let holds = |phase: Phase| match checkpoints::of(sources, service, phase) {
        Ok(checkpoints) => checkpoints.iter().all(Checkpoint::holds),
        Err(error) => {
            *failure.borrow_mut() = Some(error);
            false
        }
    };
    let all = Status::all(&sources.ledger, service, documented, holds);
    failure.into_inner().map_or(Ok(all), |error| Err(error.into()))
}

fn list(sources: &Sources, format: Form) -> Result<ExitCode, PhaseError> {
    let mut services = serde_json::Map::new();
    let mut lines = String::new();
    for contract in &sources.contracts {
        let all = statuses(sources, contract.service)?;
        let mut phases = serde_json::Map::new();
        for (phase, status) in all {
            let word = sources.ledger.of(contract.service, phase);
            let who = word.map_or_else(String::new, |word| format!("   {} on {}", word.by, word.on));
            lines.push_str(&format!(
                "{:<14} {phase}  {:<4}  {:<28} {status}{who}\n",
                contract.service,
                phase.stage(),
                phase.title()
            ));
            phases.insert(
                phase.name().to_owned(),
                json!({
                    "enver": phase.stage(),
                    "status": status.name(),
                    "confirmedBy": word.map(|word| &word.by),
                    "confirmedOn": word.map(|word| &word.on),
                }),
            );
        }
        services.insert(contract.service.to_owned(), phases.into());
    }
    match format {
        Form::Text => say(&lines),
        Form::Json => say(&format!("{:#}\n", json!({ "services": services }))),
    }
    Ok(ExitCode::SUCCESS)
}

fn show(sources: &Sources, service: &str, phase: Phase) -> Result<ExitCode, PhaseError> {
    known(sources, service)?;
    let all = statuses(sources, service)?;
    let status = all.iter().find(|(one, _)| *one == phase).map_or(Status::Planned, |(_, status)| *status);
    say(&format!("{service} {phase}: {} ({} enver)\n{status}\n", phase.title(), phase.stage()));
    if let Some(word) = sources.ledger.of(service, phase) {
        say(&format!("\nConfirmed by {} on {}: {}\n", word.by, word.on, word.note));
        for evidence in &word.evidence {
            say(&format!(
                "  {}{}\n",
                evidence.what,
                evidence.digest.as_ref().map_or_else(String::new, |digest| format!("  {digest}"))
            ));
        }
    }
    say("\nCheckpoints:\n");
    let checkpoints = checkpoints::of(sources, service, phase)?;
    checkpoints.iter().for_each(|checkpoint| say(&checkpoint.line()));
    if status == Status::NeedsValidation {
        say(&format!("\nA person's word completes it: enver phase confirm {service} {phase} --by NAME --note TEXT\n"));
    }
    Ok(if status.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn record(sources: &Sources, confirm: &Confirm) -> Result<ExitCode, PhaseError> {
    let (service, phase) = (&confirm.service, confirm.phase);
    known(sources, service)?;
    if phase.completes_by_itself() {
        let why = format!("{phase} completes by itself, with the context documents: run `enver context generate`");
        return Err(PhaseError::Confirmation(why));
    }
    if let Some(word) = sources.ledger.of(service, phase) {
        let why = format!("{phase} of {service} was confirmed already, by {} on {}", word.by, word.on);
        return Err(PhaseError::Confirmation(why));
    }
    let checkpoints = checkpoints::of(sources, service, phase)?;
    if !checkpoints.iter().all(Checkpoint::holds) {
        say(&format!("{service} {phase} cannot be confirmed yet. What is missing:\n"));
        checkpoints.iter().filter(|checkpoint| !checkpoint.holds()).for_each(|checkpoint| say(&checkpoint.line()));
        return Ok(ExitCode::FAILURE);
    }
    let mut evidence: Vec<context::Evidence> = checkpoints
        .into_iter()
        .flat_map(|checkpoint| match checkpoint.outcome {
            Outcome::Holds(evidence) => evidence,
            Outcome::NotYet(_) | Outcome::Missing(_) => Vec::new(),
        })
        .collect();
    evidence.extend(confirm.evidence.iter().map(|what| context::Evidence { what: what.clone(), digest: None }));
    let confirmation = Confirmation {
        service: service.clone(),
        phase,
        by: confirm.by.clone(),
        on: confirm.date.clone().unwrap_or_else(today),
        note: confirm.note.clone(),
        evidence,
    };
    let place = sources.root.join(LEDGER);
    let before = text(&place)?.unwrap_or_default();
    let after =
        Ledger::add(&before, &confirmation).map_err(|LedgerError { message, .. }| PhaseError::Confirmation(message))?;
    stage(&place, &after)?.persist(&place).map_err(|error| unusable(&place)(error.error))?;
    say(&format!(
        "{service} {phase} is complete: confirmed by {} on {}, with {} pieces of evidence, in {LEDGER}.\n\
         next: enver context generate, and commit both\n",
        confirmation.by,
        confirmation.on,
        confirmation.evidence.len()
    ));
    Ok(ExitCode::SUCCESS)
}

fn known(sources: &Sources, service: &str) -> Result<(), PhaseError> {
    if sources.contracts.iter().any(|contract| contract.service == service) {
        return Ok(());
    }
    let known = sources.contracts.iter().map(|contract| contract.service).collect::<Vec<_>>().join(", ");
    Err(PhaseError::NoService { service: service.to_owned(), known })
}

fn named(name: &str) -> Result<Phase, String> {
    Phase::named(name).ok_or_else(|| "0A, 0B, 1A, 1B, 2A or 2B is wanted".to_owned())
}

fn today() -> String {
    OffsetDateTime::now_utc().date().format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}
