//! What a running enver keeps for its callers: the log-in of the platform's administrator.

use std::path::Path;

use dataset::LogIn;
use serde_json::Value;

use crate::verify::files::{UnusableFile, read};

/// The file in which `enver up` keeps a log-in.
pub struct LogInFile;

impl LogInFile {
    /// The log-in in `file`, or that of the enver below the data directory, if there is one.
    pub fn read(file: Option<&Path>, data_dir: &Path, enver: &str) -> Result<Option<LogIn>, UnusableFile> {
        let usual = data_dir.join(enver).join("platform.json");
        let path = match file {
            Some(file) => file,
            None if usual.is_file() => &usual,
            None => return Ok(None),
        };
        let value: Value = serde_json::from_slice(&read(path)?).unwrap_or_default();
        let field = |name: &str| value[name].as_str().map(str::to_owned);
        match (field("email"), field("password")) {
            (Some(email), Some(password)) => Ok(Some(LogIn { email, password })),
            _ => Err(UnusableFile::LogIn(path.display().to_string())),
        }
    }
}

/// A number in digits and letters, as short as it can be.
pub fn base36(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut text = Vec::new();
    loop {
        let digit = usize::try_from(number % 36).unwrap_or_default();
        text.extend(DIGITS.get(digit).map(|digit| char::from(*digit)));
        number /= 36;
        if number == 0 {
            return text.iter().rev().collect();
        }
    }
}
