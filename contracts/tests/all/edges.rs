//! Rules between a consumer and its producer: one failing example each.

use contracts::{Artifact, Build, Child, Consumer, Enver, Kind, Producer, Stage, Trigger, Wants};

use crate::world::{DEV, LIBRARY, MAIN, MOCK, ORDERS, STOCK, USES_STOCK, is_refused, organisation, refusals};

const ONLY_DEV: Build = Build { envers: &[DEV], ..ORDERS };

#[test]
fn a_consumer_without_a_producer_is_refused() {
    const BUILD: &[Build] =
        &[LIBRARY, STOCK, Build { consumers: &[Consumer { build: "stocks", ..USES_STOCK }], ..ONLY_DEV }];
    is_refused(
        BUILD,
        "orders (stockApiBaseUrl) consumes stocks (stockApiBaseUrl), which nobody publishes: declare the producer, \
         or consume one of the builds library, stock, orders",
    );
    const VALUE: &[Build] =
        &[LIBRARY, STOCK, Build { consumers: &[Consumer { producer: "stockUrl", ..USES_STOCK }], ..ONLY_DEV }];
    is_refused(
        VALUE,
        "orders (stockApiBaseUrl) consumes stock (stockUrl), which nobody publishes: declare the producer, \
         or consume one of stockApiBaseUrl, stockApiBaseUrl/schema-url",
    );
}

#[test]
fn a_build_does_not_consume_itself() {
    const OWN: Consumer = Consumer { build: "orders", producer: "ordersApiBaseUrl", ..USES_STOCK };
    const BUILDS: &[Build] = &[LIBRARY, Build { consumers: &[OWN], ..ONLY_DEV }];
    assert_eq!(
        refusals(organisation(BUILDS))[0],
        "orders (stockApiBaseUrl) consumes orders (ordersApiBaseUrl) of its own build: use the value itself"
    );
}

#[test]
fn the_contracts_library_consumes_nothing() {
    const BUILDS: &[Build] = &[Build { consumers: &[USES_STOCK], ..LIBRARY }, STOCK];
    assert_eq!(
        refusals(organisation(BUILDS)),
        [
            "library (stockApiBaseUrl) of the contracts library consumes stock (stockApiBaseUrl), and the library stands \
          under everything: remove the consumer"
        ]
    );
}

#[test]
fn no_service_depends_on_a_web_client() {
    const WEB: Build = Build { kind: Kind::WebClient, ..STOCK };
    const BUILDS: &[Build] = &[LIBRARY, WEB, ORDERS];
    is_refused(
        BUILDS,
        "orders (stockApiBaseUrl) consumes stock (stockApiBaseUrl) of a web client, and services do not depend on \
         what people see: have a service publish it",
    );
    const OTHER_WAY: &[Build] = &[LIBRARY, STOCK, Build { kind: Kind::WebClient, ..ORDERS }];
    assert!(organisation(OTHER_WAY).wire().is_ok());
}

#[test]
fn two_consumers_of_a_build_have_two_names() {
    const SCHEMA: Consumer =
        Consumer { producer: "stockApiBaseUrl/schema-url", wants: Wants::Document(Artifact::OpenApi), ..USES_STOCK };
    const BUILDS: &[Build] = &[LIBRARY, STOCK, Build { consumers: &[USES_STOCK, SCHEMA], ..ORDERS }];
    is_refused(BUILDS, "orders consumes two values as stockApiBaseUrl: rename one of them");
}

#[test]
fn a_value_is_consumed_once() {
    const AGAIN: Consumer = Consumer { name: "stockUrl", ..USES_STOCK };
    const BUILDS: &[Build] = &[LIBRARY, STOCK, Build { consumers: &[USES_STOCK, AGAIN], ..ORDERS }];
    is_refused(BUILDS, "orders consumes stock (stockApiBaseUrl) twice, as stockApiBaseUrl and as stockUrl: keep one");
}

#[test]
fn a_document_and_its_consumer_agree_on_its_kind() {
    const MESSAGES: Consumer = Consumer {
        name: "stockApiSchemaUrl",
        producer: "stockApiBaseUrl/schema-url",
        wants: Wants::Document(Artifact::AsyncApi),
        ..USES_STOCK
    };
    const BUILDS: &[Build] = &[LIBRARY, STOCK, Build { consumers: &[MESSAGES], ..ORDERS }];
    is_refused(
        BUILDS,
        "orders (stockApiSchemaUrl) takes stock (stockApiBaseUrl/schema-url) for a document of the kind asyncapi, and \
         it is a document of the kind openapi: change what the consumer wants, or what the producer publishes",
    );
    const BUNDLE: Producer = Producer { name: "stockApiBaseUrl", children: &[Child::schema(Artifact::Bundle)] };
    const MENDED: &[Build] =
        &[LIBRARY, Build { producers: &[BUNDLE], ..STOCK }, Build { consumers: &[MESSAGES], ..ORDERS }];
    assert!(organisation(MENDED).wire().is_ok());
}

