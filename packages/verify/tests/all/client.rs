//! The client: where it sends to, and the line of curl that sends the same again.

use std::sync::Arc;

use bytes::Bytes;
use host_native::{Limits, serve};
use http::{Request, Response};
use operation::{Body, BoxFuture, Endpoint};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use verify::{Authority, Client, NoCertificate, Secrets};

/// Answers with what it was asked for: method, path and body.
struct Echo;

impl Endpoint for Echo {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move { Response::new(format!("{} {}", request.method(), request.uri().path()).into()) })
    }
}

fn get(path: &str) -> Request<Bytes> {
    Request::get(path).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn a_deployment_in_process_and_one_on_a_port_are_asked_alike() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v2/", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(Arc::new(Echo), listener, Limits::default(), async {
        let _ = stopped.await;
    }));

    let remote = Client::remote(&url).unwrap().send(get("/things?a=1")).await.unwrap();
    let local = Client::of(Arc::new(Echo)).send(get("/things?a=1")).await.unwrap();

    assert_eq!(remote.response.body(), "GET /v2/things");
    assert_eq!(local.response.body(), "GET /things");
    assert_eq!(remote.request.uri(), local.request.uri());
    stop.send(()).unwrap();
    let _ = serving.await;
}

#[tokio::test]
async fn nobody_at_the_address_is_named_with_what_was_asked() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", taken.local_addr().unwrap());
    drop(taken);

    let refused = Client::remote(&url).unwrap().send(get("/things")).await.unwrap_err();

    assert_eq!(refused.to_string(), format!("{url} does not answer GET /things"));
}

fn authority(pem: &str) -> Result<Authority, NoCertificate> {
    Authority::new("it's/ca.pem".into(), pem.as_bytes())
}

#[test]
fn a_line_of_curl_trusts_whom_the_client_trusts() {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap().pem();
    let trusting = |url: &str| Client::trusting(url, Some(authority(&certificate).unwrap())).unwrap();
    let line = |client: Client| client.curl(&get("/x"), Secrets::Masked);

    let trusted = r"curl -sS -i --cacert 'it'\''s/ca.pem' 'https://localhost:1/x'";
    assert_eq!(line(trusting("https://localhost:1")), trusted);
    // There is nobody to trust without TLS.
    assert_eq!(line(trusting("http://localhost:1")), "curl -sS -i 'http://localhost:1/x'");
    assert_eq!(line(Client::remote("https://localhost:1").unwrap()), "curl -sS -i 'https://localhost:1/x'");
}

#[test]
fn a_file_without_a_certificate_is_no_authority_and_is_named() {
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let no_base64 = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "no certificate", &key, no_base64, no_certificate] {
        let refused = authority(pem).unwrap_err().to_string();
        assert!(refused.contains("it's/ca.pem") && refused.contains("BEGIN CERTIFICATE"), "{pem}: {refused}");
    }
}

#[test]
fn what_is_no_base_url_is_refused() {
    for url in
        ["", "127.0.0.1:4200", "ftp://example.test", "http://a:b@example.test", "http://example.test/?x=1", "/v1"]
    {
        assert!(Client::remote(url).is_err(), "{url}");
    }
}

#[test]
fn a_line_of_curl_masks_what_is_secret_and_quotes_what_a_shell_would_read() {
    let request = Request::post("/login?code=42&page=1")
        .header("authorization", "Bearer abc")
        .header("content-type", "application/json")
        .header("x-empty", "")
        .body(Bytes::from(r#"{"name":"it's","password":"hunter2","keys":[{"apiKey":"k"}]}"#))
        .unwrap();
    let client = Client::remote("http://127.0.0.1:4200").unwrap();

    assert_eq!(
        client.curl(&request, Secrets::Masked),
        r#"curl -sS -i 'http://127.0.0.1:4200/login?code=***&page=1' -H "authorization: $AUTHORIZATION" -H 'content-type: application/json' -H 'x-empty;' --data-binary '{"keys":[{"apiKey":"***"}],"name":"it'\''s","password":"***"}'"#
    );
    let shown = client.curl(&request, Secrets::Shown);
    assert!(shown.contains("'authorization: Bearer abc'") && shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_line_of_curl_holds_bytes_that_are_no_text_and_says_nothing_that_was_not_sent() {
    let request = Request::put("/x").body(Bytes::from_static(b"\xff'\\\0")).unwrap();

    let line = Client::of(Arc::new(Echo)).curl(&request, Secrets::Masked);

    assert_eq!(line, r#"curl -sS -i -X PUT "$ENVER_URL"'/x' -H 'content-type:' --data-binary $'\xff\'\\\x00'"#);
}

#[test]
fn credentials_that_nobody_issued_stand_in_the_line_as_they_were_sent() {
    for made_up in ["Bearer nobody.issued.this", "Bearer somebody.issued.this"] {
        let request = Request::get("/x").header("authorization", made_up).body(Bytes::new()).unwrap();
        let line = Client::of(Arc::new(Echo)).curl(&request, Secrets::Masked);
        assert_eq!(line.contains(made_up), made_up.contains("nobody"), "{line}");
    }
}

#[test]
fn brackets_in_an_address_are_no_ranges_to_curl() {
    let request = Request::get("/things?filter[name]=a").body(Bytes::new()).unwrap();
    let line = Client::remote("http://127.0.0.1:4200").unwrap().curl(&request, Secrets::Masked);
    assert_eq!(line, "curl -sS -i --globoff 'http://127.0.0.1:4200/things?filter[name]=a'");
}
