//! The contracts beside the services: as documents for tools, and as a page for people.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{HeaderMap, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Running;

/// Status, header fields and text of one answer.
async fn ask(running: &Running, method: &str, path: &str) -> (u16, HeaderMap, String) {
    let socket = TcpStream::connect(running.authority()).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder().method(method).uri(path).header("host", running.authority());
    let response = sender.send_request(request.body(Full::new(Bytes::new())).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let text = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
    (head.status.as_u16(), head.headers, text)
}

#[tokio::test]
async fn what_is_served_is_what_is_committed() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let committed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/published/dev");
    for service in ["auth", "booking", "config"] {
        for name in ["openapi.json", "openapi-3.0.json", "asyncapi.json", "bundle.json"] {
            let (status, headers, text) = ask(&running, "GET", &format!("/{service}/{name}")).await;
            assert_eq!(status, 200);
            assert_eq!(headers["content-type"], "application/json");
            assert!(text == std::fs::read_to_string(committed.join(service).join(name)).unwrap(), "{service}/{name}");
        }
    }
}

#[tokio::test]
async fn a_page_shows_the_contract_with_nothing_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    assert!(running.printed.contains("/booking/reference"), "{}", running.printed);

    let (status, headers, page) = ask(&running, "GET", "/booking/reference").await;

    assert_eq!(status, 200);
    assert!(!page.contains("://"), "{page}");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains('*') && !policy.contains("unsafe-eval"), "{policy}");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let places = page.split(['"']).filter(|word| word.starts_with("reference/"));
    let mut found = 0;
    for place in places {
        let (status, _, text) = ask(&running, "GET", &format!("/booking/{place}")).await;
        assert_eq!(status, 200, "{place}");
        assert!(!text.is_empty());
        found += 1;
    }
    assert_eq!(found, 4);
}

#[tokio::test]
async fn contracts_are_only_read_and_only_where_a_service_is() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;

    let (status, headers, _) = ask(&running, "POST", "/booking/openapi.json").await;
    assert_eq!((status, headers["allow"].to_str().unwrap()), (405, "GET, HEAD"));
    let (status, headers, text) = ask(&running, "HEAD", "/booking/openapi.json").await;
    assert_eq!((status, text.as_str()), (200, ""));
    assert!(headers["content-length"].to_str().unwrap().parse::<usize>().unwrap() > 1000);
    let (status, headers, _) = ask(&running, "GET", "/booking/").await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (302, "/booking/reference"));
    for path in ["/nobody/openapi.json", "/booking/reference/../openapi.json", "/booking/reference/x", "/openapi.json"]
    {
        assert_eq!(ask(&running, "GET", path).await.0, 404, "{path}");
    }
}
