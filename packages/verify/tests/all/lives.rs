//! What a deployment does to the things it makes: each fault is found, and shown by lines that a shell runs.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use document::Api;
use host_native::{Limits, serve};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use operation::{Body, BoxFuture, Endpoint, full};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use verify::{Asking, Check, Client, Finding, Format, Manners, Report, verify};

use crate::notes::{Flaw, Notes, TOKEN, contract, never, plan, verified};
use crate::things::{self, Listing, Things};

/// What is found of a life, with the lines that show it again.
async fn found(flaw: Flaw, ours: bool) -> Vec<Finding> {
    let report = verified(Notes::with(flaw), &contract(ours)).await;
    assert!(report.findings.iter().all(|finding| finding.check == Check::Sequence), "{flaw:?}: {:#?}", report.findings);
    report.findings
}

/// Runs lines with `sh` against a fresh deployment: what they printed.
async fn run(lines: &str, fresh: Arc<dyn Endpoint>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(fresh, listener, Limits::default(), async {
        let _ = stopped.await;
    }));
    let printed = run_at(lines, &url).await;
    stop.send(()).unwrap();
    let _ = serving.await;
    printed
}

/// Runs lines with `sh` against the deployment at a base URL: what they printed.
async fn run_at(lines: &str, url: &str) -> String {
    let mut shell = Command::new("sh");
    shell.arg("-euc").arg(format!("command -v curl jq >&2\n{lines}"));
    shell.env("ENVER_URL", url).env("AUTHORIZATION", format!("Bearer {TOKEN}"));
    let output = shell.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "the lines need sh, curl and jq: {said}\n{lines}");
    String::from_utf8(output.stdout).unwrap()
}

