//! A deployment is asked as it wants to be asked, and a verification that ends early reports what it found.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use dataset::{Dataset, LogIn, Published};
use document::Api;
use host_native::{Limits, serve};
use http::{Method, Request, Response};
use operation::{Body, BoxError, BoxFuture, Endpoint, Transport};
use tokio::net::TcpListener;
use tokio::sync::watch;
use verify::{
    Asking, Caller, Check, Client, Ended, Format, Halt, Manners, Plan, Report, Secrets, Stage, Which, verify,
};

use crate::notes::{Flaw, Notes, TOKEN, contract, never, plan, verified};

/// Answers 429 to every second request, with this Retry-After.
struct Busy {
    inner: Arc<Notes>,
    retry_after: &'static str,
    asked: AtomicUsize,
}

impl Endpoint for Busy {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        if self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            let answer = Response::builder().status(429).header("retry-after", self.retry_after).body(Bytes::new());
            return Box::pin(async move { answer.unwrap() });
        }
        self.inner.call(request)
    }
}

fn busy(retry_after: &'static str) -> Arc<Busy> {
    Arc::new(Busy { inner: Notes::with(Flaw::None), retry_after, asked: AtomicUsize::new(0) })
}

#[tokio::test]
async fn a_deployment_that_asks_for_time_gets_it() {
    let busy = busy("0");

    let report = verified(busy.clone(), &contract(true)).await;

    assert!(report.is_clean(), "{:#?}", report.findings);
    // Every request was sent again.
    assert!(busy.asked.load(Ordering::Relaxed) >= 2 * report.requests());
}

#[tokio::test]
async fn a_deployment_that_asks_for_too_much_time_is_left_alone_and_that_is_said() {
    let report = verified(busy("3600"), &contract(true)).await;

    let left_out: Vec<&String> = report.operations.values().flat_map(|operation| &operation.left_out).collect();
    assert!(left_out.iter().all(|why| why.contains("left alone for 3600 s")) && !left_out.is_empty(), "{left_out:?}");
    assert!(report.written(Format::Text).contains("left alone for 3600 s"));
}

/// Answers 429 to whatever comes.
struct Shut;

impl Endpoint for Shut {
    fn call(&self, _request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        let answer = Response::builder().status(429).header("retry-after", "3600").body(Bytes::new());
        Box::pin(async move { answer.unwrap() })
    }
}

/// The flows of the booking service, on a deployment; what was found.
async fn played(client: Client) -> Report {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let dataset = Dataset::load(&root.join("mock-data")).unwrap_or_else(|problems| panic!("{problems:?}"));
    let stage = Stage {
        dataset: Arc::new(dataset),
        published: Arc::new(Published::load(&root.join("contracts/published/dev")).unwrap()),
        service: "booking".to_owned(),
        which: Which::All,
        run: "t".to_owned(),
        enver: "dev".to_owned(),
        platform: Some(LogIn { email: "root@example.com".to_owned(), password: "none".to_owned() }),
        secret: None,
    };
    let api = Api::read(&std::fs::read(root.join("contracts/published/dev/booking/openapi.json")).unwrap()).unwrap();
    let mut asking = Asking::new(client, Manners::default(), never());
    let mut report = Report::begun(&api, "", 1);
    stage.play(&api, &mut asking, &mut report, &mut |_, _| {}).await.unwrap();
    report
}

#[tokio::test]
async fn flows_that_would_have_to_wait_too_long_are_left_out_and_no_findings() {
    let report = played(Client::of(Arc::new(Shut))).await;

    assert!(report.is_clean(), "{:#?}", report.findings);
    let left_out = &report.operations["createBooking"].left_out;
    assert!(left_out.iter().all(|why| why.contains("left alone for 3600 s")) && !left_out.is_empty(), "{left_out:?}");
}

/// Answers 404 to whatever comes.
struct Empty;

impl Endpoint for Empty {
    fn call(&self, _request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async { Response::builder().status(404).body(Bytes::new()).unwrap() })
    }
}

