//! The grammar of revisions.

use contracts::Revision;

#[test]
fn what_is_written_is_read_again() {
    for text in ["b..main", "t..v1.0.0", "b..feature_x-1", "b..master-_b..ta", "b..dev-_t..v2"] {
        assert_eq!(text.parse::<Revision>().unwrap().to_string(), text);
    }
}

#[test]
fn a_clone_knows_its_origin() {
    let clone: Revision = "b..dev-_b..x".parse().unwrap();
    assert_eq!((clone.value(), clone.origin().unwrap().to_string()), ("x", "b..dev".to_owned()));
    assert!(!clone.is_tag());
}

#[test]
fn what_is_no_revision_is_refused_with_the_mend() {
    let long = format!("b..{}", "x".repeat(41));
    for (text, message) in [
        ("", "\"\" is no revision: write b..<branch> or t..<tag>, such as b..dev or t..v1.0.0"),
        ("main", "\"main\" is no revision"),
        ("x..main", "\"x..main\" is no revision"),
        ("b..", "the revision value \"\" may hold ASCII letters, digits, _ . and - only: rename the branch or tag"),
        ("b..feature/x", "the revision value \"feature/x\" may hold"),
        ("b..größe", "the revision value \"größe\" may hold"),
        ("b..a..b", "the revision value \"a..b\" holds \"..\", which separates the parts of a revision"),
        ("b..a_-b", "the revision value \"a_-b\" holds \"_-\""),
        ("b..a-_b", "the revision value \"a-_b\" holds \"-_\""),
        ("b..v1", "the branch \"v1\" begins with v, as tags do: rename the branch, or write t..v1 if a tag is meant"),
        ("b..Vanilla", "the branch \"Vanilla\" begins with v"),
        (&long, "has more than 40 letters: shorten the name of the branch or tag"),
        ("b..dev-_b..x-_b..y", "b..dev-_b..x-_b..y is a clone of a clone: clone b..dev instead"),
        ("b..dev-_b..dev", "b..dev would be a clone of itself: name another branch or tag"),
        ("b..dev-_b..", "the revision value \"\" may hold"),
    ] {
        let refused = text.parse::<Revision>().expect_err(text).to_string();
        assert!(refused.contains(message), "{text}: {refused}");
    }
}

#[test]
fn a_revision_of_any_length_is_refused_without_ado() {
    let text = "b..x-_".repeat(1_000_000);
    assert!(text.parse::<Revision>().is_err());
}
