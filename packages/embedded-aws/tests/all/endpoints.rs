//! Nothing that is not this machine is reached, and nothing but this machine reaches us.

use std::io::ErrorKind;

use embedded_aws::{EmbeddedAws, NotLoopback, refuse_non_loopback};
use tokio::net::TcpListener;

use crate::port::{raw, serve};

#[test]
fn an_endpoint_on_this_machine_is_accepted() {
    for endpoint in [
        "http://127.0.0.1",
        "http://127.0.0.1:4066",
        "http://127.8.9.10:4066/",
        "http://[::1]:4066",
        "http://localhost",
        "https://LOCALHOST:4066/path",
        "http://labels.localhost:4066",
        "http://user@127.0.0.1:4066",
    ] {
        assert_eq!(refuse_non_loopback(endpoint), Ok(()), "{endpoint}");
    }
}

#[test]
fn any_other_endpoint_is_refused() {
    for endpoint in [
        "",
        "localhost",
        "127.0.0.1",
        "127.0.0.1:4066",
        "/127.0.0.1",
        "//127.0.0.1",
        "http://",
        "file://127.0.0.1/etc",
        "https://dynamodb.us-east-1.amazonaws.com",
        "http://10.0.0.1",
        "http://0.0.0.0:4066",
        "http://169.254.169.254",
        "http://[::]:4066",
        "http://[::2]",
        "http://127.0.0.1.evil.com",
        "http://localhost.evil.com",
        "http://notlocalhost",
        "http://.localhost",
        "http://evil.com/localhost",
        "http://evil.com?localhost",
        "http://evil.com#.localhost",
        "http://user@evil/",
        "http://127.0.0.1@evil.com/",
        "http://localhost:4066@evil.com/",
        "http://evil.com\\@127.0.0.1/",
        "http://127.0.0.1 .evil.com",
    ] {
        assert_eq!(refuse_non_loopback(endpoint), Err(NotLoopback(endpoint.to_owned())));
    }
}

#[test]
fn the_refusal_names_the_endpoint_and_the_mend() {
    let told = refuse_non_loopback("http://10.0.0.1:8000").unwrap_err().to_string();
    assert!(told.contains("http://10.0.0.1:8000"), "{told}");
    assert!(told.contains("use http://127.0.0.1"), "{told}");
}

#[tokio::test]
async fn the_in_process_clients_refuse_another_endpoint() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let config = aws.sdk_config().into_builder().endpoint_url("http://10.0.0.1").build();
    let error = aws_sdk_dynamodb::Client::new(&config).list_tables().send().await.unwrap_err();
    assert!(format!("{error:?}").contains("NotLoopback"), "{error:?}");
}

#[tokio::test]
async fn an_address_that_other_machines_reach_is_not_served() {
    let aws = EmbeddedAws::ephemeral().unwrap();
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let refused = aws.serve(listener, std::future::pending()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    assert!(refused.to_string().contains("listen on 127.0.0.1"), "{refused}");
}

#[tokio::test]
async fn a_request_for_another_host_is_misdirected() {
    let address = serve(&EmbeddedAws::ephemeral().unwrap()).await;
    let ask = |host: String| async move {
        let head = format!("GET / HTTP/1.1\r\n{host}Authorization: AWS4-HMAC-SHA256\r\nConnection: close\r\n\r\n");
        raw(address, head.as_bytes()).await.status
    };
    for host in ["evil.com", "127.0.0.1.evil.com", "10.0.0.1", "evil@evil.com", "localhost@evil.com", "not a host", ""]
    {
        assert_eq!(ask(format!("Host: {host}\r\n")).await, 421, "{host}");
    }
    assert_eq!(ask(String::new()).await, 421);
    for host in ["127.0.0.1", "localhost:4066", "[::1]:1", "LocalHost"] {
        assert_eq!(ask(format!("Host: {host}\r\n")).await, 200, "{host}");
    }
}
