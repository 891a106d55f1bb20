//! The state machine itself: what is valid when, and what each input leads to.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{Answer, Config, Loss, Output};
use crate::protocol::{
    id::{LocalId, LocalIds},
    message::Outgoing,
    time::Moment,
};

/// One client's MSync session, over any number of connections.
#[derive(Debug)]
pub struct Session {
    config: Config,
    ids: LocalIds,
    outputs: VecDeque<Output>,
    transmits: VecDeque<Bytes>,
}

impl Session {
    /// A session that awaits its first connection.
    pub fn new(config: Config) -> Self {
        Self { config, ids: LocalIds::default(), outputs: VecDeque::new(), transmits: VecDeque::new() }
    }

    /// What it was told at the start.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The next local id, as `getUniqueId` makes it.
    pub const fn next_id(&mut self, now: Moment) -> LocalId {
        self.ids.next(now)
    }

    /// The transport can carry frames: PROVISION goes out.
    pub fn handle_connected(&mut self, _now: Moment) {}

    /// One MSync arrived: its bare bytes, without base64 or SockJS around them.
    pub fn handle_frame(&mut self, _now: Moment, _frame: &Bytes) {}

    /// The connection is gone, for whatever reason.
    pub fn handle_disconnected(&mut self, _now: Moment) {}

    /// The moment of [`Self::poll_timeout`] has come. Harmless when it has not.
    pub fn handle_timeout(&mut self, _now: Moment) {}

    /// Sends one message, receipt or recall. Ends in exactly one [`Output::Answered`] with its id;
    /// the same id can be sent again.
    pub fn send(&mut self, _now: Moment, outgoing: &Outgoing) {
        self.outputs.push_back(Output::Answered { id: outgoing.id, answer: Answer::Lost(Loss::NotLoggedIn) });
    }

    /// The next frame to write, bare MSync bytes.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        self.transmits.pop_front()
    }

    /// The next report.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle_timeout`], if nothing else happens before.
    pub const fn poll_timeout(&self) -> Option<Moment> {
        None
    }
}
