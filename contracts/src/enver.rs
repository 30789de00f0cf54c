//! Envers: an environment and a version of a build, in one account and region.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::Revision;

/// The kind of an enver, which is also that of its constellation. The order is the progression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Answers from the contract.
    Mock,
    /// Real logic.
    Dev,
    /// Production.
    Main,
}

impl Stage {
    /// In the order of progression.
    pub const ALL: [Self; 3] = [Self::Mock, Self::Dev, Self::Main];

    /// As `ENVIRONMENT` and the folders of published artifacts say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mock => "mock",
            Self::Dev => "dev",
            Self::Main => "main",
        }
    }

    /// The stage of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A declared enver.
#[derive(Debug, Clone, Copy)]
pub struct Enver {
    /// Its kind.
    pub stage: Stage,
    /// The account it runs in, by name.
    pub account: &'static str,
    /// The AWS region it runs in.
    pub region: &'static str,
    /// The branch or tag it is built from: `b..dev`, `t..v1.0.0`.
    pub revision: &'static str,
    /// Whether a branch may be tried out in a clone of it.
    pub clonable: bool,
    /// Upstream builds whose enver is named, as pairs of build and revision. All others are found: the enver of the
    /// same stage, a branch's among branches and a tag's among tags.
    pub upstreams: &'static [(&'static str, &'static str)],
}

/// How long an enver lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifetime {
    /// Until its declaration goes.
    Static,
    /// Until its branch goes; everything in it goes with it, data too.
    Ephemeral,
}

/// Which enver is meant, in all messages and names: `booking/b..dev`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnverId {
    /// The build.
    pub build: String,
    /// The revision.
    pub revision: Revision,
}

impl fmt::Display for EnverId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.build, self.revision)
    }
}

impl Serialize for EnverId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An enver in its wiring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WiredEnver {
    /// Which it is.
    pub id: EnverId,
    /// The service it runs, if its build is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<&'static str>,
    /// Its kind.
    pub stage: Stage,
    /// The name of the account it runs in.
    pub account: &'static str,
    /// The id of the account it runs in.
    pub account_id: &'static str,
    /// The AWS region it runs in.
    pub region: &'static str,
    /// How long it lives.
    pub lifetime: Lifetime,
    /// The name of its stack.
    pub stack: String,
}
