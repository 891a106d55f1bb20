//! Plays one recorded conversation with a [`Session`]: the server's frames go in, and what comes
//! out is compared with what the genuine SDK sent.

use std::{collections::VecDeque, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use chatproof::{
    protocol::{
        downlink::Delivery,
        generation::Generation,
        id::{LocalId, ServerId},
        message::{Attachment, Body, ChatType, Outgoing},
        schema::{CommSyncUl, MSync, MessageBody, Provision, Status, m_sync, message_body},
        secret::Secret,
        time::Moment,
    },
    session::{Config, Output, Session},
};
use prost::Message;

use super::queue_server::{down, ok};

/// The clock of every recording stands still at 2022-01-01T00:00:00Z.
pub(crate) const FROZEN: Moment = Moment::from_millis(1_640_995_200_000);

/// One line of a recording.
#[derive(Clone, Debug)]
pub(crate) enum Line {
    /// The server lets the client in, or the socket opens.
    Opened,
    /// The connection breaks.
    Closed,
    /// A frame of the server.
    Down(Bytes),
    /// A frame of the client.
    Up(Bytes),
    /// The page sends while there is no connection; the frame comes later.
    SendWhileDown,
}

/// What a frame of the client is.
pub(crate) struct Uplink {
    pub(crate) msync: MSync,
    pub(crate) sync: CommSyncUl,
}

impl Uplink {
    pub(crate) fn read(frame: &Bytes) -> Self {
        let msync = MSync::decode(frame.clone()).unwrap();
        let is_sync = msync.command == Some(m_sync::Command::Sync.into());
        let payload = msync.payload.clone().filter(|_| is_sync).unwrap_or_default();
        Self { msync, sync: CommSyncUl::decode(payload).unwrap() }
    }

    fn is_provision(&self) -> bool {
        self.msync.command == Some(m_sync::Command::Provision.into())
    }

    /// The logical message, if the frame is one (STATISTIC has ns 0).
    pub(crate) fn outgoing(&self) -> Option<Outgoing> {
        let meta = self.sync.meta.as_ref().filter(|meta| meta.ns == Some(1))?;
        let body = MessageBody::decode(meta.payload.clone().unwrap_or_default()).unwrap();
        let to = body.to.clone().unwrap_or_default().name.unwrap_or_default();
        let said = match message_body::Type::try_from(body.r#type.unwrap_or_default()).unwrap() {
            message_body::Type::DeliverAck => {
                Body::Delivery { message: ServerId(body.ack_message_id.unwrap()) }
            }
            _ => said(&body.contents[0]),
        };
        let chat_type = match message_body::Type::try_from(body.r#type.unwrap_or_default()).unwrap() {
            message_body::Type::Groupchat => ChatType::Group,
            message_body::Type::Chatroom => ChatType::Room,
            _ => ChatType::Single,
        };
        Some(Outgoing { chat_type, ..Outgoing::new(LocalId(meta.id.unwrap_or(0)), to, said) })
    }
}

/// A text, or an image that was uploaded.
fn said(content: &message_body::Content) -> Body {
    match message_body::content::Type::try_from(content.r#type.unwrap_or_default()).unwrap() {
        message_body::content::Type::Image => Body::Image(Attachment {
            url: content.remote_path.clone(),
            secret: content.secret_key.clone(),
            filename: content.display_name.clone(),
            ..Attachment::default()
        }),
        _ => Body::Text(content.text.clone()),
    }
}

/// How a recording's client was set up, read from its first PROVISION.
pub(crate) fn config(generation: Generation, lines: &[Line]) -> Config {
    let provision = lines
        .iter()
        .find_map(|line| match line {
            Line::Up(frame) => Some(Uplink::read(frame)).filter(Uplink::is_provision),
            _ => None,
        })
        .expect("a recording with a connection begins with PROVISION");
    let guid = provision.msync.guid.unwrap();
    let token = provision.msync.auth.unwrap();
    let payload = Provision::decode(provision.msync.payload.unwrap()).unwrap();
    let resource = payload.resource.unwrap();
    let default = format!("webim_{}{}", generation.resource_infix(), FROZEN.as_millis());
    Config {
        device: (resource != default).then(|| resource.trim_start_matches("webim_").into()),
        operation_timeout: Duration::from_secs(3600),
        ..Config::new(
            generation,
            guid.app_key.unwrap(),
            guid.name.unwrap(),
            Secret::new(token.trim_start_matches("$t$")),
        )
    }
}

/// What became of a recording.
pub(crate) struct Played {
    /// Frames of the client that were compared.
    pub(crate) compared: usize,
    /// What the session reported.
    pub(crate) outputs: Vec<Output>,
}

/// Plays all lines; panics with the place where the session says something else than the SDK.
pub(crate) fn play(name: &str, config: Config, lines: &[Line]) -> Played {
    let mut session = Session::new(config);
    let (mut said, mut outputs) = (VecDeque::new(), Vec::new());
    let mut compared = 0;
    for (number, line) in lines.iter().enumerate() {
        match line {
            Line::Opened => session.handle_connected(FROZEN),
            Line::Closed => session.handle_disconnected(FROZEN),
            Line::Down(frame) => session.handle_frame(FROZEN, frame),
            Line::SendWhileDown => {
                if let Some(outgoing) = next_message(&lines[number..]) {
                    session.send(FROZEN, &outgoing);
                }
            }
            Line::Up(expected) => {
                if said.is_empty() {
                    prompt(&mut session, expected);
                    drain(&mut session, &mut said, &mut outputs);
                }
                let got = said.pop_front().unwrap_or_else(|| {
                    panic!("{name}, line {number}: the SDK sends {:?}, the session nothing", show(expected))
                });
                assert_eq!(show(&got), show(expected), "{name}, line {number}");
                compared += 1;
            }
        }
        drain(&mut session, &mut said, &mut outputs);
    }
    assert!(said.is_empty(), "{name}: the SDK sends nothing more, the session {:?}", show(&said[0]));
    Played { compared, outputs }
}

fn next_message(lines: &[Line]) -> Option<Outgoing> {
    lines.iter().find_map(|line| match line {
        Line::Up(frame) => Uplink::read(frame).outgoing(),
        _ => None,
    })
}

/// The SDK says something of its own accord: the page sends, or a timer fires.
fn prompt(session: &mut Session, expected: &Bytes) {
    if let Some(outgoing) = Uplink::read(expected).outgoing() {
        session.send(FROZEN, &outgoing);
    } else if let Some(due) = session.poll_timeout() {
        session.handle_timeout(due);
    }
}

fn drain(session: &mut Session, said: &mut VecDeque<Bytes>, outputs: &mut Vec<Output>) {
    said.extend(std::iter::from_fn(|| session.poll_transmit()));
    outputs.extend(std::iter::from_fn(|| session.poll_output()));
}

/// A frame in a form that a person can compare; different bytes look different.
pub(crate) fn show(frame: &Bytes) -> String {
    let uplink = Uplink::read(frame);
    format!("{}\n{:?}\n{:?}", BASE64_STANDARD.encode(frame), uplink.msync, uplink.sync)
}

/// The MSync frames in a SockJS text, if it carries any that base64 can read.
pub(crate) fn sockjs(text: &str) -> Vec<Bytes> {
    let texts: Vec<String> = match text.split_at_checked(1) {
        Some(("a", array)) => serde_json::from_str(array).unwrap_or_default(),
        Some(("m", one)) => serde_json::from_str(one).into_iter().collect(),
        Some(("[", _)) => serde_json::from_str(text).unwrap_or_default(),
        _ => Vec::new(),
    };
    texts.iter().filter_map(|text| BASE64_STANDARD.decode(text).ok()).map(Bytes::from).collect()
}

/// The frame without what counts up over a whole connection: the trace id, and the ids of receipts.
pub(crate) fn masked(frame: &Bytes) -> Bytes {
    let Uplink { mut msync, mut sync } = Uplink::read(frame);
    msync.trace_id = None;
    if let Some(meta) = &mut sync.meta {
        meta.id = None;
    }
    msync.payload = msync.payload.filter(|payload| !payload.is_empty()).map(|_| sync.encode_to_vec().into());
    msync.encode_to_vec().into()
}

/// A client that is logged in and answers one recorded case after the other.
pub(crate) struct Client {
    session: Session,
    said: VecDeque<Bytes>,
}

impl Client {
    pub(crate) fn new(generation: Generation, delivery: Delivery) -> Self {
        let base = Config::new(generation, "easemob-demo#chatdemoui", "alice", Secret::new("LABTOKEN"));
        let session = Session::new(Config { delivery, ..base });
        let mut client = Self { session, said: VecDeque::new() };
        client.login();
        client
    }

    fn login(&mut self) {
        self.session.handle_connected(FROZEN);
        let resource = Some(self.session.identity().resource.clone());
        let provision = Provision { status: ok(), resource, ..Provision::default() };
        self.session.handle_frame(FROZEN, &down(m_sync::Command::Provision, &provision));
        drain(&mut self.session, &mut self.said, &mut Vec::new());
        self.said.clear();
    }

    /// Plays lines whose uplink frames are [`masked`]; how many there were.
    pub(crate) fn answer(&mut self, name: &str, lines: &[Line]) -> usize {
        let mut compared = 0;
        for (number, line) in lines.iter().enumerate() {
            match line {
                Line::Down(frame) => self.session.handle_frame(FROZEN, frame),
                Line::Closed => {
                    self.session.handle_disconnected(FROZEN);
                    self.login();
                }
                Line::Up(expected) => {
                    let got = self.said.pop_front().unwrap_or_else(|| {
                        panic!("{name}, line {number}: the SDK sends {}, the session nothing", show(expected))
                    });
                    assert_eq!(show(&masked(&got)), show(expected), "{name}, line {number}");
                    compared += 1;
                }
                Line::Opened | Line::SendWhileDown => {}
            }
            drain(&mut self.session, &mut self.said, &mut Vec::new());
        }
        let more = self.said.front().map(show);
        assert!(more.is_none(), "{name}: the SDK sends nothing more, the session {}", more.unwrap());
        compared
    }
}

/// What a session reports when PROVISION is answered with this status.
pub(crate) fn login_answer(generation: Generation, code: i32, reason: &str) -> Vec<Output> {
    let (error_code, reason) = (Some(code), Some(reason.to_owned()));
    let status = Some(Status { error_code, reason, ..Status::default() });
    let app_key = "easemob-demo#chatdemoui";
    let mut session = Session::new(Config::new(generation, app_key, "alice", Secret::new("LABTOKEN")));
    session.handle_connected(FROZEN);
    session.handle_frame(
        FROZEN,
        &down(m_sync::Command::Provision, &Provision { status, ..Provision::default() }),
    );
    std::iter::from_fn(|| session.poll_output()).collect()
}
