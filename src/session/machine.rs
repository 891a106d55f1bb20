//! The state machine itself: what is valid when, and which flow each input belongs to.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    Answer, Config, Delivered, LoginFailure, Loss, Misbehaviour, Output,
    heartbeat::{self, Heartbeat},
    offline::Offline,
    outbox::Outbox,
    queues::Queues,
    sending::{Origin, Sending},
};
use crate::protocol::{
    downlink::{self, Downlink, Page, Seen},
    event::Event,
    generation::Generation,
    id::{LocalId, LocalIds},
    message::Outgoing,
    secret::Secret,
    time::Moment,
    uplink::{Identity, Sender},
};

/// One client's MSync session, over any number of connections.
///
/// Inputs are [`Self::handle_connected`], [`Self::handle_frame`], [`Self::handle_disconnected`],
/// [`Self::handle_timeout`] and [`Self::send`], in any order; none of them panics. After each of
/// them, [`Self::poll_transmit`] and [`Self::poll_output`] want to be emptied.
#[derive(Debug)]
pub struct Session {
    pub(super) state: State,
    pub(super) outbox: Outbox,
    pub(super) token: Secret,
    pub(super) device: Option<Arc<str>>,
    pub(super) patience: Patience,
    /// Whether the page counts as logged in: from a login until the server says to leave.
    pub(super) admitted: bool,
    pub(super) first_connected: Option<Moment>,
    pub(super) ids: LocalIds,
    pub(super) heartbeat: Heartbeat,
    pub(super) queues: Queues,
    pub(super) page: Page,
    pub(super) seen: Seen,
    pub(super) offline: Offline,
    pub(super) sending: Sending,
    pub(super) outputs: VecDeque<Output>,
}

/// What is valid at a time.
#[derive(Debug)]
pub(super) enum State {
    /// There is no connection, and one may come.
    AwaitConnection,
    /// PROVISION is out.
    AwaitProvision {
        /// When its answer is overdue.
        deadline: Moment,
    },
    /// Logged in.
    Online,
    /// Login failed: the connection stands, and nothing is said on it any more.
    LoginFailed,
    /// The server told this device to leave, and the connection is gone. A new one starts over.
    Closed,
}

/// How long a session waits for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) heartbeat: Duration,
    pub(super) provision: Duration,
    pub(super) operation: Duration,
}

impl Session {
    /// A session that awaits its first connection.
    pub fn new(config: Config) -> Self {
        let page = Page {
            api_url: config.api_url,
            attachments: config.attachments,
            delivery: config.delivery,
            ..Page::new(config.generation, Arc::clone(&config.user))
        };
        Self {
            state: State::AwaitConnection,
            outbox: Outbox::new(Sender {
                generation: config.generation,
                identity: Identity {
                    app_key: config.app_key.to_string(),
                    user: config.user.to_string(),
                    resource: String::new(),
                },
            }),
            token: config.token,
            device: config.device,
            patience: Patience {
                heartbeat: config.heartbeat,
                provision: config.provision_timeout,
                operation: config.operation_timeout,
            },
            admitted: false,
            first_connected: None,
            ids: LocalIds::default(),
            heartbeat: Heartbeat::new(),
            queues: Queues::default(),
            page,
            seen: Seen::default(),
            offline: Offline::default(),
            sending: Sending::default(),
            outputs: VecDeque::new(),
        }
    }

    /// The SDK generation that it plays.
    pub const fn generation(&self) -> Generation {
        self.outbox.sender.generation
    }

    /// Who it is: app, user and, once connected, resource.
    pub const fn identity(&self) -> &Identity {
        &self.outbox.sender.identity
    }

    /// Whether it is logged in on a connection that stands.
    pub const fn is_online(&self) -> bool {
        matches!(self.state, State::Online)
    }

    /// The next local id, as `getUniqueId` makes it.
    pub const fn next_id(&mut self, now: Moment) -> LocalId {
        self.ids.next(now)
    }

    /// The transport can carry frames: PROVISION goes out.
    pub fn handle_connected(&mut self, now: Moment) {
        if !matches!(self.state, State::AwaitConnection | State::Closed) {
            self.handle_disconnected(now);
        }
        self.queues.handle_connected();
        self.begin_login(now);
    }

