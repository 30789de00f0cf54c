//! Text that nobody may read in a log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A password, a hash, a key or a token. It travels where it is meant to; `Debug` shows that it is there and no more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` from being read by accident.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Lets `#[garde(length(chars, …))]` stand on a secret.
impl garde::rules::length::chars::HasChars for Secret {
    fn num_chars(&self) -> usize {
        self.0.chars().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_in_its_debug_output() {
        let secret = Secret::new("hunter2".into());

        assert!(!format!("{secret:?} {:#?}", Some(&secret)).contains("hunter2"));
    }
}