/// The last answer of those that were printed: its status and its body.
fn last(printed: &str) -> String {
    let last = printed.rsplit("HTTP/1.1 ").next().unwrap_or_default();
    let status = last.lines().next().unwrap_or_default();
    let body = last.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    format!("{} {body}", status.trim())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_in_the_life_of_a_thing_is_found_and_its_lines_show_it_on_a_fresh_deployment() {
    let faults: [(Flaw, &str, &str, &str, &str); 11] = [
        (Flaw::ListsAnotherType, "what was made is listed", "/title: it is not of type", "200 OK", r#""title":7"#),
        (Flaw::ListsTooLittle, "what was made is listed", "/title", "200 OK", r#"[{"noteId":"fresh-7000"}]"#),
        (Flaw::IgnoresTheLimit, "as few entries as can be are asked for", "there are", "200 OK", "fresh-7001"),
        (Flaw::LeavesOutOfTheList, "what was made is listed", "none of its pages", "200 OK", "[]"),
        (Flaw::ListsWhatIsDeleted, "what was deleted is listed", "still stands there", "200 OK", "fresh-7000"),
        (Flaw::KeepsWhatIsDeleted, "what was deleted is read", "200", "200 OK", "fresh-7000"),
        (Flaw::ForgetsWhatIsMade, "what was made is read", "404", "404 Not Found", ""),
        (Flaw::ForgetsChanges, "what was changed is read", "as it was before: title", "200 OK", "fresh-7000"),
        (Flaw::TakesOldChanges, "a change of what is no longer there", "it is taken", "200 OK", "fresh-7000"),
        (Flaw::RefusesNewChanges, "what was made is changed", "outdated", "412 Precondition Failed", ""),
        (Flaw::LeadsNowhere, "what `Location` leads to is read", "404", "404 Not Found", ""),
    ];
    // Side by side: what may only be late is looked at again before it is called wrong.
    let mut shown = JoinSet::new();
    for (fault, ours) in faults.into_iter().flat_map(|fault| [(fault, true), (fault, false)]) {
        shown.spawn(is_shown(fault, ours));
    }
    while let Some(shown) = shown.join_next().await {
        shown.unwrap();
    }
}

async fn is_shown((flaw, sent, got, status, body): (Flaw, &str, &str, &str, &str), ours: bool) {
    let findings = found(flaw, ours).await;

    let [finding] = findings.as_slice() else { panic!("{flaw:?}: {findings:#?}") };
    assert_eq!(finding.sent, sent, "{flaw:?}");
    assert!(finding.got.contains(got), "{flaw:?}: {}", finding.got);
    let lines = finding.curl.join("\n");
    // Nothing that this run made, no secret, and no more than the fault takes.
    assert!(!lines.contains("note-1") && !lines.contains(TOKEN) && !lines.contains("tags"), "{lines}");
    // Other ids than those that the lines were made of.
    let printed = run(&lines, Notes::making("fresh-7", flaw)).await;
    assert!(last(&printed).starts_with(status) && last(&printed).contains(body), "{flaw:?} {lines}\n{printed}");
    let right = run(&lines, Notes::making("fresh-7", Flaw::None)).await;
    assert_ne!(last(&printed), last(&right), "{flaw:?} {lines}");
}

#[tokio::test]
async fn the_lines_of_a_life_stand_in_every_form_of_a_report_and_run_as_they_stand_there() {
    let report = verified(Notes::with(Flaw::KeepsWhatIsDeleted), &contract(true)).await;

    let text = report.written(Format::Text);
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("curl ")).collect();
    assert!(lines.len() == 3 && text.contains("# jq (https://jqlang.org)"), "{text}");
    let printed = run(&lines.join("\n"), Notes::making("fresh-7", Flaw::KeepsWhatIsDeleted)).await;
    assert!(last(&printed).contains("fresh-7000"), "{printed}");
    let json: serde_json::Value = serde_json::from_str(&report.written(Format::Json)).unwrap();
    assert_eq!(json["findings"][0]["curl"], serde_json::json!(report.findings[0].curl));
    for form in [Format::Html, Format::Junit] {
        let written = report.written(form).replace("&quot;", "\"").replace("&#39;", "'");
        assert!(report.findings[0].curl.iter().all(|line| written.contains(line)), "{written}");
    }
}

#[tokio::test]
async fn what_a_fault_needs_stays_in_what_makes_the_thing() {
    for (flaw, status, body) in [
        (Flaw::ForgetsTagged, "404", "NOT_FOUND"),
        // It is about the thing that the lines make, whatever else stands in the list by then.
        (Flaw::ListsTaggedOtherwise, "200", r#""title":7"#),
    ] {
        let findings = found(flaw, false).await;

        let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
        let lines = finding.curl.join("\n");
        assert!(lines.contains(r#"{"tags":[],"title":"text"}"#), "{lines}");
        let printed = run(&lines, Notes::making("fresh-7", flaw)).await;
        assert!(last(&printed).starts_with(status) && last(&printed).contains(body), "{lines}\n{printed}");
    }
}

#[tokio::test]
async fn a_list_in_pages_is_read_to_its_end_and_what_stands_in_none_of_them_is_missing() {
    for (listing, sent) in [
        (Listing::Pages, None),
        (Listing::WithoutTheLast, Some("what was made is listed")),
        // What was made before stands in the way of more like it.
        (Listing::UniqueWithoutTheLast, Some("what was made is listed")),
        (Listing::KeepsDeleted, Some("what was deleted is listed")),
    ] {
        let report = verified(Things::listed(1, listing), &things::contract(listing)).await;

        let found: Vec<&str> = report.findings.iter().map(|finding| finding.sent.as_str()).collect();
        assert_eq!(found, Vec::from_iter(sent), "{listing:?}: {:#?}", report.findings);
        for finding in &report.findings {
            // Only `Location` says what was made.
            let printed = run(&finding.curl.join("\n"), Things::listed(700, listing)).await;
            let kept = last(&printed).contains(r#""id":700"#);
            assert_eq!(kept, listing == Listing::KeepsDeleted, "{:#?}\n{printed}", finding.curl);
        }
    }
}

#[tokio::test]
async fn a_list_that_may_be_right_is_no_finding() {
    for listing in [Listing::Late, Listing::MarksDeleted, Listing::Chosen, Listing::Foreign, Listing::OfUnknownLength] {
        let report = verified(Things::listed(1, listing), &things::contract(listing)).await;

        assert!(report.is_clean(), "{listing:?}: {:#?}", report.findings);
        assert!(report.operations["listThings"].checks.contains_key(&Check::Sequence), "{listing:?}");
    }
}

#[tokio::test]
async fn each_rule_of_a_query_is_broken_and_kept_at_its_bounds() {
    let notes = Arc::new(Watching(Mutex::default(), Notes::with(Flaw::None)));

    verified(notes.clone(), &contract(true)).await;

    let asked = notes.0.lock().unwrap();
    for query in ["limit=0", "limit=-1", "limit=51", "limit=text", "limit=7.5", "order=no-such-value"] {
        assert!(asked.iter().any(|uri| uri.starts_with("/notes?") && uri.contains(query)), "{query}: {asked:#?}");
    }
    for query in ["limit=1", "limit=50", "order=up", "order=down"] {
        assert!(asked.iter().any(|uri| *uri == format!("/notes?{query}")), "{query}: {asked:#?}");
    }
}

/// Notes what was asked for.
struct Watching(Mutex<Vec<String>>, Arc<Notes>);

impl Endpoint for Watching {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        self.0.lock().unwrap().push(request.uri().to_string());
        self.1.call(request)
    }
}

/// Says otherwise where something is, and has everything below a path.
struct Locating {
    base: &'static str,
    location: fn(&str) -> String,
    inner: Arc<dyn Endpoint>,
}

impl Endpoint for Locating {
    fn call(&self, mut request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            let below = request.uri().to_string().strip_prefix(self.base).unwrap_or("/nowhere").parse();
            *request.uri_mut() = below.unwrap();
            let mut answer = self.inner.call(request).await;
            if let Some(location) = answer.headers_mut().get_mut(header::LOCATION) {
                *location = (self.location)(location.to_str().unwrap()).parse().unwrap();
            }
            answer
        })
    }
}

#[tokio::test]
async fn a_base_path_is_no_program_in_the_lines() {
    // Of `sed` and of `sh`, if they read it.
    const BASE: &str = "/v'1||;eexit;s|.*$(exit)";
    let location = |path: &str| format!("{BASE}{path}");
    let below = Arc::new(Locating { base: BASE, location, inner: Notes::with(Flaw::LeadsNowhere) });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{BASE}", listener.local_addr().unwrap());
    let serving = tokio::spawn(serve(below, listener, Limits::default(), std::future::pending()));
    let (api, mut asking) = (contract(true), Asking::new(Client::remote(&url).unwrap(), Manners::default(), never()));

    let report = verify(&api, &mut asking, &plan(), Report::begun(&api, &url, 1), &mut |_| {}).await;

    let [finding] = report.findings.as_slice() else { panic!("{:#?}", report.findings) };
    assert_eq!(finding.sent, "what `Location` leads to is read");
    let lines = finding.curl.join("\n");
    let printed = run_at(&lines, &url).await;
    // The deployment that is below the path answered, not what stands above it.
    assert!(last(&printed).starts_with("404 Not Found") && last(&printed).contains("NOT_FOUND"), "{lines}\n{printed}");
    // What is asked for is what the answer said, without the path.
    let traced = run_at(&format!("set -x\nexec 2>&1\n{lines}"), &url).await;
    assert!(
        traced.lines().any(|line| line.starts_with("+ PLACE=/notes/of-") || line.starts_with("+ PLACE='/notes/of-")),
        "{traced}"
    );
    serving.abort();
}

#[tokio::test]
async fn what_location_says_is_found_with_a_query_and_without_a_path() {
    let kept = Listing::KeepsDeleted;
    let locations: [fn(&str) -> String; 3] = [
        |path| format!("{path}?api-version=1"),
        |path| format!("{path}/#top"),
        |path| path.trim_start_matches("/things/").to_owned(),
    ];
    for location in locations {
        let things = |first| Arc::new(Locating { base: "", location, inner: Things::listed(first, kept) });

        let report = verified(things(1), &things::contract(kept)).await;

        let [finding] = report.findings.as_slice() else { panic!("{:#?}", report.findings) };
        assert_eq!(finding.sent, "what was deleted is listed");
        let printed = run(&finding.curl.join("\n"), things(700)).await;
        let shown = last(&printed).contains(r#""id":700"#) && !printed.contains("404 Not Found");
        assert!(shown, "{:#?}\n{printed}", finding.curl);
    }
}

/// Answers without a blank behind the names of header fields, as HTTP allows.
async fn dense(inner: Arc<dyn Endpoint>, listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
        let (head, body) = loop {
            let count = stream.read(&mut buffer).await.unwrap();
            read.extend_from_slice(&buffer[..count]);
            let text = String::from_utf8_lossy(&read).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length =
                head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break (head.to_owned(), body.to_owned());
            }
        };
        let mut words = head.split(' ');
        let mut request = Request::builder().method(words.next().unwrap()).uri(words.next().unwrap());
        for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
            request = request.header(name, value);
        }
        let answer = inner.call(request.body(full(body)).unwrap()).await;
        let mut written = format!("HTTP/1.1 {}\r\nconnection:close\r\n", answer.status());
        for (name, value) in answer.headers() {
            written += &format!("{name}:{}\r\n", value.to_str().unwrap());
        }
        written += &format!("content-length:{}\r\n\r\n", answer.body().len());
        stream.write_all(&[written.as_bytes(), answer.body()].concat()).await.unwrap();
    }
}

#[tokio::test]
async fn header_fields_are_taken_out_of_an_answer_with_and_without_a_blank() {
    for flaw in [Flaw::TakesOldChanges, Flaw::LeadsNowhere] {
        let findings = found(flaw, true).await;
        let lines = findings[0].curl.join("\n");
        let mut ends = Vec::new();
        for flaw in [flaw, Flaw::None] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let serving = tokio::spawn(dense(Notes::with(flaw), listener));
            ends.push(last(&run_at(&lines, &url).await));
            serving.abort();
        }

        let (wrong, right) = match flaw {
            Flaw::TakesOldChanges => ("200 OK", "412 Precondition Failed"),
            _ => ("404 Not Found", "200 OK"),
        };
        assert!(ends[0].starts_with(wrong) && ends[1].starts_with(right), "{lines}\n{ends:#?}");
    }
}

