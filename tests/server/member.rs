//! A user on a raw socket: MSync built field by field, in either framing, logged in with the demo
//! world's password.

use std::net::SocketAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use chatproof::protocol::schema::{
    CommNotice, CommSyncDl, CommSyncUl, Jid, MSync, MessageBody, Meta, Provision, m_sync::Command,
    message_body,
};
use prost::Message;
use tokio::net::TcpStream;

use super::{
    SOCKJS, WEBSOCKET,
    raw::{BINARY, Raw, TEXT},
};

const APP: &str = "easemob-demo#chatdemoui";

/// How this member's frames travel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Framing {
    SockJs,
    WebSocket,
}

pub(super) struct Member {
    pub(super) raw: Raw<TcpStream>,
    framing: Framing,
    last_id: u64,
}

impl Member {
    pub(super) async fn login(address: SocketAddr, name: &str, framing: Framing) -> Self {
        let raw = match framing {
            Framing::SockJs => {
                let mut raw = Raw::websocket(address, SOCKJS).await;
                assert_eq!(raw.text().await, "o");
                raw
            }
            Framing::WebSocket => Raw::websocket(address, WEBSOCKET).await,
        };
        let mut member = Self { raw, framing, last_id: 0 };
        member.send(&[provision(name)]).await;
        let answer = member.receive().await;
        assert_eq!(answer.command, Some(Command::Provision as i32));
        let status = Provision::decode(answer.payload.unwrap()).unwrap().status.unwrap();
        assert_eq!(status.error_code, Some(0), "{name}: {status:?}");
        member
    }

    /// Sends frames: in one text frame of SockJS, or each in a binary frame of its own.
    pub(super) async fn send(&mut self, frames: &[MSync]) {
        match self.framing {
            Framing::SockJs => {
                let strings: Vec<String> =
                    frames.iter().map(|frame| STANDARD.encode(frame.encode_to_vec())).collect();
                self.raw.send(TEXT, serde_json::to_string(&strings).unwrap()).await;
            }
            Framing::WebSocket => {
                for frame in frames {
                    self.raw.send(BINARY, frame.encode_to_vec()).await;
                }
            }
        }
    }

    pub(super) async fn receive(&mut self) -> MSync {
        match self.framing {
            Framing::SockJs => {
                let text = self.raw.text().await;
                let [string]: [String; 1] = serde_json::from_str(text.strip_prefix('a').unwrap()).unwrap();
                MSync::decode(&*STANDARD.decode(string).unwrap()).unwrap()
            }
            Framing::WebSocket => {
                let (opcode, payload) = self.raw.receive().await;
                assert_eq!(opcode, BINARY);
                MSync::decode(&*payload).unwrap()
            }
        }
    }

    /// The next frame, which is a SYNC.
    pub(super) async fn sync(&mut self) -> CommSyncDl {
        let frame = self.receive().await;
        assert_eq!(frame.command.unwrap_or_default(), Command::Sync as i32);
        CommSyncDl::decode(frame.payload.unwrap()).unwrap()
    }

    /// A text with an id of its own.
    pub(super) fn text(&mut self, to: &str, text: &str) -> MSync {
        self.last_id += 1;
        let content =
            message_body::Content { r#type: Some(0), text: Some(text.to_owned()), ..Default::default() };
        let body = MessageBody {
            r#type: Some(message_body::Type::Chat as i32),
            to: Some(Jid::named(to)),
            contents: vec![content],
            ..MessageBody::default()
        };
        let meta = Meta {
            id: Some(self.last_id),
            to: Some(Jid::user(APP, to)),
            ns: Some(1),
            payload: Some(body.encode_to_vec().into()),
            ..Meta::default()
        };
        sync(&CommSyncUl { meta: Some(meta), ..CommSyncUl::default() })
    }

    /// Waits for the NOTICE of a queue: the frame that fetches it.
    pub(super) async fn noticed(&mut self) -> MSync {
        let notice = self.receive().await;
        assert_eq!(notice.command, Some(Command::Notice as i32));
        let queue = CommNotice::decode(notice.payload.unwrap()).unwrap().queue;
        sync(&CommSyncUl { queue, ..CommSyncUl::default() })
    }

    /// Waits for the NOTICE of a queue and fetches what is in it: the texts.
    pub(super) async fn fetch(&mut self) -> Vec<String> {
        let fetch = self.noticed().await;
        self.send(&[fetch]).await;
        let batch = self.sync().await;
        batch.metas.iter().map(said).collect()
    }
}

fn said(meta: &Meta) -> String {
    let body = MessageBody::decode(meta.payload.clone().unwrap()).unwrap();
    body.contents[0].text.clone().unwrap()
}

fn provision(name: &str) -> MSync {
    MSync {
        guid: Some(Jid::device(APP, name, "raw")),
        command: Some(Command::Provision as i32),
        payload: Some(
            Provision { password: Some("1".to_owned()), ..Provision::default() }.encode_to_vec().into(),
        ),
        ..MSync::default()
    }
}

fn sync(payload: &CommSyncUl) -> MSync {
    MSync {
        command: Some(Command::Sync as i32),
        payload: Some(payload.encode_to_vec().into()),
        ..MSync::default()
    }
}
