//! One WebSocket from its handshake to its end.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{
    Limits,
    framing::{Farewell, Framing},
    hub::{Attached, Hub},
};

/// Read and write buffer of each connection, in bytes. The library's own 128 KiB would be resident
/// for every idle client, and cleared before every read.
const BUFFER: usize = 4 * 1024;

/// How long a client may take to answer a close frame.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// Serves one client until either side ends the connection.
pub(super) async fn serve<IO>(upgraded: Upgraded, framing: Framing, hub: Arc<Hub>)
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    // Taking the socket back out of hyper's box saves an allocation and a dynamic call per read. What
    // hyper has read too much is copied, because it keeps hyper's whole buffer alive.
    let Ok(Parts { io, read_buf, .. }) = upgraded.downcast::<TokioIo<IO>>() else {
        return;
    };
    let early = read_buf.to_vec();
    drop(read_buf);
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(hub.limits().waiting_bytes.max(BUFFER).saturating_mul(2))
        .max_message_size(Some(hub.limits().message_bytes))
        .max_frame_size(Some(hub.limits().message_bytes));
    let socket =
        WebSocketStream::from_partially_read(io.into_inner(), early, Role::Server, Some(config)).await;
    let limits = *hub.limits();
    let attached = hub.attach();
    let mut client = Client { socket, framing, attached, limits };
    let end = client.converse().await;
    client.end(end).await;
}

struct Client<IO> {
    socket: WebSocketStream<IO>,
    framing: Framing,
    attached: Attached,
    limits: Limits,
}

/// How a conversation ended.
enum End {
    /// The server ends it and says why.
    Farewell(Farewell),
    /// The client closed, or the socket is gone: there is nobody to tell.
    Gone,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Client<IO> {
    async fn converse(&mut self) -> End {
        if self.write(self.framing.opening()).await.is_err() {
            return End::Gone;
        }
        let heartbeat = self.framing.heartbeat();
        let mut due = std::pin::pin!(sleep(self.limits.heartbeat));
        loop {
            tokio::select! {
                biased;
                () = self.attached.outbox().ready() => {
                    let waiting = self.attached.outbox().take();
                    let framing = self.framing;
                    if self.write(waiting.frames.into_iter().map(|frame| framing.wrap(frame))).await.is_err() {
                        return End::Gone;
                    }
                    if let Some(farewell) = waiting.farewell {
                        return End::Farewell(farewell);
                    }
                }
                received = self.socket.next() => match received {
                    Some(Ok(message)) => {
                        if let Err(end) = self.receive(message) {
                            return end;
                        }
                    }
                    Some(Err(error)) => return ending(&error),
                    None => return End::Gone,
                },
                () = &mut due, if heartbeat.is_some() => {
                    if self.write(heartbeat.clone()).await.is_err() {
                        return End::Gone;
                    }
                    due.as_mut().reset(Instant::now() + self.limits.heartbeat);
                }
            }
        }
    }

    fn receive(&self, message: Message) -> Result<(), End> {
        match message {
            Message::Text(text) => {
                for frame in self.framing.unwrap_text(&text).map_err(End::Farewell)? {
                    self.attached.handle_frame(&frame);
                }
                Ok(())
            }
            Message::Binary(binary) => {
                let frame: Bytes = self.framing.unwrap_binary(binary).map_err(End::Farewell)?;
                self.attached.handle_frame(&frame);
                Ok(())
            }
            // The library answers pings and closes by itself.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
            Message::Close(_) => Err(End::Gone),
        }
    }

    /// Writes all messages and flushes once. A client that does not read for too long is an error.
    async fn write(&mut self, messages: impl IntoIterator<Item = Message>) -> Result<(), ()> {
        let socket = &mut self.socket;
        let written = timeout(self.limits.write, async move {
            for message in messages {
                socket.feed(message).await?;
            }
            socket.flush().await
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(()),
        }
    }

    async fn end(mut self, end: End) {
        let grace = async {
            if let End::Farewell(farewell) = end {
                if let Some(closing) = self.framing.closing(farewell) {
                    self.socket.feed(closing).await?;
                }
                self.socket.close(Some(farewell.into())).await?;
            }
            // Reading on until the client has closed too keeps the system from resetting the
            // connection under what was just written.
            while self.socket.next().await.transpose()?.is_some() {}
            Ok::<_, Error>(())
        };
        // Whoever does not close in time loses the socket all the same.
        drop(timeout(CLOSE_GRACE, grace).await);
    }
}

fn ending(error: &Error) -> End {
    match error {
        Error::Capacity(_) => End::Farewell(Farewell::TooLong),
        Error::Protocol(_) => End::Farewell(Farewell::BrokenWebSocket),
        Error::Utf8(_) => End::Farewell(Farewell::BrokenFraming),
        _ => End::Gone,
    }
}
