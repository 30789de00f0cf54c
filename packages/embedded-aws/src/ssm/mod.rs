//! The parameter store of SSM: its JSON protocol in front of versions in SQLite.
//!
//! What services share with each other stands here. Secrets do not: a parameter is `String` or `StringList`.

mod fault;
mod name;
mod store;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderValue, Response, StatusCode, header};
use rusqlite::{Connection, TransactionBehavior};
use s3s::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::router;
use fault::Fault;
use name::{Selected, check_new};
use store::Version;

/// The most that a request may weigh, in bytes: the largest value, or ten names, and their JSON.
pub(crate) const LARGEST_BODY: usize = 64 * 1024;

/// The account that all parameters belong to.
const ACCOUNT: &str = "000000000000";

/// All parameters of one cloud.
pub(crate) struct Ssm {
    db: Mutex<Connection>,
    region: String,
}

/// What one operation works with: a transaction that is kept if the operation succeeds.
struct Call<'a> {
    db: &'a Connection,
    region: &'a str,
}

impl Ssm {
    pub fn open(file: Option<&Path>, region: String) -> Result<Self, rusqlite::Error> {
        Ok(Self { db: Mutex::new(store::open(file)?), region })
    }

    /// Answers one operation.
    pub fn answer(&self, operation: &str, body: &[u8]) -> Response<Body> {
        let mut response = match self.call(operation, body) {
            Ok(answer) => router::json(StatusCode::OK, answer.to_string()),
            Err(fault) => fault.answer(),
        };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
        response
    }

    fn call(&self, operation: &str, body: &[u8]) -> Result<Value, Fault> {
        let mut db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let call = Call { db: &transaction, region: &self.region };
        let answer = match operation {
            "DeleteParameter" => delete(&parse(body)?, &call),
            "GetParameter" => get(&parse(body)?, &call),
            "GetParameters" => get_several(&parse(body)?, &call),
            "GetParametersByPath" => get_by_path(&parse(body)?, &call),
            "PutParameter" => put(&parse(body)?, &call),
            _ => Err(Fault::unknown_operation(operation)),
        }?;
        transaction.commit()?;
        Ok(answer)
    }
}

fn parse<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::malformed(&error))
}

impl Call<'_> {
    fn told(&self, version: &Version, selector: Option<&str>) -> Value {
        let mut told = json!({
            "Name": version.name,
            "Type": version.kind,
            "Value": version.value,
            "Version": version.number,
            "LastModifiedDate": version.modified as f64 / 1000.0,
            "ARN": format!("{}{}", self.arn(), arn_path(&version.name)),
            "DataType": "text",
        });
        if let Some(selector) = selector {
            told["Selector"] = json!(format!(":{selector}"));
        }
        told
    }

    fn arn(&self) -> String {
        format!("arn:aws:ssm:{}:{ACCOUNT}:parameter", self.region)
    }

    /// The version that a name, with or without a selector, means.
    fn find(&self, name: &str) -> Result<Value, Fault> {
        let selected = Selected::of(name, &self.arn())?;
        let latest = store::latest(self.db, &selected.name)?.ok_or_else(Fault::not_found)?;
        let Some(selector) = &selected.selector else { return Ok(self.told(&latest, None)) };
        let number = selector.parse().map_err(|_| Fault::no_version(name))?;
        let version = store::version(self.db, &selected.name, number)?.ok_or_else(|| Fault::no_version(name))?;
        Ok(self.told(&version, Some(selector)))
    }
}

/// Names without a hierarchy get the stroke that ARNs have before every name.
fn arn_path(name: &str) -> String {
    if name.starts_with('/') { name.to_owned() } else { format!("/{name}") }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    name: Option<String>,
    value: Option<String>,
    r#type: Option<String>,
    #[serde(default)]
    overwrite: Option<bool>,
    tier: Option<String>,
}