/// Takes for later what is to be made, and says which job makes it.
struct Accepting(Arc<dyn Endpoint>);

impl Endpoint for Accepting {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            let mut answer = self.0.call(request).await;
            if answer.status() == StatusCode::CREATED {
                *answer.status_mut() = StatusCode::ACCEPTED;
                answer.headers_mut().insert(header::LOCATION, "/things/4711".parse().unwrap());
            }
            answer
        })
    }
}

#[tokio::test]
async fn what_is_taken_for_later_need_not_be_there() {
    for (without, last) in [("", "getThing"), ("getThing", "deleteThing")] {
        let mut api = things::contract(Listing::Pages);
        api.operations.retain(|operation| operation.id != without);

        let report = verified(Arc::new(Accepting(Things::listed(1, Listing::Pages))), &api).await;

        assert!(report.is_clean(), "{without:?}: {:#?}", report.findings);
        assert!(report.operations[last].checks.contains_key(&Check::Sequence), "{last}");
    }
}

/// Has one pet, whose state it alone decides.
struct Keeping(Mutex<Option<Value>>);

impl Endpoint for Keeping {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let sent = serde_json::from_slice::<Value>(&body.collect().await.unwrap().to_bytes()).unwrap_or_default();
            let mut pet = self.0.lock().unwrap();
            let status = match head.method {
                Method::POST => 201,
                _ if pet.is_none() => 404,
                _ => 200,
            };
            if let Some(name) = sent["name"].as_str().filter(|_| status < 300) {
                *pet = Some(json!({ "id": "p1", "name": name, "status": "pending" }));
            }
            let body = pet.clone().unwrap_or_default().to_string();
            Response::builder().status(status).header("content-type", "application/json").body(body.into()).unwrap()
        })
    }
}

