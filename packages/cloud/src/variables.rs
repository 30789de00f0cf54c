//! The variables that a deployed service finds in its environment, wherever that is.

use operation::Environment;

/// A variable that is missing or says something else than it may.
#[derive(Debug, thiserror::Error)]
pub enum VariableError {
    /// It is not set, or empty.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// It is set to something it may not hold.
    #[error("{name} is {value:?}: it must be {expected}")]
    Wrong {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
}

/// Reads variables with `F`, which gives `None` for one that is not set.
pub struct Variables<F>(F);

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    /// The variables that `read` finds.
    pub fn new(read: F) -> Self {
        Self(read)
    }

    /// One that may be missing.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// One that must be there.
    pub fn required(&self, name: &'static str) -> Result<String, VariableError> {
        self.optional(name).ok_or(VariableError::Missing(name))
    }

    /// One that must be what `parse` takes, which is `expected` in words.
    pub fn parsed<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, VariableError> {
        let value = self.required(name)?;
        parse(&value).ok_or(VariableError::Wrong { name, value, expected })
    }

    /// `ENVIRONMENT`: which enver this is.
    pub fn environment(&self) -> Result<Environment, VariableError> {
        self.parsed("ENVIRONMENT", "mock, dev or main", Environment::named)
    }

    /// `CONFIG_SERVICE_URL`: where the configuration service is, without a slash at the end.
    pub fn config_service_url(&self) -> Result<String, VariableError> {
        Ok(self.required("CONFIG_SERVICE_URL")?.trim_end_matches('/').to_owned())
    }
}