    /// One MSync arrived: its bare bytes, without base64 or SockJS around them.
    pub fn handle_frame(&mut self, now: Moment, frame: &Bytes) {
        if !matches!(self.state, State::AwaitProvision { .. } | State::Online) {
            return;
        }
        self.heartbeat.hear(now);
        match downlink::decode(self.generation(), frame) {
            Ok(Downlink::Batch(batch)) => self.handle_batch(now, batch),
            Ok(Downlink::EndOfQueue { queue }) => self.handle_end(now, queue.as_ref()),
            Ok(Downlink::Answer(answer)) => self.handle_answer(answer),
            Ok(Downlink::Notice { queue }) => self.handle_notice(now, queue),
            Ok(Downlink::Unread { queues }) => self.handle_unread(now, &queues),
            Ok(Downlink::Provisioned(provisioned)) => self.handle_provisioned(now, *provisioned),
            // The SDK ignores commands that it does not know.
            Ok(Downlink::Ignored { .. }) => {}
            Err(undecodable) => {
                self.misbehaved(Misbehaviour::Undecodable(undecodable));
                self.call_back(undecodable.event(self.generation()));
            }
        }
    }

    /// The connection is gone, for whatever reason. Frames not yet polled are gone with it.
    pub fn handle_disconnected(&mut self, _now: Moment) {
        let next = match self.state {
            State::AwaitConnection | State::Closed => return,
            State::Online if !self.admitted => State::Closed,
            State::AwaitProvision { .. } | State::Online | State::LoginFailed => State::AwaitConnection,
        };
        self.outbox.clear();
        let lost = match next {
            State::Closed => self.sending.give_up_all(),
            _ => self.sending.give_up_written(),
        };
        self.report_lost(lost, Loss::Disconnected);
        self.state = next;
    }

    /// The moment of [`Self::poll_timeout`] has come. Harmless when it has not.
    pub fn handle_timeout(&mut self, now: Moment) {
        while let Some((id, origin)) = self.sending.expire(now) {
            self.report(id, origin, Answer::TimedOut);
        }
        if matches!(self.state, State::AwaitProvision { deadline } if deadline <= now) {
            self.fail_login(LoginFailure::TimedOut);
        }
        if matches!(self.state, State::AwaitProvision { .. } | State::Online) {
            let period = heartbeat::period(self.outbox.sender.generation, self.patience.heartbeat);
            if self.heartbeat.is_due(now, period, self.outbox.sender.generation) {
                self.outbox.unread(now);
            }
            while let Some(queue) = self.queues.due_refetch(now) {
                self.outbox.fetch(now, &queue);
            }
        }
    }

    /// Sends one message, receipt or recall. Ends in exactly one [`Output::Answered`] with its id;
    /// the same id can be sent again, each time with an answer of its own.
    pub fn send(&mut self, now: Moment, outgoing: &Outgoing) {
        self.send_from(now, outgoing, Origin::Driver);
    }

    /// The next frame to write, bare MSync bytes.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        self.outbox.poll()
    }

    /// The next report.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if output.is_none() && self.outputs.capacity() > 0 {
            // A burst must not keep its memory while the session idles.
            self.outputs = VecDeque::new();
        }
        output
    }

    /// When to call [`Self::handle_timeout`], if nothing else happens before.
    pub fn poll_timeout(&self) -> Option<Moment> {
        let connected = match self.state {
            State::AwaitProvision { deadline } => {
                [Some(deadline), self.heartbeat.next(), self.queues.next_refetch()]
            }
            State::Online => [None, self.heartbeat.next(), self.queues.next_refetch()],
            State::AwaitConnection | State::LoginFailed | State::Closed => [None; 3],
        };
        connected.into_iter().chain([self.sending.next_deadline()]).flatten().min()
    }

    pub(super) fn misbehaved(&mut self, misbehaviour: Misbehaviour) {
        self.outputs.push_back(Output::Misbehaved(misbehaviour));
    }

    /// The page is told what belongs to no queue.
    pub(super) fn call_back(&mut self, event: Option<Event>) {
        let delivered = event.map(|event| Delivered { queue: None, key: None, event });
        self.outputs.extend(delivered.map(Box::new).map(Output::Delivered));
    }
}
