//! Two deployments of one contract: no difference where there is none, and the smallest sequence that shows the one there
//! is.

use std::sync::Arc;

use dataset::{Dataset, Published};
use operation::Endpoint;
use tempfile::TempDir;
use verify::{Asking, Client, Effort, Leeway, Manners, Proof, Script, Secrets, Side, enumerated, prove, told};

use crate::notes::{Flaw, Notes, contract, contract_text, never};

const USE_CASE: &str = r#"
id: UC1
title: Ada keeps notes
as: writer
want: to keep notes
so that: nothing is forgotten
privacy: Notes are their writer's.
flows:
  - id: uc1-notes
    title: Ada writes a note and throws it away
    steps:
      - { id: ada-logs-in, title: Ada logs in, actor: ada, credentials: none, service: notes, operation: logIn, body: { name: ada }, expect: { status: 201 }, save: { tokens.ada: /token } }
      - { id: bob-logs-in, title: Bob logs in, actor: bob, credentials: none, service: notes, operation: logIn, body: { name: bob }, expect: { status: 201 }, save: { tokens.bob: /token } }
      - { id: write, title: Ada writes, actor: ada, service: notes, operation: createNote, body: { title: "milk ${run}" }, expect: { status: 201 }, save: { noteId: /noteId } }
      - { id: read, title: Ada reads, actor: ada, service: notes, operation: getNote, path: { noteId: "${saved.noteId}" }, expect: { status: 200 } }
      - { id: delete, title: Ada throws it away, actor: ada, service: notes, operation: deleteNote, path: { noteId: "${saved.noteId}" }, expect: { status: 204 } }
"#;

fn script() -> (TempDir, Script) {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(place("data/use-cases")).unwrap();
    std::fs::create_dir_all(place("published/notes")).unwrap();
    std::fs::write(place("data/use-cases/uc1.yaml"), USE_CASE).unwrap();
    std::fs::write(place("published/notes/openapi.json"), contract_text(true)).unwrap();
    std::fs::write(place("published/notes/asyncapi.json"), r#"{"asyncapi":"2.6.0","channels":{}}"#).unwrap();
    let api = contract(true);
    let dataset = Dataset::load(&place("data")).unwrap_or_else(|problems| panic!("{problems:?}"));
    let leeway = Leeway { fixed: enumerated(&api), ..Leeway::default() };
    let published = Arc::new(Published::load(&place("published")).unwrap());
    (folder, Script { api, dataset: Arc::new(dataset), published, service: "notes".into(), leeway })
}

fn side(name: &str, deployment: Arc<dyn Endpoint>) -> Side {
    let asking = Asking::new(Client::of(deployment), Manners::default(), never());
    Side { name: name.to_owned(), asking, platform: None, secret: None }
}

async fn proven(flaw: Flaw, effort: &Effort) -> (Proof, String) {
    let (_folder, script) = script();
    let mut sides = [side("one", Notes::with(Flaw::None)), side("other", Notes::making("memo-7", flaw))];
    let proof = prove(&script, &mut sides, effort, "t", &mut |_| {}).await.unwrap();
    let text = proof.difference.as_ref().map(|found| told(&sides, &found.played, Secrets::Masked)).unwrap_or_default();
    (proof, text)
}

#[tokio::test]
async fn deployments_that_differ_only_in_the_ids_they_make_are_the_same() {
    let (proof, text) = proven(Flaw::None, &Effort { sequences: 30, ..Effort::default() }).await;

    assert!(proof.difference.is_none(), "{text}");
    assert_eq!(proof.sequences, 30);
    assert!(proof.moves > 200, "{}", proof.moves);
}

#[tokio::test]
async fn a_difference_is_shown_by_the_smallest_sequence_that_has_it() {
    let (proof, text) = proven(Flaw::KeepsWhatIsDeleted, &Effort { sequences: 200, ..Effort::default() }).await;

    let difference = proof.difference.expect("a difference");
    // Log in, write, throw away, and whatever shows that it is still there.
    assert!(difference.played.pairs.len() <= 5, "{text}");
    assert!(difference.moves > difference.played.pairs.len());
    assert!(difference.played.differs());
    assert!(text.contains("curl -sS -i") && text.contains("one has") && text.contains("memo-7"), "{text}");
    assert!(!text.contains(crate::notes::TOKEN), "{text}");
}

#[tokio::test]
async fn each_kind_of_difference_is_found() {
    for flaw in [
        Flaw::AnswersAnotherType,
        Flaw::AnswersAnUndeclaredStatus,
        Flaw::ForgetsWhatIsMade,
        Flaw::LetsEverybodyIn,
        Flaw::ShowsOtherTenants,
        Flaw::TakesAnyBody,
        Flaw::LosesAHeaderField,
    ] {
        let (proof, _) = proven(flaw, &Effort { sequences: 300, ..Effort::default() }).await;
        assert!(proof.difference.is_some(), "{flaw:?}");
    }
}

#[tokio::test]
async fn a_seed_plays_the_same_sequence_again() {
    let (proof, text) = proven(Flaw::KeepsWhatIsDeleted, &Effort { sequences: 200, ..Effort::default() }).await;
    let seed = proof.difference.expect("a difference").seed;

    let (again, same) = proven(Flaw::KeepsWhatIsDeleted, &Effort { seed, sequences: 1, ..Effort::default() }).await;

    assert_eq!(again.difference.expect("the same difference").seed, seed);
    assert_eq!(text.lines().count(), same.lines().count(), "{text}\n{same}");
}
