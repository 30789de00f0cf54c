//! The organisation: its accounts, its repositories, and the envers a build usually has.

use crate::builds::BUILDS;
use crate::{Account, Build, Enver, Refusal, Repository, Stage, Wiring, rules, wiring};

/// Everything that is declared.
#[derive(Debug, Clone, Copy)]
pub struct Organisation {
    /// Accounts; `central` and `workspace0` at least.
    pub accounts: &'static [Account],
    /// Repositories.
    pub repositories: &'static [Repository],
    /// Builds.
    pub builds: &'static [Build],
}

/// What is declared in this crate.
pub const fn organisation() -> Organisation {
    Organisation { accounts: ACCOUNTS, repositories: REPOSITORIES, builds: BUILDS }
}

impl Organisation {
    /// Finds the enver that each consumer of each enver reads from.
    ///
    /// # Errors
    ///
    /// Every rule that is broken, wherever it is.
    pub fn wire(self) -> Result<Wiring, Vec<Refusal>> {
        let mut refusals = rules::declarations(&self);
        let wired = wiring::resolve(self, &mut refusals);
        refusals.extend(rules::edges(&wired));
        if refusals.is_empty() { Ok(wired) } else { Err(refusals) }
    }

    pub(crate) fn account(&self, name: &str) -> Option<&'static Account> {
        self.accounts.iter().find(|account| account.name == name)
    }

    pub(crate) fn build(&self, id: &str) -> Option<&'static Build> {
        self.builds.iter().find(|build| build.id == id)
    }
}

/// An organisation that deploys puts its own account ids here.
const ACCOUNTS: &[Account] = &[
    Account { name: Account::CENTRAL, id: "111122220000" },
    Account { name: Account::WORKSPACE0, id: "111122220001" },
    Account { name: "workspace1", id: "111122220002" },
    Account { name: "workspace2", id: "111122220003" },
    Account { name: "workspace3", id: "111122220004" },
];

const REPOSITORIES: &[Repository] = &[Repository { key: "platform", owner: "enver", name: "enver" }];

/// The region of everything so far.
pub(crate) const REGION: &str = "eu-central-1";

/// Contract verification, apart from everything else.
pub(crate) const MOCK: Enver = Enver {
    stage: Stage::Mock,
    account: "workspace1",
    region: REGION,
    revision: "b..mock",
    clonable: true,
    upstreams: &[],
};

/// Development with real logic.
pub(crate) const DEV: Enver = Enver { stage: Stage::Dev, account: "workspace2", revision: "b..dev", ..MOCK };

/// Production, which is never cloned.
pub(crate) const MAIN: Enver =
    Enver { stage: Stage::Main, account: "workspace3", revision: "b..main", clonable: false, ..MOCK };
