//! The secret that the services of an enver sign their calls with, as `enver up` keeps it for commands that speak as a
//! service.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A file that holds no secret, or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It cannot be read or written.
    #[error("the secret of the services cannot be kept in or read from {file}")]
    File {
        /// Which.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// It holds something else.
    #[error("{0} holds no secret of services: it is 64 hexadecimal digits, as `enver up` writes them")]
    NoSecret(String),
}

/// The name of the file in the folder of an enver.
const FILE: &str = "service-secret";

/// Keeps it in the folder of its enver, whole or not at all, for its owner only.
pub fn keep(secret: &[u8; 32], folder: &Path) -> Result<(), SecretError> {
    let file = folder.join(FILE);
    let part = file.with_extension("part");
    let written = || -> io::Result<()> {
        let mut to = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        writeln!(to, "{}", data_encoding::HEXLOWER.encode(secret))?;
        std::fs::rename(&part, &file)
    };
    written().map_err(failed(&file))
}

/// The secret in `given`, or the one kept in the folder of an enver, if there is one.
pub fn read(given: Option<&Path>, folder: &Path) -> Result<Option<[u8; 32]>, SecretError> {
    let usual = folder.join(FILE);
    let file = given.unwrap_or(&usual);
    let text = match std::fs::read_to_string(file) {
        Err(error) if given.is_none() && error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(failed(file))?,
    };
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
    let secret = bytes.and_then(|bytes| bytes.try_into().ok());
    secret.map(Some).ok_or_else(|| SecretError::NoSecret(file.display().to_string()))
}

fn failed(file: &Path) -> impl FnOnce(io::Error) -> SecretError {
    let file = file.display().to_string();
    |source| SecretError::File { file, source }
}
