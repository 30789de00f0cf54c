//! `enver config`: reads and changes the configuration of a running enver.

mod arguments;
mod content;
mod output;
mod remote;
mod seed;

use clap::CommandFactory;
use clap::error::ErrorKind;
use http::Method;
use serde_json::{Value, json};

use crate::arguments::{Enver, PORT_BASE};
use crate::configuration::arguments::{Action, Approve, Command, Delete, Get, History, Rollback, Set, Validate, Why};
pub use crate::configuration::arguments::{Config, HELP};
use crate::configuration::remote::{Refusal, Remote, Unreachable};
use crate::kept::KeptError;

/// Why a command did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Nobody knows who is asking.
    #[error(
        "there is no token: give the access token of an administrator with --token or in ENVER_TOKEN \
         (POST /auth/v1/login with tenantId, email and password answers it as accessToken)"
    )]
    NoToken,
    /// The enver does not answer.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The enver cannot be asked.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The enver refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A file or an argument holds what it may not.
    #[error(transparent)]
    Content(#[from] content::ContentError),
    /// There is no such key.
    #[error("{document} has no key {key}: `enver config get {document}` shows all")]
    NoKey {
        /// The document.
        document: String,
        /// The key.
        key: String,
    },
    /// The content was looked at and found wrong.
    #[error("{document} would be refused")]
    Invalid {
        /// The document.
        document: String,
    },
    /// Some files of a folder were not taken.
    #[error("{failed} of {all} documents were not written; they are named above")]
    Seed {
        /// How many.
        failed: usize,
        /// Of how many.
        all: usize,
    },
    /// There is no runtime.
    #[error("the process could not be set up")]
    Process(#[source] std::io::Error),
}

/// Runs one command. Keys and values that make no sense end the process as other wrong arguments do.
pub fn run(options: Config) -> Result<(), ConfigError> {
    use content::ContentError::{Assignment, Nothing};
    match done(options) {
        Err(ConfigError::Content(wrong @ (Nothing | Assignment(_)))) => {
            crate::Arguments::command().error(ErrorKind::ValueValidation, wrong).exit()
        }
        done => done,
    }
}

fn done(options: Config) -> Result<(), ConfigError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ConfigError::Process)?;
    let place = options.place;
    let (token, json) = (place.token.ok_or(ConfigError::NoToken)?, place.json);
    runtime.block_on(async {
        let url = match place.url {
            Some(url) => url,
            None => place.kept.origin(PORT_BASE + Enver::Dev.port_offset()).await?,
        };
        let remote = Remote { client: place.kept.client(&url)?, token };
        match options.command {
            Command::Get(get) => get_document(&remote, get, json).await,
            Command::Set(set) => set_document(&remote, set, json).await,
            Command::History(history) => show_history(&remote, history, json).await,
            Command::Validate(validate) => validate_document(&remote, validate, json).await,
            Command::Rollback(rollback) => roll_back(&remote, rollback, json).await,
            Command::Delete(delete) => delete_document(&remote, delete, json).await,
            Command::Approve(approve) => approve_change(&remote, approve, json).await,
            Command::Seed(seed) => seed::run(&remote, seed, json).await,
        }
    })
}

async fn get_document(remote: &Remote, get: Get, json: bool) -> Result<(), ConfigError> {
    let path = match get.version {
        Some(number) => format!("{}/versions/{number}", get.document),
        None => get.document.clone(),
    };
    let data = remote.call(Method::GET, &path, &[], None).await?;
    let value = if get.own { &data["own"] } else { &data["value"] };
    let shown = match &get.key {
        Some(key) => content::at(value, key)
            .ok_or_else(|| ConfigError::NoKey { document: get.document.clone(), key: key.clone() })?,
        None => value,
    };
    match json && get.key.is_none() {
        true => output::line(&data),
        false => output::value(shown, json),
    }
    Ok(())
}

