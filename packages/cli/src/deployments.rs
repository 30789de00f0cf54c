//! Which build of each service an enver runs: `contracts/deployments.json`, written by `enver build lambda --record` and
//! `enver promote`, and read by `enver publish`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use contracts::Stage;
use serde::{Deserialize, Serialize};

/// Its name in the folder of the declarations, contracts/.
pub const FILE: &str = "deployments.json";

/// The name under which the build of what state machines ask is recorded; it is no service.
pub const VALUES: &str = "values";

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentsError {
    /// It cannot be read or written.
    #[error("{path} cannot be used")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// It says something else than which builds run.
    #[error("{path} does not say which builds run: restore it from the last commit")]
    Content {
        /// Which.
        path: String,
        /// Where and why.
        source: serde_json::Error,
    },
}

/// The processors that a build can be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// Graviton
    #[value(name = "arm64")]
    Arm64,
    /// Intel and AMD
    #[value(name = "x86-64")]
    X86_64,
}

impl Architecture {
    /// As AWS and the options of this command write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86-64",
        }
    }

    /// The target of the compiler, where it is another than this machine's.
    pub fn foreign_target(self) -> Option<&'static str> {
        match self {
            Self::Arm64 if !cfg!(target_arch = "aarch64") => Some("aarch64-unknown-linux-gnu"),
            Self::X86_64 if !cfg!(target_arch = "x86_64") => Some("x86_64-unknown-linux-gnu"),
            _ => None,
        }
    }
}

/// One build of a service: a zip, known by what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// SHA-256 of the zip, in hexadecimal digits.
    pub digest: String,
    /// What it runs on.
    pub architecture: Architecture,
}

/// Per enver, the build of each service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Deployments(BTreeMap<String, BTreeMap<String, Build>>);

impl Deployments {
    /// What the file in `contracts` says; nothing when there is none.
    pub fn read(contracts: &Path) -> Result<Self, DeploymentsError> {
        let path = contracts.join(FILE);
        let name = path.display().to_string();
        match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|source| DeploymentsError::Content { path: name, source })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(DeploymentsError::File { path: name, source }),
        }
    }

    /// The build that an enver runs of a service.
    pub fn of(&self, stage: Stage, service: &str) -> Option<&Build> {
        self.0.get(stage.name())?.get(service)
    }

    /// Says that an enver runs this build from now on.
    pub fn set(&mut self, stage: Stage, service: &str, build: Build) {
        self.0.entry(stage.name().to_owned()).or_default().insert(service.to_owned(), build);
    }

    /// Writes the file, whole or not at all.
    pub fn write(&self, contracts: &Path) -> Result<PathBuf, DeploymentsError> {
        let path = contracts.join(FILE);
        let failed = |source| DeploymentsError::File { path: path.display().to_string(), source };
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(error.into()))?;
        let mut file = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(contracts)
            .map_err(failed)?;
        writeln!(file, "{text}").map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(path)
    }
}