fn put(request: &Put, call: &Call<'_>) -> Result<Value, Fault> {
    let name = request.name.as_deref().ok_or_else(|| Fault::missing("name"))?;
    let value = request.value.as_deref().ok_or_else(|| Fault::missing("value"))?;
    check_new(name)?;
    let tier = request.tier.as_deref().unwrap_or("Standard");
    let most = match tier {
        "Standard" => 4096,
        "Advanced" | "Intelligent-Tiering" => 8192,
        other => return Err(Fault::not_allowed("tier", other, "[Standard, Advanced, Intelligent-Tiering]")),
    };
    if value.is_empty() || value.len() > most {
        return Err(Fault::value_length(tier, most, value.len()));
    }
    let latest = store::latest(call.db, name)?;
    let kind = match (request.r#type.as_deref(), &latest) {
        (Some("SecureString"), _) => return Err(Fault::secret()),
        (Some(kind @ ("String" | "StringList")), _) => kind,
        (Some(other), _) => return Err(Fault::not_allowed("type", other, "[String, StringList, SecureString]")),
        (None, Some(latest)) => &latest.kind,
        (None, None) => return Err(Fault::validation("A parameter type is required when you create a parameter.")),
    };
    if latest.is_some() && !request.overwrite.unwrap_or_default() {
        return Err(Fault::exists());
    }
    let number = latest.as_ref().map_or(1, |latest| latest.number + 1);
    let version =
        Version { name: name.to_owned(), number, kind: kind.to_owned(), value: value.to_owned(), modified: now() };
    store::add(call.db, &version)?;
    Ok(json!({ "Version": number, "Tier": if tier == "Advanced" { "Advanced" } else { "Standard" } }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: Option<String>,
}

fn get(request: &Named, call: &Call<'_>) -> Result<Value, Fault> {
    let name = request.name.as_deref().ok_or_else(|| Fault::missing("name"))?;
    Ok(json!({ "Parameter": call.find(name)? }))
}

fn delete(request: &Named, call: &Call<'_>) -> Result<Value, Fault> {
    let name = request.name.as_deref().ok_or_else(|| Fault::missing("name"))?;
    if store::delete(call.db, name)? == 0 {
        return Err(Fault::not_found());
    }
    Ok(json!({}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Several {
    names: Option<Vec<String>>,
}

fn get_several(request: &Several, call: &Call<'_>) -> Result<Value, Fault> {
    const MOST: usize = 10;
    let names = request.names.as_deref().ok_or_else(|| Fault::missing("names"))?;
    if names.is_empty() || names.len() > MOST {
        return Err(Fault::validation(format!(
            "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length \
             between 1 and {MOST}, and it has {}",
            names.len()
        )));
    }
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in names {
        match call.find(name) {
            Ok(parameter) => found.push(parameter),
            Err(fault) if fault.is_absence() => invalid.push(name),
            Err(fault) => return Err(fault),
        }
    }
    Ok(json!({ "Parameters": found, "InvalidParameters": invalid }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ByPath {
    path: Option<String>,
    #[serde(default)]
    recursive: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

fn get_by_path(request: &ByPath, call: &Call<'_>) -> Result<Value, Fault> {
    const MOST: i64 = 10;
    let path = request.path.as_deref().ok_or_else(|| Fault::missing("path"))?;
    if !path.starts_with('/') {
        return Err(Fault::validation(format!("The parameter path {path:?} must begin with a forward slash /.")));
    }
    let most = request.max_results.unwrap_or(MOST);
    if !(1..=MOST).contains(&most) {
        return Err(Fault::validation(format!(
            "1 validation error detected: Value '{most}' at 'maxResults' failed to satisfy constraint: Member must \
             have value between 1 and {MOST}"
        )));
    }
    let below = format!("{}/", path.trim_end_matches('/'));
    let after = request.next_token.as_deref().unwrap_or_default();
    let recursive = request.recursive.unwrap_or_default();
    // One more than is told says whether there is a next page.
    let mut page = store::below(call.db, &below, after, recursive, most + 1)?;
    let wanted = usize::try_from(most).unwrap_or_default();
    let more = page.len() > wanted;
    page.truncate(wanted);
    let told: Vec<Value> = page.iter().map(|version| call.told(version, None)).collect();
    let mut answer = json!({ "Parameters": told });
    if let (true, Some(last)) = (more, page.last()) {
        answer["NextToken"] = json!(last.name);
    }
    Ok(answer)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
