//! Rules of a declaration by itself: one failing example each.

use contracts::{Account, Artifact, Build, Child, Enver, Kind, Organisation, Producer, wire};

use crate::world::{ACCOUNTS, DEV, LIBRARY, ORDERS, STOCK, is_refused, organisation, refusals};

#[test]
fn what_is_declared_keeps_every_rule() {
    let wiring = wire().unwrap_or_else(|refusals| panic!("{refusals:#?}"));
    assert!(!wiring.edges().is_empty());
}

#[test]
fn the_examples_are_refused_for_what_they_break_alone() {
    assert!(organisation(&[LIBRARY, STOCK, ORDERS]).wire().is_ok());
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    const BROKEN: Build = Build { id: "sto ck", repository: "none", envers: &[], ..STOCK };
    assert_eq!(refusals(organisation(&[LIBRARY, BROKEN])).len(), 3);
}

#[test]
fn central_and_workspace0_must_be_there() {
    const ACCOUNT: &[Account] = &[ACCOUNTS[1], ACCOUNTS[2], ACCOUNTS[3]];
    let said = refusals(Organisation { accounts: ACCOUNT, ..organisation(&[LIBRARY]) });
    assert_eq!(
        said[0],
        "there is no account \"central\": declare it, for the platform needs `central` and `workspace0`"
    );
}

#[test]
fn an_account_is_central_networking_or_a_workspace() {
    const NAMED: &[Account] = &[ACCOUNTS[0], ACCOUNTS[1], Account { name: "sandbox", id: "111122220009" }];
    let said = refusals(Organisation { accounts: NAMED, ..organisation(&[LIBRARY]) });
    assert_eq!(said, ["the account \"sandbox\" is neither central, networking nor workspace<number>: rename it"]);
}

#[test]
fn an_account_id_has_twelve_digits() {
    const SHORT: &[Account] = &[ACCOUNTS[0], Account { name: "workspace0", id: "12ab" }];
    let said = refusals(Organisation { accounts: SHORT, ..organisation(&[LIBRARY]) });
    assert_eq!(said, ["the account workspace0 has the id \"12ab\": an account id is twelve digits"]);
}

#[test]
fn names_and_ids_of_accounts_map_one_to_one() {
    const TWINS: &[Account] = &[ACCOUNTS[0], ACCOUNTS[1], Account { name: "workspace7", id: ACCOUNTS[1].id }];
    let said = refusals(Organisation { accounts: TWINS, ..organisation(&[LIBRARY]) });
    assert_eq!(
        said,
        ["the accounts workspace0 (111122220001) and workspace7 (111122220001) share a name or an id: \
          give each account one name and one id"]
    );
}

#[test]
fn a_build_id_is_short_plain_and_free() {
    const fn named(id: &'static str) -> Build {
        Build { id, kind: Kind::Service("x"), ..STOCK }
    }
    const SPACED: &[Build] = &[LIBRARY, named("st ock")];
    const LONG: &[Build] = &[LIBRARY, named("a-build-id-of-twenty-six-x")];
    const TAKEN: &[Build] = &[LIBRARY, named("Config")];
    const PREFIXED: &[Build] = &[LIBRARY, named("odmd-stock")];
    const REGIONAL: &[Build] = &[LIBRARY, named("eu-central-1-stock")];
    const STAGED: &[Build] = &[LIBRARY, named("stock-dev")];
    const ACCOUNT: &[Build] = &[LIBRARY, named("stock111122220001")];
    for (builds, why) in [
        (SPACED, "\"st ock\" may hold letters, digits, _ and - only"),
        (LONG, "\"a-build-id-of-twenty-six-x\" has more than 25 letters"),
        (TAKEN, "\"Config\" is the name under which the platform keeps the parameters of all builds"),
        (PREFIXED, "\"odmd-stock\" begins with odmd-, as only the platform's own resources do"),
        (REGIONAL, "\"eu-central-1-stock\" begins with the name of a region"),
        (STAGED, "\"stock-dev\" holds dev: a build is the same in every constellation"),
        (ACCOUNT, "\"stock111122220001\" holds the id of the account workspace0"),
    ] {
        is_refused(builds, &format!("the build id {why}: rename the build"));
    }
}

#[test]
fn two_builds_have_two_names() {
    const BUILDS: &[Build] = &[LIBRARY, Build { consumers: &[], ..ORDERS }, Build { consumers: &[], ..ORDERS }];
    assert!(refusals(organisation(BUILDS)).contains(&"two builds are called orders: rename one of them".to_owned()));
}

#[test]
fn a_build_stands_somewhere() {
    const BUILDS: &[Build] = &[LIBRARY, Build { envers: &[], ..STOCK }];
    is_refused(BUILDS, "the build stock has no enver: declare one, or remove the build");
}

#[test]
fn a_build_stands_in_a_declared_repository() {
    const BUILDS: &[Build] = &[LIBRARY, Build { repository: "shed", ..STOCK }];
    is_refused(
        BUILDS,
        "the build stock stands in the repository shed, which nobody declares: declare it, or name one of shop",
    );
}

