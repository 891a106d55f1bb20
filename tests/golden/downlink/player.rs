//! A page with all handlers, played frame by frame: what `session` does of it, as far as the
//! recordings ask for it.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use chatproof::protocol::{
    downlink::{Answer, Batch, Downlink, Effect, Page, Seen, Undecodable, decode},
    event::{Call, Detail, Event, SdkError, Via, calls},
    generation::Generation,
    id::{LocalId, ServerId},
    refusal::{self, Outcome},
    schema::{CommSyncUl, Jid, MSync},
    secret::Secret,
};
use prost::Message as _;
use serde_json::{Value, json};

/// How something that was sent ended, as the recordings write it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ending {
    /// `success`, `fail`, `resolve` or `reject`.
    pub(super) how: &'static str,
    pub(super) args: Vec<Value>,
}

pub(super) struct Player {
    pub(super) page: Page,
    token: Secret,
    seen: Seen,
    /// The queues whose offline messages 4.21.1 awaits.
    offline: Option<Vec<String>>,
    /// What was sent and is not forgotten, by id.
    pending: HashMap<u64, Sent>,
    settled: Vec<u64>,
    /// Who is on the block list when the SDK asks.
    pub(super) blocklist: Vec<String>,
    /// The delivered receipts that the SDK should send.
    pub(super) acknowledged: Vec<(String, ServerId)>,
    pub(super) endings: Vec<Ending>,
}

#[derive(Clone)]
pub(super) struct Sent {
    pub(super) to: String,
    pub(super) kind: Kind,
}

/// Something that was sent, as far as its ending depends on it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Message,
    Recall,
    WithoutCallbacks,
}

impl Player {
    pub(super) fn new(page: Page, token: &str) -> Self {
        Self {
            page,
            token: Secret::new(token),
            seen: Seen::default(),
            offline: None,
            pending: HashMap::new(),
            settled: Vec::new(),
            blocklist: Vec::new(),
            acknowledged: Vec::new(),
            endings: Vec::new(),
        }
    }

    pub(super) fn sent(&mut self, id: u64, sent: Sent) {
        self.pending.insert(id, sent);
    }

    pub(super) fn is_pending(&self, id: u64) -> bool {
        self.pending.contains_key(&id)
    }

    /// Takes note of what the SDK sent.
    pub(super) fn saw_uplink(&mut self, frame: &[u8]) {
        let sync = MSync::decode(frame).unwrap();
        let uplink = CommSyncUl::decode(sync.payload.unwrap_or_default()).unwrap_or_default();
        if let Some(meta) = uplink.meta {
            let to = meta.to.and_then(|to| to.name).unwrap_or_default();
            if meta.ns == Some(1) {
                self.sent(meta.id.unwrap_or_default(), Sent { to, kind: Kind::WithoutCallbacks });
            }
        }
    }

    /// All calls of the frames that arrive in one turn of the event loop.
    pub(super) fn turn(&mut self, frames: &[Vec<u8>]) -> Vec<Call> {
        let batches: Vec<_> = frames.iter().map(|frame| self.frame(frame)).collect();
        let mut made = calls(&batches, Some(&self.token));
        // The block list comes with a REST answer, after everything else.
        let (late, now): (Vec<_>, Vec<_>) = made.drain(..).partition(|call| call.name == "onBlacklistUpdate");
        now.into_iter().chain(late).collect()
    }

    fn frame(&mut self, frame: &[u8]) -> Vec<Option<Event>> {
        match decode(self.page.generation, &Bytes::copy_from_slice(frame)) {
            Ok(Downlink::Batch(batch)) => self.batch(&batch),
            Ok(Downlink::Answer(answer)) => self.answer(&answer).into_iter().map(Some).collect(),
            Ok(Downlink::Provisioned(provisioned)) => {
                provisioned.event(self.page.generation).into_iter().map(Some).collect()
            }
            Ok(Downlink::Unread { queues }) => self.offline_queues(queues),
            Ok(Downlink::EndOfQueue { queue }) => self.offline_end(queue),
            Ok(_) => Vec::new(),
            Err(undecodable) => self.undecodable(undecodable),
        }
    }

    pub(super) fn undecodable(&self, undecodable: Undecodable) -> Vec<Option<Event>> {
        undecodable.event(self.page.generation).into_iter().map(Some).collect()
    }

    fn offline_queues(&mut self, queues: Vec<Option<Jid>>) -> Vec<Option<Event>> {
        if self.page.generation != Generation::V4_21_1 || self.offline.is_some() || queues.is_empty() {
            return Vec::new();
        }
        self.offline = Some(queues.into_iter().flatten().filter_map(|queue| queue.name).collect());
        vec![Some(self.event(Detail::SyncStarted))]
    }

