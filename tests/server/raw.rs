//! A client that knows nothing but bytes: what the server is told and what it answers, unadorned.

use std::{fmt::Debug, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longest wait for one answer; only a broken server takes it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Every frame of these tests is masked alike.
const MASK: [u8; 4] = [0x11, 0x22, 0x33, 0x44];

pub(super) const TEXT: u8 = 1;
pub(super) const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;
pub(super) const PING: u8 = 9;
pub(super) const PONG: u8 = 10;

/// Ends a test that would hang.
pub(super) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("no answer in time")
}

/// One socket.
pub(super) struct Raw<IO>(pub(super) IO);

impl Raw<TcpStream> {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self(soon(TcpStream::connect(address)).await.unwrap())
    }

    /// A WebSocket that is open, whichever path it took.
    pub(super) async fn websocket(address: SocketAddr, path: &str) -> Self {
        let mut raw = Self::connect(address).await;
        raw.upgrade(path).await;
        raw
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Raw<IO> {
    pub(super) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        soon(self.0.write_all(bytes.as_ref())).await.unwrap();
    }

    /// Reads until the end of an HTTP head, byte by byte so that nothing behind it is lost.
    pub(super) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon(self.0.read_u8()).await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    /// One whole HTTP exchange: head and body of the answer.
    pub(super) async fn exchange(&mut self, request: &str) -> (String, String) {
        self.write(request).await;
        let head = self.head().await;
        let length = header(&head, "content-length").map_or(0, |value| value.parse().unwrap());
        let mut body = vec![0; length];
        soon(self.0.read_exact(&mut body)).await.unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    pub(super) async fn upgrade(&mut self, path: &str) {
        self.write(format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ))
        .await;
        let head = self.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert_eq!(header(&head, "sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    /// Sends one masked WebSocket frame.
    pub(super) async fn send(&mut self, opcode: u8, payload: impl AsRef<[u8]>) {
        self.write(frame(opcode, payload.as_ref())).await;
    }

    /// Receives one WebSocket frame: its opcode and payload.
    pub(super) async fn receive(&mut self) -> (u8, Vec<u8>) {
        let first = soon(self.0.read_u8()).await.unwrap();
        let second = soon(self.0.read_u8()).await.unwrap();
        assert_eq!(first & 0x80, 0x80, "the server does not fragment");
        assert_eq!(second & 0x80, 0, "a server does not mask");
        let length = match second {
            126 => u64::from(soon(self.0.read_u16()).await.unwrap()),
            127 => soon(self.0.read_u64()).await.unwrap(),
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        soon(self.0.read_exact(&mut payload)).await.unwrap();
        (first & 0x0f, payload)
    }

    /// The next text frame.
    pub(super) async fn text(&mut self) -> String {
        let (opcode, payload) = self.receive().await;
        assert_eq!(opcode, TEXT);
        String::from_utf8(payload).unwrap()
    }

    /// The next frame, which is a close frame: its code and reason.
    pub(super) async fn closed(&mut self) -> (u16, String) {
        let (opcode, payload) = self.receive().await;
        assert_eq!(opcode, CLOSE);
        (u16::from_be_bytes([payload[0], payload[1]]), String::from_utf8(payload[2..].to_vec()).unwrap())
    }

    /// Reads to the end of the connection, however it ends.
    pub(super) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset is an end as well.
        let _ = soon(self.0.read_to_end(&mut rest)).await;
        rest
    }
}

/// The bytes of one masked frame.
pub(super) fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x80 | opcode];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | u8::try_from(short).unwrap()),
        medium @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(medium).unwrap().to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// The value of a header in an HTTP head.
pub(super) fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then(|| value.trim()))
}

/// Asserts that a text starts as it should, and shows it if not.
#[track_caller]
pub(super) fn assert_starts(text: impl AsRef<str> + Debug, start: &str) {
    assert!(text.as_ref().starts_with(start), "expected {start:?}, got {text:?}");
}
