//! `enver config seed`: the documents of a folder that are not there yet.

use std::path::{Path, PathBuf};

use http::Method;
use serde_json::{Map, Value, json};

use crate::configuration::arguments::Seed;
use crate::configuration::content::{ContentError, read};
use crate::configuration::remote::{Remote, escaped};
use crate::configuration::{ConfigError, output};

/// A document as a file holds it.
struct Planned {
    id: String,
    value: Value,
    schema: Option<Value>,
}

/// Reads all files before it writes any; a document that is refused does not keep the others from being written.
pub async fn run(remote: &Remote, seed: Seed, json: bool) -> Result<(), ConfigError> {
    let mut planned = Vec::new();
    for file in files(&seed.folder)? {
        planned.push(plan(&file, &seed.enver)?);
    }

    let mut outcomes = Vec::new();
    let mut failed = 0;
    for document in &planned {
        let outcome = match write(remote, document, &seed).await {
            Ok(outcome) => outcome,
            Err(unreachable @ (ConfigError::Unreachable(_) | ConfigError::NoToken)) => return Err(unreachable),
            Err(error) => {
                failed += 1;
                eprintln!("enver: {}: {error}", document.id);
                "failed"
            }
        };
        match json {
            true => outcomes.push(json!({ "document": document.id, "outcome": outcome })),
            false => output::say(&format!("{outcome:<8} {}\n", document.id)),
        }
    }
    if json {
        output::line(&outcomes.into());
    }
    match failed {
        0 => Ok(()),
        failed => Err(ConfigError::Seed { failed, all: planned.len() }),
    }
}

/// What became of the document, in a word.
async fn write(remote: &Remote, planned: &Planned, seed: &Seed) -> Result<&'static str, ConfigError> {
    let mut body = json!({ "value": planned.value, "reason": seed.why.reason });
    if let Some(ticket) = &seed.why.ticket {
        body["changeTicket"] = json!(ticket);
    }
    let version = match (remote.call(Method::GET, &escaped(&planned.id), &[], None).await, &planned.schema) {
        (Ok(read), _) => {
            let version = read["version"].as_str().unwrap_or_default().to_owned();
            // A tenant that overrides nothing has no keys of its own; whoever has some wrote them.
            let untouched = read["own"].as_object().is_some_and(Map::is_empty);
            if !untouched {
                return Ok("kept");
            }
            version
        }
        (Err(ConfigError::Refused(refusal)), Some(schema)) if refusal.code == "DOCUMENT_NOT_FOUND" => {
            body["schema"] = schema.clone();
            "0-0".to_owned()
        }
        (Err(error), _) => return Err(error),
    };
    let if_match = [("if-match", format!("\"{version}\""))];
    remote.call(Method::PUT, &escaped(&planned.id), &if_match, Some(&body)).await?;
    Ok("written")
}

/// The YAML and JSON files of a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, ContentError> {
    let unreadable = |source| ContentError::Unreadable { path: folder.display().to_string(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| ["json", "yaml", "yml"].iter().any(|known| extension == *known)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn plan(file: &Path, enver: &str) -> Result<Planned, ContentError> {
    let mut fields = read(file)?;
    let malformed = |why: &str| ContentError::Malformed {
        path: file.display().to_string(),
        form: "a document",
        why: why.to_owned(),
    };
    let value = fields.remove("value").ok_or_else(|| malformed("it has no `value`"))?;
    let schema = fields.remove("schema");
    if let Some(unknown) = fields.keys().next() {
        return Err(malformed(&format!("it holds `{unknown}`, and only `value` and `schema` are known")));
    }
    let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let id = match name.split('.').collect::<Vec<_>>()[..] {
        ["services", service, category, rest] => format!("services.{service}.{enver}.{category}.{rest}"),
        _ => name.to_owned(),
    };
    Ok(Planned { id, value, schema })
}
