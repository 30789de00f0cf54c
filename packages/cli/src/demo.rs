//! Who can log in at a `dev` from its first start: the demo tenant's administrator and that of the platform. Both are
//! made once, through the operations that everybody uses; their passwords are in the data directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use cloud::Secrets;
use http::{Request, StatusCode, header};
use operation::{random_id, sign};
use serde_json::{Value, json};
use verify::Client;

use crate::constellation::now_millis;

/// The log-in of an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogIn {
    pub email: String,
    pub password: String,
}

/// The demo tenant's id.
pub const TENANT: &str = "demo";

/// Somebody who is made at the first start.
#[derive(Debug, Clone, Copy)]
pub enum Account {
    /// The administrator of the demo tenant, made with it.
    Demo,
    /// The administrator of the platform, who is made by whoever holds its secret.
    Platform,
}

impl Account {
    const fn tenant(self) -> &'static str {
        match self {
            Self::Demo => TENANT,
            Self::Platform => policy::PLATFORM_TENANT,
        }
    }

    fn email(self) -> String {
        format!("admin@{}.example", self.tenant())
    }

    /// What makes the account, unsigned.
    fn request(self, log_in: &LogIn) -> (&'static str, Value) {
        let admin = |name: &str| json!({ "email": log_in.email, "name": name, "password": log_in.password });
        match self {
            Self::Demo => {
                let tenant = json!({ "tenantId": TENANT, "name": "Demo Freight", "admin": admin("Demo") });
                ("/auth/v1/tenants", tenant)
            }
            Self::Platform => ("/auth/internal/v1/platform/administrator", admin("Platform")),
        }
    }
}

/// Why an account is not there.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The password could not be kept or read.
    #[error("the log-in of tenant {tenant} could not be kept in {file}")]
    File {
        /// Whose.
        tenant: &'static str,
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The administrator is there, the file is not.
    #[error(
        "tenant {tenant} has its administrator, but the log-in is not in {file}: bring the file back, or start with \
         another --data-dir"
    )]
    Forgotten {
        /// Whose.
        tenant: &'static str,
        /// Where it was.
        file: String,
    },
    /// The operation that makes it refused.
    #[error("the administrator of tenant {tenant} could not be made: {why}")]
    Refused {
        /// Whose.
        tenant: &'static str,
        /// What was said.
        why: String,
    },
}

/// The log-in of an account; makes it if this is the first start. Kept in `folder`, or nowhere.
///
/// The password is on disk, under another name, before the account is made: a process killed in between neither
/// forgets it nor makes a second one.
pub async fn ensure(
    account: Account,
    services: &Client,
    secrets: &Secrets,
    folder: Option<&Path>,
) -> Result<LogIn, DemoError> {
    let tenant = account.tenant();
    let secret = secrets.service().await.map_err(|error| DemoError::Refused { tenant, why: error.chain() })?;
    let Some(folder) = folder else {
        return make(account, services, &secret, random_id(), now_millis()).await;
    };
    let (kept, planned) = (folder.join(format!("{tenant}.json")), folder.join(format!("{tenant}.json.new")));
    if let Some(log_in) = read(account, &kept)? {
        return Ok(log_in);
    }
    let (log_in, from_before) = match read(account, &planned)? {
        Some(log_in) => (log_in, true),
        None => {
            let log_in = LogIn { email: account.email(), password: random_id() };
            write(account, &planned, &log_in)?;
            (log_in, false)
        }
    };
    if let Created::Before = create(account, services, &secret, &log_in, now_millis()).await?
        && !from_before
    {
        std::fs::remove_file(&planned).map_err(failed(account, &planned))?;
        return Err(DemoError::Forgotten { tenant, file: kept.display().to_string() });
    }
    std::fs::rename(&planned, &kept).map_err(failed(account, &kept))?;
    Ok(log_in)
}

/// Makes the account with that password, by services whose secret this is and for whom it is `now`.
pub async fn make(
    account: Account,
    services: &Client,
    secret: &[u8; 32],
    password: String,
    now: i64,
) -> Result<LogIn, DemoError> {
    let log_in = LogIn { email: account.email(), password };
    match create(account, services, secret, &log_in, now).await? {
        Created::Now | Created::Before => Ok(log_in),
    }
}

/// Keeps a log-in in the folder of its enver.
pub fn keep(account: Account, log_in: &LogIn, folder: &Path) -> Result<(), DemoError> {
    write(account, &folder.join(format!("{}.json", account.tenant())), log_in)
}

enum Created {
    Now,
    Before,
}

async fn create(
    account: Account,
    services: &Client,
    secret: &[u8; 32],
    log_in: &LogIn,
    now: i64,
) -> Result<Created, DemoError> {
    let refused = |why: String| DemoError::Refused { tenant: account.tenant(), why };
    let (path, body) = account.request(log_in);
    let mut request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(body.to_string()))
        .map_err(|error| refused(error.to_string()))?;
    if let Account::Platform = account {
        sign(&mut request, secret, "enver", now * 1000);
    }
    let sent = services.send(request).await;
    let response = sent.map_err(|unreachable| refused(crate::with_causes(&unreachable)))?.response;
    match response.status() {
        StatusCode::CREATED => Ok(Created::Now),
        StatusCode::CONFLICT => Ok(Created::Before),
        status => Err(refused(format!("{status} {}", String::from_utf8_lossy(response.body())))),
    }
}

fn read(account: Account, file: &Path) -> Result<Option<LogIn>, DemoError> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(account, file)(error)),
    };
    let value: Value = serde_json::from_str(&text).map_err(|error| failed(account, file)(error.into()))?;
    let field = |name: &str| value[name].as_str().map(str::to_owned);
    match (field("email"), field("password")) {
        (Some(email), Some(password)) => Ok(Some(LogIn { email, password })),
        _ => Err(failed(account, file)(io::Error::new(io::ErrorKind::InvalidData, "it holds no email and password"))),
    }
}

/// Writes the log-in whole or not at all, for its owner only.
fn write(account: Account, file: &Path, log_in: &LogIn) -> Result<(), DemoError> {
    let part: PathBuf = file.with_extension("part");
    let written = || -> io::Result<()> {
        let mut to: File = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        writeln!(to, "{}", json!({ "tenant": account.tenant(), "email": log_in.email, "password": log_in.password }))?;
        to.sync_all()?;
        std::fs::rename(&part, file)
    };
    written().map_err(failed(account, file))
}

fn failed(account: Account, file: &Path) -> impl FnOnce(io::Error) -> DemoError {
    let (tenant, file) = (account.tenant(), file.display().to_string());
    move |source| DemoError::File { tenant, file, source }
}