#[tokio::test]
async fn what_a_flow_finds_is_shown_with_the_command_that_plays_it_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(serve(Arc::new(Empty), listener, Limits::default(), std::future::pending()));

    let report = played(Client::remote(&url).unwrap()).await;

    serving.abort();
    let lines = &report.findings.first().unwrap().curl;
    assert!(lines[0].starts_with(&format!("enver bdd --enver dev --url '{url}' --tags @uc")), "{lines:?}");
    assert!(lines[1].starts_with(&format!("curl -sS -i '{url}/auth/v1/login'")), "{lines:?}");
}

#[tokio::test]
async fn credentials_that_are_accepted_nowhere_are_a_finding_that_names_who_has_them() {
    let expired = || Caller::bearer("auth 1", "expired-since-yesterday").unwrap();
    let ada = || Caller::bearer("ada", TOKEN).unwrap();
    for (callers, only, clean) in [
        (vec![expired()], &[][..], false),
        // Nothing of it can be broken, so there is no probe.
        (vec![expired()], &["getNote"], false),
        (vec![expired(), ada()], &[], true),
        (vec![expired()], &["logIn"], true),
        (vec![], &[], true),
    ] {
        let only = only.iter().map(ToString::to_string).collect();
        for api in [contract(true), contract(false)] {
            let plan = Plan { callers: callers.clone(), others: Vec::new(), only: Vec::clone(&only), ..plan() };
            let mut asking = Asking::new(Client::of(Notes::with(Flaw::None)), Manners::default(), never());
            let report = verify(&api, &mut asking, &plan, Report::begun(&api, "", 1), &mut |_| {}).await;

            assert_eq!(report.is_clean(), clean, "{only:?} {callers:?}: {:#?}", report.findings);
            for form in [Format::Text, Format::Html, Format::Junit, Format::Json] {
                let said = report.written(form).contains("the credentials of auth 1 were accepted nowhere");
                assert_eq!(said, !clean, "{form:?}");
            }
        }
    }
}

#[tokio::test]
async fn no_more_requests_are_sent_in_a_second_than_was_said() {
    let manners = Manners { pause: Duration::from_millis(5), ..Manners::default() };
    let mut asking = Asking::new(Client::of(Notes::with(Flaw::None)), manners, never());
    let begun = Instant::now();

    for _ in 0..8 {
        asking.ask(&Request::get("/notes").body(Bytes::new()).unwrap()).await.unwrap();
    }

    assert!(begun.elapsed() >= Duration::from_millis(40), "{:?}", begun.elapsed());
}

/// Says stop when it was asked so often.
struct Stopping {
    inner: Arc<Notes>,
    left: AtomicUsize,
    stop: watch::Sender<bool>,
}

impl Endpoint for Stopping {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            let _ = self.stop.send(true);
        }
        self.inner.call(request)
    }
}

#[tokio::test]
async fn a_verification_that_is_stopped_reports_what_it_found_until_then() {
    let (stop, stopping) = watch::channel(false);
    let inner = Notes::with(Flaw::TakesAnyQuery);
    let deployment = Arc::new(Stopping { inner, left: AtomicUsize::new(30), stop });
    let mut asking = Asking::new(Client::of(deployment), Manners::default(), stopping);
    let api = contract(true);

    let report = verify(&api, &mut asking, &plan(), Report::begun(&api, "", 1), &mut |_| {}).await;

    assert_eq!(report.ended, Ended::Stopped);
    assert!(!report.is_clean() && report.requests() > 0 && report.requests() <= 30);
    assert!(!report.findings.is_empty());
    assert!(report.written(Format::Text).contains("stopped before everything was asked"));
}

/// Answers so often, and then no more.
struct Gone(AtomicUsize);

#[async_trait]
impl Transport for Gone {
    async fn send(&self, _request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        let left = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map(|_| Response::new(Bytes::new())).map_err(|_| "nobody listens".into())
    }
}

