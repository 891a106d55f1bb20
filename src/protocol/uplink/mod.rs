//! What a client sends, as the bytes that the genuine SDK of its generation sends.
//!
//! A [`Sender`] is who sends and in which generation; each method makes one whole MSync, bare
//! bytes without transport framing. Equal arguments give equal bytes.

use bytes::Bytes;

use super::{
    generation::Generation, id::LocalId, message::Outgoing, schema::Jid, secret::Secret, time::Moment,
    trace::TraceId,
};

mod address;
mod contents;
mod envelope;
mod login;
mod message;
mod queue;
mod room;
mod roster;

pub use room::RoomRequest;
pub use roster::{Contact, RosterRequest};

/// Who sends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// The app, `org#app`.
    pub app_key: String,
    /// The user's name, in the case given.
    pub user: String,
    /// The device, as the answer to PROVISION names it.
    pub resource: String,
}

impl Identity {
    /// The full address: user, domain and device.
    pub fn jid(&self) -> Jid {
        Jid::device(&self.app_key, &self.user, &self.resource)
    }
}

/// One client in one generation: turns what it says into frames.
///
/// `trace` goes into frames of 4.21.1, which leave the field out when it is `None`; the other
/// generations know no trace ids.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The generation to sound like.
    pub generation: Generation,
    /// Who sends.
    pub identity: Identity,
}

/// How a client names its device when it logs in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Device {
    /// Without the option `deviceId`: a name that carries the time of the (first) login.
    Stamped(Moment),
    /// With the option `deviceId`: the same name at each login.
    Fixed(String),
}

impl Sender {
    /// PROVISION: logs in with `token`, from [`Device::resource`] whatever the identity says.
    pub fn provision(&self, token: &Secret, device: &Device, now: Moment, trace: Option<TraceId>) -> Bytes {
        login::provision(self, token, device, now, trace)
    }

    /// UNREAD: asks which queues hold something; also the heartbeat.
    pub fn unread(&self, trace: Option<TraceId>) -> Bytes {
        envelope::unread(self, trace)
    }

    /// STATISTIC, as sent after login and after answers to UNREAD.
    pub fn statistic(&self, now: Moment, trace: Option<TraceId>) -> Bytes {
        envelope::statistic(self, now, trace)
    }

    /// SYNC that asks for what `queue` holds; the queue is echoed field for field.
    pub fn fetch(&self, queue: &Jid, trace: Option<TraceId>) -> Bytes {
        queue::fetch(self, queue, trace)
    }

    /// SYNC that acknowledges a batch by its `nextKey` (0 if it had none) and asks for more.
    pub fn acknowledge(&self, key: u64, queue: Option<&Jid>, trace: Option<TraceId>) -> Bytes {
        queue::acknowledge(self, key, queue, trace)
    }

    /// A message, receipt or recall.
    pub fn message(&self, outgoing: &Outgoing, trace: Option<TraceId>) -> Bytes {
        message::encode(self, outgoing, trace)
    }

    /// A change to the contact list or block list.
    pub fn roster(&self, id: LocalId, request: &RosterRequest, trace: Option<TraceId>) -> Bytes {
        roster::encode(self, id, request, trace)
    }

    /// Joins or leaves a chat room, as 4.21.1 does it; the other generations use REST.
    pub fn room(&self, id: LocalId, room: &str, request: &RoomRequest, trace: Option<TraceId>) -> Bytes {
        room::encode(self, id, room, request, trace)
    }
}
