//! The demo tenant of `dev`: made once, through the same operation as every tenant; its password is in the data directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use host_native::Services;
use http::{Request, StatusCode, header};
use operation::{Endpoint, full, random_id};
use serde_json::{Value, json};

/// The log-in of the demo tenant's administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogIn {
    pub email: String,
    pub password: String,
}

/// The demo tenant's id.
pub const TENANT: &str = "demo";
const EMAIL: &str = "admin@demo.example";

/// Why there is no demo tenant.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The password could not be kept or read.
    #[error("the demo tenant's log-in could not be kept in {file}")]
    File {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The tenant is there, the file is not.
    #[error(
        "the demo tenant exists, but its log-in is not in {0}: bring the file back, or start with another --data-dir"
    )]
    Forgotten(String),
    /// The operation that makes tenants refused.
    #[error("the demo tenant could not be made: {0}")]
    Refused(String),
}

/// The demo tenant's log-in; makes the tenant if this is the first start. Kept in `folder`, or nowhere.
///
/// The password is on disk, under another name, before the tenant is made: a process killed in between neither
/// forgets it nor makes a second one.
pub async fn ensure(services: &Services, folder: Option<&Path>) -> Result<LogIn, DemoError> {
    let Some(folder) = folder else {
        let log_in = LogIn { email: EMAIL.to_owned(), password: random_id() };
        return match create(services, &log_in).await? {
            Created::Now | Created::Before => Ok(log_in),
        };
    };
    let (kept, planned) = (folder.join("demo.json"), folder.join("demo.json.new"));
    if let Some(log_in) = read(&kept)? {
        return Ok(log_in);
    }
    let (log_in, from_before) = match read(&planned)? {
        Some(log_in) => (log_in, true),
        None => {
            let log_in = LogIn { email: EMAIL.to_owned(), password: random_id() };
            write(&planned, &log_in)?;
            (log_in, false)
        }
    };
    if let Created::Before = create(services, &log_in).await?
        && !from_before
    {
        std::fs::remove_file(&planned).map_err(failed(&planned))?;
        return Err(DemoError::Forgotten(kept.display().to_string()));
    }
    std::fs::rename(&planned, &kept).map_err(failed(&kept))?;
    Ok(log_in)
}

enum Created {
    Now,
    Before,
}

async fn create(services: &Services, log_in: &LogIn) -> Result<Created, DemoError> {
    let body = json!({
        "tenantId": TENANT,
        "name": "Demo Freight",
        "admin": { "email": log_in.email, "name": "Demo", "password": log_in.password },
    });
    let request = Request::post("/auth/v1/tenants")
        .header(header::CONTENT_TYPE, "application/json")
        .body(full(Bytes::from(body.to_string())))
        .map_err(|error| DemoError::Refused(error.to_string()))?;
    let response = services.call(request).await;
    match response.status() {
        StatusCode::CREATED => Ok(Created::Now),
        StatusCode::CONFLICT => Ok(Created::Before),
        status => Err(DemoError::Refused(format!("{status} {}", String::from_utf8_lossy(response.body())))),
    }
}

fn read(file: &Path) -> Result<Option<LogIn>, DemoError> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(file)(error)),
    };
    let value: Value = serde_json::from_str(&text).map_err(|error| failed(file)(error.into()))?;
    let field = |name: &str| value[name].as_str().map(str::to_owned);
    match (field("email"), field("password")) {
        (Some(email), Some(password)) => Ok(Some(LogIn { email, password })),
        _ => Err(failed(file)(io::Error::new(io::ErrorKind::InvalidData, "it holds no email and password"))),
    }
}

/// Writes the log-in whole or not at all, for its owner only.
fn write(file: &Path, log_in: &LogIn) -> Result<(), DemoError> {
    let part: PathBuf = file.with_extension("part");
    let written = || -> io::Result<()> {
        let mut to: File = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        writeln!(to, "{}", json!({ "tenant": TENANT, "email": log_in.email, "password": log_in.password }))?;
        to.sync_all()?;
        std::fs::rename(&part, file)
    };
    written().map_err(failed(file))
}

fn failed(file: &Path) -> impl FnOnce(io::Error) -> DemoError {
    let file = file.display().to_string();
    |source| DemoError::File { file, source }
}