#[tokio::test]
async fn a_deployment_that_is_gone_ends_the_verification_and_one_that_was_never_there_did_nothing_wrong() {
    for answers in [0, 1] {
        let gone = Gone(AtomicUsize::new(answers));
        let mut asking = Asking::new(Client::in_process(Arc::new(gone)), Manners::default(), never());
        let api = contract(true);

        let report = verify(&api, &mut asking, &plan(), Report::begun(&api, "", 1), &mut |_| {}).await;

        assert!(matches!(&report.ended, Ended::Unreachable(why) if why.ends_with(": nobody listens")), "{report:?}");
        let silent = report.findings.iter().any(|finding| finding.got == "no answer came");
        assert_eq!((silent, report.requests() > 0), (answers > 0, answers > 0), "{:#?}", report.findings);
        assert!(!report.is_clean());
        for form in [Format::Text, Format::Html, Format::Json] {
            assert!(report.written(form).contains("nobody listens"), "{form:?}");
        }
        let asked = asking.ask(&Request::get("/notes").body(Bytes::new()).unwrap()).await;
        assert!(matches!(asked, Err(Halt::Silent(_))));
    }
}

/// Notes what was asked for.
struct Watching(watch::Sender<Vec<Method>>, Arc<Notes>);

impl Endpoint for Watching {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        self.0.send_modify(|seen| seen.push(request.method().clone()));
        self.1.call(request)
    }
}

#[tokio::test]
async fn who_only_reads_sends_nothing_else() {
    let (seen, methods) = watch::channel(Vec::new());
    let client = Client::of(Arc::new(Watching(seen, Notes::with(Flaw::None))));
    let mut asking = Asking::new(client, Manners::default(), never());
    let api = contract(true);
    let plan = Plan { read_only: true, ..plan() };

    let report = verify(&api, &mut asking, &plan, Report::begun(&api, "", 1), &mut |_| {}).await;

    assert!(methods.borrow().iter().all(|method| method == Method::GET), "{:?}", methods.borrow());
    assert_eq!(report.operations.len(), 2);
}

#[tokio::test]
async fn a_report_is_written_in_every_form_and_what_came_is_text_in_each() {
    let mut report = verified(Notes::with(Flaw::TakesAnyMediaType), &contract(true)).await;
    report.findings[0].got = "<script>alert(1)</script> & \u{1}".to_owned();

    let html = report.written(Format::Html);
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"));
    let junit = report.written(Format::Junit);
    assert!(junit.contains(r#"<testcase classname="createNote" name="media-type">"#), "{junit}");
    assert!(junit.contains("&lt;script&gt;") && !junit.contains('\u{1}'));
    let json: serde_json::Value = serde_json::from_str(&report.written(Format::Json)).unwrap();
    assert_eq!(json["findings"][0]["check"], Check::MediaType.name());
    assert_eq!(json["clean"], false);
    assert!(report.written(Format::Text).contains("✗ createNote: a body of application/x-unheard-of [media-type]"));
}

#[tokio::test]
async fn what_came_does_nothing_to_a_terminal_and_a_line_that_is_copied_from_it_is_what_was_sent() {
    let mut report = verified(Notes::with(Flaw::TakesAnyMediaType), &contract(true)).await;
    let hostile = "\u{1b}]0;x\u{7}\u{1b}[2Knothing found\rgood \u{202e}dab\u{9b}1A\u{2066}\u{200f}";
    let lines = Request::post("/notes").body(Bytes::from("a\n  b")).unwrap();
    let turned = Request::post("/notes").body(Bytes::from("a\u{202e}b")).unwrap();
    let client = Client::remote("http://127.0.0.1:1").unwrap();
    let curl = [lines, turned].map(|request| client.curl(&request, Secrets::Masked));
    let finding = &mut report.findings[0];
    for text in [&mut finding.sent, &mut finding.expected, &mut finding.got] {
        hostile.clone_into(text);
    }
    finding.curl = curl.to_vec();
    report.operations.values_mut().for_each(|operation| operation.left_out = vec![hostile.to_owned()]);

    let text = report.written(Format::Text);

    let hidden = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{2066}\u{200f}".contains(c);
    assert!(!text.contains(hidden) && text.contains(r"\u{1b}[2Knothing found\rgood \u{202e}dab"), "{text:?}");
    assert!(curl.iter().all(|line| text.contains(line)), "{text}");
    assert!(curl[0].ends_with("'a\n  b'") && curl[1].ends_with(r"$'a\xe2\x80\xaeb'"), "{curl:#?}");
}