/// A contract in which the state of a pet can be sent, in words of its example.
fn pets() -> Api {
    let pet = json!({
        "type": "object", "required": ["name"],
        "properties": {
            "id": { "type": "string" }, "name": { "type": "string", "minLength": 1 },
            "status": { "enum": ["available", "pending"] },
        },
    });
    let content = json!({ "application/json": { "schema": pet } });
    let of = |id: &str, status: &str, body: bool| {
        let answer = json!({ "description": "", "content": content });
        let mut operation = json!({ "operationId": id, "responses": { status: answer, "404": { "description": "" } } });
        if body {
            operation["requestBody"] = json!({ "required": true, "content": content });
        }
        operation
    };
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Pets", "version": "1" },
        "paths": {
            "/pets": { "post": of("addPet", "201", true) },
            "/pets/{petId}": {
                "parameters": [{ "name": "petId", "in": "path", "required": true, "schema": { "type": "string" } }],
                "get": of("getPet", "200", false), "put": of("changePet", "200", true),
            },
        },
    });
    Api::read(document.to_string().as_bytes()).unwrap()
}

#[tokio::test]
async fn a_field_that_a_server_keeps_its_own_is_no_change_that_it_forgets() {
    let report = verified(Arc::new(Keeping(Mutex::default())), &pets()).await;

    let of_lives: Vec<&Finding> = report.findings.iter().filter(|found| found.check == Check::Sequence).collect();
    assert!(of_lives.is_empty(), "{of_lives:#?}");
    assert!(report.operations["changePet"].checks.contains_key(&Check::Sequence));
}