async fn set_document(remote: &Remote, set: Set, json: bool) -> Result<(), ConfigError> {
    let change = set.content.change()?;
    let read = remote.call(Method::GET, &set.document, &[], None).await?;
    let value = change.applied_to(&read["own"])?;

    let body = with_reason(json!({ "value": value }), &set.why);
    let version = set.if_match.as_deref().or(read["version"].as_str()).unwrap_or_default();
    let headers = headers(Some(version), &set.why);
    let changed = remote.call(Method::PUT, &set.document, &headers, Some(&body)).await?;
    output::changed(&set.document, &changed, json);
    Ok(())
}

async fn show_history(remote: &Remote, history: History, json: bool) -> Result<(), ConfigError> {
    let path = format!("{}/versions?pageSize={}", history.document, history.limit);
    let versions = remote.call(Method::GET, &path, &[], None).await?;
    match json {
        true => output::line(&versions),
        false => output::history(&versions),
    }
    Ok(())
}

async fn validate_document(remote: &Remote, validate: Validate, json: bool) -> Result<(), ConfigError> {
    let change = validate.content.change()?;
    let read = remote.call(Method::GET, &validate.document, &[], None).await?;
    let value = change.applied_to(&read["own"])?;

    let body = json!({ "value": value, "strict": validate.strict });
    let path = format!("{}/validations", validate.document);
    let verdict = remote.call(Method::POST, &path, &[], Some(&body)).await?;
    match json {
        true => output::line(&verdict),
        false => output::verdict(&verdict),
    }
    match verdict["valid"] == Value::Bool(true) {
        true => Ok(()),
        false => Err(ConfigError::Invalid { document: validate.document }),
    }
}

async fn roll_back(remote: &Remote, rollback: Rollback, json: bool) -> Result<(), ConfigError> {
    let body = with_reason(json!({ "rollbackToken": rollback.undo }), &rollback.why);
    let path = format!("{}/rollbacks", rollback.document);
    let changed = remote.call(Method::POST, &path, &headers(None, &rollback.why), Some(&body)).await?;
    output::changed(&rollback.document, &changed, json);
    Ok(())
}

async fn delete_document(remote: &Remote, delete: Delete, json: bool) -> Result<(), ConfigError> {
    let read = remote.call(Method::GET, &delete.document, &[], None).await?;
    let ticket = delete
        .why
        .ticket
        .as_ref()
        .map_or_else(String::new, |ticket| format!("&changeTicket={}", remote::escaped(ticket)));
    let path = format!("{}?reason={}{ticket}", delete.document, remote::escaped(&delete.why.reason));
    let headers = headers(read["version"].as_str(), &delete.why);
    let changed = remote.call(Method::DELETE, &path, &headers, None).await?;
    output::changed(&delete.document, &changed, json);
    Ok(())
}

async fn approve_change(remote: &Remote, approve: Approve, json: bool) -> Result<(), ConfigError> {
    let change = (approve.action == Action::Update).then(|| approve.content.change()).transpose()?;
    let read = remote.call(Method::GET, &approve.document, &[], None).await?;
    // A digest of what was referred to may follow the version.
    let version = read["version"].as_str().and_then(|version| version.split('.').next());
    let mut body = json!({ "action": approve.action.name(), "version": version, "changeTicket": approve.ticket });
    if let Some(change) = change {
        body["value"] = change.applied_to(&read["own"])?;
    }

    let approval = remote.call(Method::POST, &format!("{}/approvals", approve.document), &[], Some(&body)).await?;
    match json {
        true => output::line(&approval),
        false => output::approval(&approval),
    }
    Ok(())
}

fn with_reason(mut body: Value, why: &Why) -> Value {
    body["reason"] = json!(why.reason);
    if let Some(ticket) = &why.ticket {
        body["changeTicket"] = json!(ticket);
    }
    body
}

fn headers(version: Option<&str>, why: &Why) -> Vec<(&'static str, String)> {
    let version = version.map(|version| ("if-match", format!("\"{version}\"")));
    version.into_iter().chain(why.approval.clone().map(|token| ("approval-token", token))).collect()
}