#[test]
fn a_value_is_not_taken_for_a_document() {
    const WRONG: Consumer = Consumer { wants: Wants::Document(Artifact::OpenApi), ..USES_STOCK };
    const BUILDS: &[Build] = &[LIBRARY, STOCK, Build { consumers: &[WRONG], ..ORDERS }];
    is_refused(
        BUILDS,
        "orders (stockApiBaseUrl) takes stock (stockApiBaseUrl) for a document of the kind openapi, and it is a plain \
         value: change what the consumer wants, or what the producer publishes",
    );
}

#[test]
fn an_approval_asks_somebody() {
    const ASKS_NOBODY: Consumer = Consumer { trigger: Trigger::Approval(&[]), ..USES_STOCK };
    const BUILDS: &[Build] = &[LIBRARY, STOCK, Build { consumers: &[ASKS_NOBODY], ..ORDERS }];
    is_refused(
        BUILDS,
        "orders (stockApiBaseUrl) of stock (stockApiBaseUrl) waits for an approval that no role can give: \
         name a role, or trigger directly",
    );
    const ASKS: Consumer = Consumer { trigger: Trigger::Approval(&["release-manager"]), ..USES_STOCK };
    const MENDED: &[Build] = &[LIBRARY, STOCK, Build { consumers: &[ASKS], ..ORDERS }];
    assert!(organisation(MENDED).wire().is_ok());
}

#[test]
fn a_default_can_stand_in_for_the_value() {
    const TEXT: Consumer = Consumer { default_if_absent: Some("localhost"), ..USES_STOCK };
    const BUILDS: &[Build] = &[LIBRARY, STOCK, Build { consumers: &[TEXT], ..ORDERS }];
    is_refused(
        BUILDS,
        "orders (stockApiBaseUrl) falls back to \"localhost\" while stock (stockApiBaseUrl) is absent: \
         a base URL begins with http:// or https://, or is BOOTSTRAP",
    );
}

#[test]
fn the_producer_has_an_enver_to_read_from() {
    const BUILDS: &[Build] = &[LIBRARY, Build { envers: &[MOCK, MAIN], ..STOCK }, ONLY_DEV];
    is_refused(
        BUILDS,
        "orders/b..dev (stockApiBaseUrl) finds no enver of stock to read from: declare one at the stage dev from a \
         branch, or name one under `upstreams`",
    );
}

#[test]
fn of_two_envers_to_read_from_one_is_named() {
    const SECOND: Enver = Enver { revision: "b..next", ..DEV };
    const BUILDS: &[Build] = &[LIBRARY, Build { envers: &[DEV, SECOND], ..STOCK }, ONLY_DEV];
    is_refused(
        BUILDS,
        "orders/b..dev (stockApiBaseUrl) could read from stock at b..dev and b..next: name one of them under `upstreams`",
    );
    const NAMES_ONE: Enver = Enver { upstreams: &[("stock", "b..next")], ..DEV };
    const MENDED: &[Build] =
        &[LIBRARY, Build { envers: &[DEV, SECOND], ..STOCK }, Build { envers: &[NAMES_ONE], ..ORDERS }];
    let wiring = organisation(MENDED).wire().unwrap();
    assert_eq!(wiring.edges()[0].share_name, "/odmd-share/stock/b..next/stockApiBaseUrl");
}

#[test]
fn an_upstream_that_is_named_is_consumed() {
    const IDLE: Enver = Enver { upstreams: &[("stock", "b..dev")], ..DEV };
    const BUILDS: &[Build] = &[LIBRARY, STOCK, Build { consumers: &[], envers: &[IDLE], ..ORDERS }];
    is_refused(
        BUILDS,
        "orders/b..dev names stock/b..dev under `upstreams` and consumes nothing of it: declare the consumer, \
         or remove the name",
    );
}

const fn at(stage: Stage, upstreams: &'static [(&'static str, &'static str)]) -> Enver {
    Enver { stage, revision: "b..x", upstreams, ..MOCK }
}