    fn offline_end(&mut self, queue: Option<Jid>) -> Vec<Option<Event>> {
        let Some(awaited) = self.offline.as_mut().filter(|awaited| !awaited.is_empty()) else {
            return Vec::new();
        };
        awaited.retain(|name| Some(name) != queue.as_ref().and_then(|queue| queue.name.as_ref()));
        if !awaited.is_empty() {
            return Vec::new();
        }
        vec![Some(self.event(Detail::SyncFinished))]
    }

    fn event(&self, detail: Detail) -> Event {
        Event { generation: self.page.generation, detail }
    }

    fn batch(&mut self, batch: &Batch) -> Vec<Option<Event>> {
        let mut effects = Vec::new();
        batch.deliver(&self.page, &mut self.seen, &mut effects);
        effects
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Event(event) => Some(Some(event)),
                Effect::Unreadable(_) => Some(None),
                Effect::FetchBlocklist => Some(Some(self.event(Detail::Blocklist(self.blocklist.clone())))),
                Effect::Acknowledge { to, message } => {
                    self.acknowledged.push((to, message));
                    None
                }
            })
            .collect()
    }

    fn answer(&mut self, answer: &Answer) -> Vec<Event> {
        let generation = self.page.generation;
        let (status, reason) = (answer.status, answer.reason.as_deref());
        let outcome = refusal::outcome(generation, status, reason);
        let pending = self.pending.get(&answer.id.0).cloned();
        let mut events = Vec::new();
        if outcome == Outcome::Muted && generation != Generation::V4_21_1 {
            events.push(self.event(Detail::Muted { mid: answer.mid }));
        }
        let Some(sent) = pending else {
            // What has a rule of its own is passed over in silence, everything else is an error.
            let is_known = matches!(status, Some(0 | 1 | 15 | 19))
                || (status == Some(7) && outcome != Outcome::Refused(604))
                || (status.is_none() && generation == Generation::V4_21_1);
            if !is_known {
                events.push(self.event(Detail::Error(Box::new(SdkError::unexpected_answer()))));
            }
            return events;
        };
        if sent.kind != Kind::WithoutCallbacks {
            self.end(answer, outcome, sent.kind);
        }
        if outcome == Outcome::Success {
            let (id, mid) = (answer.id, answer.mid);
            events.push(self.event(Detail::Received { id, mid, to: sent.to }));
        }
        if !refusal::keeps_pending(generation, status, reason) {
            self.pending.remove(&answer.id.0);
        }
        events
    }

    fn end(&mut self, answer: &Answer, outcome: Outcome, kind: Kind) {
        let generation = self.page.generation;
        let Answer { id, mid, status, .. } = *answer;
        let reason = answer.reason.as_deref();
        let (id_text, mid_text) = (id.to_string(), mid.to_string());
        if outcome == Outcome::Success {
            let mut args = vec![Value::from(id_text), mid_text.into()];
            if kind == Kind::Recall && generation == Generation::V4_21_1 {
                args.pop();
            }
            self.endings.push(Ending { how: "success", args });
        } else if let Some(argument) = refusal::fail_argument(generation, id, mid, status, reason) {
            self.endings.push(Ending { how: "fail", args: vec![argument] });
        }
        if generation == Generation::V3_6_3 || self.settled.contains(&id.0) {
            return;
        }
        if outcome == Outcome::Success {
            let value = json!({"localMsgId": id.to_string(), "serverMsgId": mid.to_string()});
            self.endings.push(Ending { how: "resolve", args: vec![value] });
        } else if let Some(value) = refusal::rejection(generation, id, mid, status, reason) {
            self.endings.push(Ending { how: "reject", args: vec![value] });
        } else {
            return;
        }
        self.settled.push(id.0);
    }
}

/// The MSyncs in a SockJS frame; `None` for a message that is no base64, nothing for other frames.
pub(super) fn sockjs(frame: &str) -> Vec<Option<Vec<u8>>> {
    let messages: Vec<String> = match frame.split_at_checked(1) {
        Some(("a", rest)) => serde_json::from_str(rest).unwrap_or_default(),
        Some(("m", rest)) => serde_json::from_str(rest).into_iter().collect(),
        _ => Vec::new(),
    };
    messages.iter().map(|message| lenient(message)).collect()
}

/// The SDK's own base64 reader passes over what is no base64.
fn lenient(text: &str) -> Option<Vec<u8>> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    STANDARD.decode(text.bytes().filter(is_base64).collect::<Vec<_>>()).ok()
}

/// The name of a handler's kind, as the recordings write it.
pub(super) fn via(call: &Call) -> &'static str {
    match call.via {
        Via::Listen => "listen",
        Via::EventHandler => "eventHandler",
    }
}

/// The id that a recording writes as a text.
pub(super) fn local_id(text: &str) -> LocalId {
    LocalId(text.parse().unwrap())
}
