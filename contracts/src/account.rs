//! Where builds run and where their code stands: accounts and repositories.

/// An AWS account. `central` runs the platform; a workspace runs workloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// `central`, `networking` or `workspace0` to `workspaceN`.
    pub name: &'static str,
    /// Twelve digits; one account has one name.
    pub id: &'static str,
}

impl Account {
    /// The account that runs the platform itself.
    pub const CENTRAL: &'static str = "central";
    /// The first workspace, which every organisation has.
    pub const WORKSPACE0: &'static str = "workspace0";

    pub(crate) fn is_well_named(&self) -> bool {
        let number = self.name.strip_prefix("workspace");
        matches!(self.name, "central" | "networking")
            || number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    }

    pub(crate) fn has_an_id(&self) -> bool {
        const DIGITS: usize = 12;
        self.id.len() == DIGITS && self.id.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// A repository on GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repository {
    /// What builds call it: `platform`.
    pub key: &'static str,
    /// The user or organisation that owns it.
    pub owner: &'static str,
    /// Its name.
    pub name: &'static str,
}
