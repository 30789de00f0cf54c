//! Small organisations to break rules with.

use contracts::{
    Account, Artifact, Build, Child, Consumer, Enver, Kind, Organisation, Producer, Refusal, Repository, Stage,
    Trigger, Wants,
};

pub const ACCOUNTS: &[Account] = &[
    Account { name: "central", id: "111122220000" },
    Account { name: "workspace0", id: "111122220001" },
    Account { name: "workspace1", id: "111122220002" },
    Account { name: "workspace2", id: "111122220003" },
];

pub const REPOSITORIES: &[Repository] = &[Repository { key: "shop", owner: "acme", name: "shop" }];

pub const MOCK: Enver = Enver {
    stage: Stage::Mock,
    account: "workspace0",
    region: "eu-central-1",
    revision: "b..mock",
    clonable: true,
    upstreams: &[],
};
pub const DEV: Enver = Enver { stage: Stage::Dev, account: "workspace1", revision: "b..dev", ..MOCK };
pub const MAIN: Enver =
    Enver { stage: Stage::Main, account: "workspace2", revision: "b..main", clonable: false, ..MOCK };

/// The declarations themselves, whose regions all others use.
pub const LIBRARY: Build = Build {
    id: "library",
    kind: Kind::ContractsLibrary,
    repository: "shop",
    description: "The declarations",
    producers: &[],
    consumers: &[],
    envers: &[Enver { account: "central", ..MAIN }],
};

/// Publishes a base URL with a schema, and consumes nothing.
pub const STOCK: Build = Build {
    id: "stock",
    kind: Kind::Service("stock"),
    repository: "shop",
    description: "What is there",
    producers: &[Producer { name: "stockApiBaseUrl", children: &[Child::schema(Artifact::OpenApi)] }],
    consumers: &[],
    envers: &[MOCK, DEV, MAIN],
};

pub const USES_STOCK: Consumer = Consumer {
    name: "stockApiBaseUrl",
    build: "stock",
    producer: "stockApiBaseUrl",
    wants: Wants::Value,
    reason: "Asks what is there",
    trigger: Trigger::Directly,
    default_if_absent: None,
};

/// Consumes the base URL of [`STOCK`].
pub const ORDERS: Build = Build {
    id: "orders",
    kind: Kind::Service("orders"),
    description: "What is wanted",
    producers: &[Producer { name: "ordersApiBaseUrl", children: &[] }],
    consumers: &[USES_STOCK],
    ..STOCK
};

pub const fn organisation(builds: &'static [Build]) -> Organisation {
    Organisation { accounts: ACCOUNTS, repositories: REPOSITORIES, builds }
}

/// Asserts that wiring these builds is refused for one reason alone, which reads like this.
#[track_caller]
pub fn is_refused(builds: &'static [Build], message: &str) {
    assert_eq!(refusals(organisation(builds)), [message]);
}

/// Everything that is wrong, as text.
#[track_caller]
pub fn refusals(organisation: Organisation) -> Vec<String> {
    let refusals = organisation.wire().expect_err("it breaks a rule");
    refusals.iter().map(Refusal::to_string).collect()
}
