//! Callers that mean harm, over TCP, against the whole platform.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Running;

/// The head of a booking of this token that announces a chunked body.
fn chunked(running: &Running, token: &str) -> String {
    format!(
        "POST /booking/v1/bookings HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        running.authority()
    )
}

#[tokio::test]
async fn a_body_without_end_is_refused_and_never_held_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let token = running.token().await;
    let before = running.resident_kilobytes();
    let mut socket = TcpStream::connect(running.authority()).await.unwrap();
    socket.write_all(chunked(&running, &token).as_bytes()).await.unwrap();

    // 256 MB, or as much as it takes until the server hangs up.
    let chunk = format!("10000\r\n{}\r\n", "[".repeat(0x10000));
    let (mut from, mut to) = socket.split();
    let sending = async {
        for _ in 0..4096 {
            if to.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
    };
    let mut answer = vec![0; 4096];
    let reading = async { from.read(&mut answer).await.unwrap_or_default() };
    let length = tokio::select! {
        length = reading => length,
        () = sending => panic!("all was taken without an answer"),
    };

    let answer = String::from_utf8_lossy(&answer[..length]);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("PAYLOAD_TOO_LARGE"), "{answer}");
    let grown = running.resident_kilobytes().saturating_sub(before);
    assert!(grown < 16 * 1024, "it grew by {grown} kB");
}

#[tokio::test]
async fn strange_bytes_get_an_answer_of_4xx_and_the_next_caller_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let token = running.token().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies: [&[u8]; 6] = [b"{\"freight\":", b"\xff\xfe{}", b"{\"quoteId\":1e999}", b"NaN", b"", deep.as_bytes()];

    for body in bodies {
        let mut socket = TcpStream::connect(running.authority()).await.unwrap();
        let chunk = format!("{:x}\r\n", body.len());
        let end: &[u8] = if body.is_empty() { b"0\r\n\r\n" } else { b"\r\n0\r\n\r\n" };
        let head = chunked(&running, &token);
        let parts: [&[u8]; 4] = [head.as_bytes(), if body.is_empty() { b"" } else { chunk.as_bytes() }, body, end];
        let _ = socket.write_all(&parts.concat()).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        assert!(
            answer.starts_with(b"HTTP/1.1 4"),
            "{:?}: {}",
            &body[..body.len().min(20)],
            String::from_utf8_lossy(&answer)
        );
    }
    for path in
        ["/booking/v1/bookings/..%2f..%2fetc", "/../../etc/passwd", "/booking/v1/%00", "/%", "/booking/v1/bookings/%ff"]
    {
        let answer = running.call("GET", path, &token, None).await;
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
        assert!(answer.body["error"]["code"].is_string(), "{path}: {}", answer.body);
    }

    assert_eq!(running.call("GET", "/booking/v1/bookings", &token, None).await.status, 200);
}
