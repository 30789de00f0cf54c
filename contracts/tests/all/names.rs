//! The names that shared values, documents and stacks go by, and what may be shared under them.

use contracts::{
    EnverId, Revision, Wiring, artifact_bucket_parameter, artifact_key, share_name, share_out, stack_name, wire,
};

fn revision(text: &str) -> Revision {
    text.parse().expect("a revision")
}

fn wiring() -> Wiring {
    wire().expect("sound declarations")
}

#[test]
fn names_are_those_of_the_platform() {
    let dev = revision("b..dev");
    assert_eq!(share_name("booking", &dev, "bookingApiBaseUrl"), "/odmd-share/booking/b..dev/bookingApiBaseUrl");
    assert_eq!(
        artifact_key("111122220003", &dev, "bookingApiBaseUrl/schema-url"),
        "111122220003/b..dev/bookingApiBaseUrl-schema-url.json"
    );
    assert_eq!(artifact_bucket_parameter("booking"), "/odmd-config/booking/buildArtifactBucketName");
}

#[test]
fn a_stack_is_named_after_the_branch_alone_and_the_whole_tag() {
    for (text, name) in [
        ("b..dev", "booking--dev"),
        ("b..dev-_b..x.1", "booking--x-1"),
        ("t..v1.0.0", "booking--t--v1-0-0"),
        ("b..x-", "booking--xZ"),
    ] {
        assert_eq!(stack_name("booking", &revision(text)), name);
    }
    assert_eq!(stack_name("-booking", &revision("b..dev")), "Abooking--dev");
}

fn share(enver: &str, values: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let (build, revision_text) = enver.split_once('/').expect("an enver");
    let id = EnverId { build: build.to_owned(), revision: revision(revision_text) };
    let values: Vec<_> = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let shared = share_out(&wiring(), &id, &values).map_err(|error| error.to_string())?;
    Ok(shared.into_iter().map(|shared| format!("{} = {}", shared.name, shared.value)).collect())
}

#[test]
fn an_enver_shares_what_it_promised() {
    let place = "s3://artifacts/111122220003/b..dev/bookingApiBaseUrl-schema-url.json@v7";
    let shared = share(
        "booking/b..dev",
        &[("bookingApiBaseUrl", "https://booking.example"), ("bookingApiBaseUrl/schema-url", place)],
    );
    assert_eq!(
        shared.unwrap(),
        [
            "/odmd-share/booking/b..dev/bookingApiBaseUrl = https://booking.example".to_owned(),
            format!("/odmd-share/booking/b..dev/bookingApiBaseUrl/schema-url = {place}"),
        ]
    );
}

#[test]
fn an_enver_shares_nothing_else() {
    for (enver, values, message) in [
        (
            "booking/b..x",
            &[("bookingApiBaseUrl", "https://x")][..],
            "there is no enver booking/b..x: share from one of those that `enver wiring` lists",
        ),
        ("booking/b..dev", &[], "booking/b..dev shares nothing: give at least one value"),
        (
            "contracts/b..main",
            &[("contractsLibLatest", "1")],
            "contracts/b..main runs in the central account, which only keeps what others share: \
             move the enver to a workspace",
        ),
        (
            "booking/b..dev",
            &[("authApiBaseUrl", "https://x")],
            "booking/b..dev promises no authApiBaseUrl: declare it in contracts/src/builds, \
             or share one of bookingApiBaseUrl, bookingApiBaseUrl/schema-url",
        ),
        (
            "booking/b..dev",
            &[("bookingApiBaseUrl", "https://x"), ("bookingApiBaseUrl", "https://y")],
            "booking/b..dev shares bookingApiBaseUrl twice: keep one value",
        ),
        (
            "booking/b..dev",
            &[("bookingApiBaseUrl/schema-url", "s3://artifacts/key.json")],
            "booking/b..dev cannot share \"s3://artifacts/key.json\" as bookingApiBaseUrl/schema-url: \
             a document is shared as s3://<bucket>/<key>@<version>, so that it never changes under a reader",
        ),
        (
            "booking/b..dev",
            &[("bookingApiBaseUrl", "s3://artifacts/key.json@1")],
            "booking/b..dev cannot share \"s3://artifacts/key.json@1\" as bookingApiBaseUrl: \
             share a plain text, or declare the producer's child as a document",
        ),
    ] {
        assert_eq!(share(enver, values).expect_err("refused"), message);
    }
}