#[test]
fn an_enver_runs_in_a_declared_account() {
    const BUILDS: &[Build] = &[LIBRARY, Build { envers: &[Enver { account: "workspace9", ..DEV }], ..STOCK }];
    is_refused(
        BUILDS,
        "stock/b..dev runs in the account workspace9, which nobody declares: declare it, \
         or name one of central, workspace0, workspace1, workspace2",
    );
}

#[test]
fn an_enver_runs_where_the_contracts_library_does() {
    const BUILDS: &[Build] = &[LIBRARY, Build { envers: &[Enver { region: "us-east-1", ..DEV }], ..STOCK }];
    is_refused(
        BUILDS,
        "stock/b..dev runs in us-east-1, where these declarations have no enver: use eu-central-1, \
         or declare an enver of the contracts library in us-east-1",
    );
}

#[test]
fn a_revision_is_a_branch_or_a_tag() {
    const BUILDS: &[Build] = &[LIBRARY, Build { envers: &[Enver { revision: "dev", ..DEV }], ..STOCK }];
    is_refused(
        BUILDS,
        "in the build stock: \"dev\" is no revision: write b..<branch> or t..<tag>, such as b..dev or t..v1.0.0",
    );
}

#[test]
fn clones_are_not_declared() {
    const BUILDS: &[Build] = &[LIBRARY, Build { envers: &[Enver { revision: "b..dev-_b..x", ..DEV }], ..STOCK }];
    is_refused(
        BUILDS,
        "stock/b..dev-_b..x is a clone, and clones are not declared: they come and go with their branch",
    );
}

#[test]
fn a_revision_has_one_enver() {
    const BUILDS: &[Build] = &[LIBRARY, Build { envers: &[DEV, Enver { account: "workspace2", ..DEV }], ..STOCK }];
    is_refused(BUILDS, "the build stock has two envers at b..dev: each revision has one");
}

#[test]
fn in_one_account_no_revision_begins_another() {
    const BUILDS: &[Build] = &[LIBRARY, Build { envers: &[Enver { revision: "b..device", ..DEV }, DEV], ..STOCK }];
    is_refused(
        BUILDS,
        "stock/b..dev and stock/b..device stand in one account and region, and the first value begins the second: \
         rename one branch, or use another account",
    );
    const APART: &[Build] =
        &[LIBRARY, Build { envers: &[Enver { revision: "b..device", account: "workspace2", ..DEV }, DEV], ..STOCK }];
    assert!(organisation(APART).wire().is_ok());
}

#[test]
fn a_stack_begins_with_a_letter() {
    const BUILDS: &[Build] = &[LIBRARY, Build { id: "7stock", ..STOCK }];
    let said = refusals(organisation(BUILDS));
    assert_eq!(
        said[0],
        "7stock/b..mock would have the stack 7stock--mock, which does not begin with a letter: \
         shorten or rename the build or the revision"
    );
}

#[test]
fn names_of_values_are_plain_and_not_the_platforms() {
    const fn publishes(producers: &'static [Producer]) -> Build {
        Build { producers, ..STOCK }
    }
    const DOTS: &[Build] = &[LIBRARY, publishes(&[Producer { name: "a..b", children: &[] }])];
    const TAKEN: &[Build] = &[LIBRARY, publishes(&[Producer { name: "ServiceToken", children: &[] }])];
    const PREFIX: &[Build] = &[LIBRARY, publishes(&[Producer { name: "ODMD_rev_ref_x", children: &[] }])];
    const SLASH: &[Build] =
        &[LIBRARY, publishes(&[Producer { name: "a", children: &[Child { path_part: "b/c", artifact: None }] }])];
    for (builds, name, why) in [
        (DOTS, "a..b", "may hold letters, digits, _, . and - only, and not .."),
        (TAKEN, "ServiceToken", "is the platform's own in every share"),
        (PREFIX, "ODMD_rev_ref_x", "is the platform's own in every share"),
        (SLASH, "b/c", "may hold letters, digits, _, . and - only, and not .."),
    ] {
        is_refused(builds, &format!("stock declares the name {name:?}, which {why}: rename it"));
    }
}

#[test]
fn the_schema_of_an_api_is_called_schema_url() {
    const CHILD: Child = Child { path_part: "openapi", artifact: Some(Artifact::OpenApi) };
    const BUILDS: &[Build] =
        &[LIBRARY, Build { producers: &[Producer { name: "stockApiBaseUrl", children: &[CHILD] }], ..STOCK }];
    is_refused(
        BUILDS,
        "stock declares the name \"openapi\", which names the schema of an API, which is always called schema-url: \
         rename it",
    );
}

#[test]
fn two_producers_have_two_names() {
    const TWICE: Producer = Producer { name: "stockApiBaseUrl", children: &[] };
    const BUILDS: &[Build] = &[LIBRARY, Build { producers: &[TWICE, TWICE], ..STOCK }];
    is_refused(BUILDS, "stock publishes two values as stockApiBaseUrl: rename one of them");
}
