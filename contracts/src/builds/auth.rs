//! The auth service: who somebody is.

use crate::organisation::{DEV, MAIN, MOCK};
use crate::{Artifact, BOOTSTRAP, Build, Child, Consumer, Kind, Producer, Trigger, Wants};

pub(super) const BUILD: Build = Build {
    id: "auth",
    kind: Kind::Service("auth"),
    repository: "platform",
    description: "Tenants, their users and roles, sessions, and the keys that tokens are signed with",
    producers: &[Producer { name: "authApiBaseUrl", children: &[Child::schema(Artifact::Bundle)] }],
    consumers: &[
        Consumer {
            name: "configApiBaseUrl",
            build: "configuration",
            producer: "configApiBaseUrl",
            wants: Wants::Value,
            reason: "Every length, cost and lifetime is a configuration document",
            trigger: Trigger::Directly,
            default_if_absent: Some(BOOTSTRAP),
        },
        Consumer {
            name: "configApiSchemaUrl",
            build: "configuration",
            producer: "configApiBaseUrl/schema-url",
            wants: Wants::Document(Artifact::Bundle),
            reason: "Reads documents over HTTP and takes config.changed",
            trigger: Trigger::Directly,
            default_if_absent: None,
        },
    ],
    envers: &[MOCK, DEV, MAIN],
};
