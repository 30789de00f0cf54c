//! Stands for the fastest mock there could be: whatever comes is one request, and each gets the same text. Nothing is read,
//! parsed, found or checked; what is left is the machine's sockets and the load generator on its other core.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const BODY: &str = r#"{"id":"parcel-7","weight":12.5,"to":{"street":"Canal Road 3","city":"Leh"},"tags":["fragile","cold"],"sentAt":"2024-01-31T12:00:00Z"}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!(r#"{{"url":"http://{}"}}"#, listener.local_addr()?);
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(answer(socket));
    }
}

async fn answer(mut socket: TcpStream) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let length = BODY.len();
    let text = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{BODY}");
    let mut request = [0; 4096];
    while socket.read(&mut request).await? > 0 {
        socket.write_all(text.as_bytes()).await?;
    }
    Ok(())
}
