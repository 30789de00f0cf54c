//! The booking service: a shipper asks for a price and books a truck.

use crate::organisation::{DEV, MAIN, MOCK};
use crate::{Artifact, BOOTSTRAP, Build, Child, Consumer, Kind, Producer, Trigger, Wants};

pub(super) const BUILD: Build = Build {
    id: "booking",
    kind: Kind::Service("booking"),
    repository: "platform",
    description: "Quotes, bookings and their life, vehicles, contracts and credit",
    producers: &[Producer { name: "bookingApiBaseUrl", children: &[Child::schema(Artifact::Bundle)] }],
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
            default_if_absent: None,
        },
        Consumer {
            name: "configApiBaseUrl",
            build: "configuration",
            producer: "configApiBaseUrl",
            wants: Wants::Value,
            reason: "Prices, windows and fees are configuration documents",
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