#[test]
fn no_enver_reads_forward() {
    const MOCK_DEV: &[Build] =
        &[LIBRARY, STOCK, Build { envers: &[at(Stage::Mock, &[("stock", "b..dev")])], ..ORDERS }];
    const MOCK_MAIN: &[Build] =
        &[LIBRARY, STOCK, Build { envers: &[at(Stage::Mock, &[("stock", "b..main")])], ..ORDERS }];
    const DEV_MAIN: &[Build] =
        &[LIBRARY, STOCK, Build { envers: &[at(Stage::Dev, &[("stock", "b..main")])], ..ORDERS }];
    for (builds, from, to) in [(MOCK_DEV, "mock", "dev"), (MOCK_MAIN, "mock", "main"), (DEV_MAIN, "dev", "main")] {
        is_refused(
            builds,
            &format!(
                "orders/b..x (stockApiBaseUrl) at the stage {from} reads forward from stock/b..{to} (stockApiBaseUrl) \
                 at {to}: read from the stage {from} (mock → dev → main)"
            ),
        );
    }
}

#[test]
fn main_reads_from_main_only() {
    const BUILDS: &[Build] = &[LIBRARY, STOCK, Build { envers: &[at(Stage::Main, &[("stock", "b..dev")])], ..ORDERS }];
    is_refused(
        BUILDS,
        "orders/b..x (stockApiBaseUrl) at main reads from stock/b..dev (stockApiBaseUrl) at dev, and main reads from \
         main only: declare a main enver of the producer and read from it",
    );
}

#[test]
fn a_constellation_is_wired_to_itself() {
    const BUILDS: &[Build] = &[LIBRARY, STOCK, Build { envers: &[at(Stage::Dev, &[("stock", "b..mock")])], ..ORDERS }];
    is_refused(
        BUILDS,
        "orders/b..x (stockApiBaseUrl) at dev reads from stock/b..mock (stockApiBaseUrl) at mock, and a constellation \
         is wired to itself: read from the dev enver of the producer",
    );
}

#[test]
fn both_ends_stand_in_one_region() {
    const LIBRARIES: Build = Build {
        envers: &[
            Enver { account: "central", ..MAIN },
            Enver { account: "central", region: "us-east-1", revision: "b..usEast1", ..MAIN },
        ],
        ..LIBRARY
    };
    const BUILDS: &[Build] = &[LIBRARIES, STOCK, Build { envers: &[Enver { region: "us-east-1", ..DEV }], ..ORDERS }];
    is_refused(
        BUILDS,
        "orders/b..dev (stockApiBaseUrl) in us-east-1 reads from stock/b..dev (stockApiBaseUrl) in eu-central-1: \
         put both in one region",
    );
}

#[test]
fn what_never_changes_does_not_read_from_what_does() {
    const TAGGED: Enver = Enver { revision: "t..v1.0.0", upstreams: &[("stock", "b..main")], ..MAIN };
    const BUILDS: &[Build] = &[LIBRARY, STOCK, Build { envers: &[TAGGED], ..ORDERS }];
    is_refused(
        BUILDS,
        "orders/t..v1.0.0 (stockApiBaseUrl) is built from a tag and reads from stock/b..main (stockApiBaseUrl), which \
         is a branch's: read from a tag's enver",
    );
}

#[test]
fn envers_that_wait_for_each_other_are_refused_unless_one_has_a_default() {
    const BACK: Consumer =
        Consumer { name: "ordersApiBaseUrl", build: "orders", producer: "ordersApiBaseUrl", ..USES_STOCK };
    const CIRCLE: &[Build] = &[LIBRARY, Build { consumers: &[BACK], envers: &[DEV], ..STOCK }, ONLY_DEV];
    is_refused(
        CIRCLE,
        "nobody can start first: orders/b..dev (stockApiBaseUrl) waits for stock/b..dev (stockApiBaseUrl), \
         stock/b..dev (ordersApiBaseUrl) waits for orders/b..dev (ordersApiBaseUrl). \
         Give one of these consumers a `default_if_absent`",
    );
    const OPENED: Consumer = Consumer { default_if_absent: Some("https://orders.example"), ..BACK };
    const MENDED: &[Build] = &[LIBRARY, Build { consumers: &[OPENED], envers: &[DEV], ..STOCK }, ONLY_DEV];
    assert!(organisation(MENDED).wire().is_ok());
}
