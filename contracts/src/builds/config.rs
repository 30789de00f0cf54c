//! The configuration service: every business value of every tenant. Its build is called `configuration`, because the
//! platform keeps the parameters of all builds under `config`.

use crate::organisation::{DEV, MAIN, MOCK};
use crate::{Artifact, BOOTSTRAP, Build, Child, Consumer, Kind, PINNED, Producer, Trigger, Wants};

pub(super) const BUILD: Build = Build {
    id: "configuration",
    kind: Kind::Service("config"),
    repository: "platform",
    description: "Documents of business values, with schema, version, author and reason",
    producers: &[Producer { name: "configApiBaseUrl", children: &[Child::schema(Artifact::Bundle)] }],
    // Auth cannot start without this service, so this one starts without auth.
    consumers: &[
        Consumer {
            name: "authApiBaseUrl",
            build: "auth",
            producer: "authApiBaseUrl",
            wants: Wants::Value,
            reason: "Verifies tokens against the key set, and exchanges API keys",
            trigger: Trigger::Directly,
            default_if_absent: Some(BOOTSTRAP),
        },
        Consumer {
            name: "authApiSchemaUrl",
            build: "auth",
            producer: "authApiBaseUrl/schema-url",
            wants: Wants::Document(Artifact::OpenApi),
            reason: "Reads the key set and the token endpoint's answers",
            trigger: Trigger::Directly,
            default_if_absent: Some(PINNED),
        },
    ],
    envers: &[MOCK, DEV, MAIN],
};
