//! A deployment that keeps its contract is found to, and each way of breaking it is found.

use std::collections::BTreeSet;

use verify::{Check, Ended, Finding, Report};

use crate::notes::{Flaw, Notes, contract, verified};

async fn found(flaw: Flaw) -> Report {
    verified(Notes::with(flaw), &contract(true)).await
}

fn of(report: &Report) -> BTreeSet<(Check, &str)> {
    report.findings.iter().map(|finding: &Finding| (finding.check, finding.operation.as_str())).collect()
}

#[tokio::test]
async fn a_deployment_that_keeps_its_contract_has_an_empty_report() {
    for ours in [true, false] {
        let report = verified(Notes::with(Flaw::None), &contract(ours)).await;

        assert!(report.is_clean(), "{:#?}", report.findings);
        assert_eq!(report.ended, Ended::Complete);
        assert_eq!(report.operations.len(), 6);
        for (id, operation) in &report.operations {
            assert_eq!(operation.checks.contains_key(&Check::Credentials), id != "logIn", "{id}");
            assert!(operation.checks.contains_key(&Check::Valid), "{id}");
        }
        let create = &report.operations["createNote"];
        assert!(create.checks.contains_key(&Check::Syntax) && create.checks.contains_key(&Check::MediaType));
        assert!(create.checks[&Check::Invalid].0 >= 8, "{:?}", create.checks);
        assert!(report.operations["getNote"].checks.contains_key(&Check::Sequence));
        assert!(report.operations["getNote"].left_out.is_empty());
    }
}

#[tokio::test]
async fn each_flaw_of_a_deployment_is_found_and_nothing_else() {
    use Check::{Credentials, Invalid, MediaType, Method, Sequence, Syntax, Valid};
    let expected: [(Flaw, &[(Check, &str)]); 15] = [
        (Flaw::TakesAnyBody, &[(Invalid, "createNote"), (Invalid, "changeNote"), (Invalid, "logIn")]),
        (Flaw::TakesAnyQuery, &[(Invalid, "listNotes")]),
        (Flaw::AnswersAnotherType, &[(Sequence, "getNote")]),
        (Flaw::LosesAHeaderField, &[(Sequence, "getNote")]),
        (Flaw::AnswersAnUndeclaredStatus, &[(Valid, "createNote")]),
        (Flaw::FailsForLongTitles, &[(Invalid, "createNote"), (Invalid, "changeNote")]),
        (Flaw::NamesNoMethods, &[(Method, "listNotes"), (Method, "getNote"), (Method, "logIn")]),
        (Flaw::TakesAnyMethod, &[(Method, "listNotes"), (Method, "getNote"), (Method, "logIn")]),
        (Flaw::TakesAnyMediaType, &[(MediaType, "createNote"), (MediaType, "changeNote"), (MediaType, "logIn")]),
        (Flaw::TakesBrokenJson, &[(Syntax, "createNote"), (Syntax, "changeNote"), (Syntax, "logIn")]),
        (Flaw::LetsForgedCredentialsIn, &[(Credentials, "listNotes"), (Credentials, "createNote")]),
        (Flaw::LetsEverybodyIn, &[(Credentials, "listNotes"), (Credentials, "createNote")]),
        (Flaw::KeepsWhatIsDeleted, &[(Sequence, "getNote")]),
        (Flaw::ForgetsWhatIsMade, &[(Sequence, "getNote")]),
        (Flaw::RefusesWhatIsValid, &[(Valid, "listNotes")]),
    ];
    for (flaw, expected) in expected {
        let report = found(flaw).await;
        let found = of(&report);
        for one in expected {
            assert!(found.contains(one), "{flaw:?} is not found: {:#?}", report.findings);
        }
        // Whoever lets strangers in answers all of their requests otherwise.
        if !matches!(flaw, Flaw::LetsEverybodyIn | Flaw::LetsForgedCredentialsIn | Flaw::AnswersAnotherType) {
            assert_eq!(found.len(), expected.len(), "{flaw:?}: {:#?}", report.findings);
        }
    }
}

#[tokio::test]
async fn who_never_looks_at_the_media_type_is_found_by_a_body_that_is_good_otherwise() {
    let report = verified(Notes::with(Flaw::TakesAnyMediaType), &contract(false)).await;

    assert_eq!(of(&report), BTreeSet::from([(Check::MediaType, "createNote"), (Check::MediaType, "logIn")]));
}

#[tokio::test]
async fn a_finding_says_what_was_sent_as_little_as_is_enough_and_without_secrets() {
    let report = found(Flaw::TakesAnyBody).await;

    let finding = report.findings.iter().find(|finding| finding.sent == "body /tags breaks maxItems").unwrap();
    assert_eq!(finding.expected, "400: the request breaks its schema");
    let [line] = finding.curl.as_slice() else { panic!("{:?}", finding.curl) };
    assert!(line.contains(r#"-H "authorization: $AUTHORIZATION""#), "{line}");
    let finding = report.findings.iter().find(|finding| finding.sent == "body /title breaks maxLength").unwrap();
    assert!(!finding.curl[0].contains("tags"), "{}", finding.curl[0]);
    assert!(report.findings.iter().any(|finding| finding.sent.contains("breaks required")));
    for finding in &report.findings {
        assert!(!format!("{finding:?}").contains(crate::notes::TOKEN), "{finding:?}");
    }
}

#[tokio::test]
async fn what_one_tenant_made_and_another_reads_is_found() {
    use bytes::Bytes;
    use http::Request;
    use verify::{Asking, Caller, Client, Manners, Plan, verify};

    let api = contract(true);
    let ada = Caller::bearer("ada", crate::notes::TOKEN).unwrap();
    // What a service read by its signature, no person's credentials are tried on.
    let read = [
        (Flaw::None, Some(&ada), false),
        (Flaw::ShowsOtherTenants, Some(&ada), true),
        (Flaw::ShowsOtherTenants, None, false),
    ];
    for (flaw, reader, leaks) in read {
        // An id that a server drew: of what callers name, another tenant may have one of the same name.
        let client = Client::of(Notes::making("note-0123456789abc", flaw));
        let make = Request::post("/notes")
            .header("authorization", format!("Bearer {}", crate::notes::TOKEN))
            .header("content-type", "application/json")
            .body(Bytes::from(r#"{"title":"mine"}"#));
        client.send(make.unwrap()).await.unwrap();
        let good = Request::get("/notes/note-0123456789abc000").body(Bytes::new()).unwrap();
        let callers = reader.cloned().into_iter().collect();
        let plan = Plan { callers, good: vec![("getNote".into(), reader.cloned(), good)], ..crate::notes::plan() };
        let mut asking = Asking::new(client, Manners::default(), crate::notes::never());

        // Nothing is made or deleted, so that what was made is still there when the other asks.
        let plan = Plan { only: vec!["getNote".into()], ..plan };
        let report = verify(&api, &mut asking, &plan, Report::begun(&api, "", 1), &mut |_| {}).await;

        let of_others = report.findings.iter().any(|finding| finding.sent == "what another tenant made");
        assert_eq!(of_others, leaks, "{flaw:?}: {:#?}", report.findings);
    }
}
