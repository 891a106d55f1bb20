//! What a recorded frame says, read with the schema alone.

use chatproof::protocol::{
    generation::Generation,
    schema::{CommSyncUl, MSync, MessageBody, Meta},
    secret::Secret,
    trace::TraceId,
    uplink::{Identity, Sender},
};
use prost::Message;

/// The app of every recording.
pub(super) const APP_KEY: &str = "easemob-demo#chatdemoui";

/// A frame that SYNCs something upwards.
pub(super) struct Sync {
    pub(super) msync: MSync,
    pub(super) payload: CommSyncUl,
}

impl Sync {
    pub(super) fn of(frame: &[u8]) -> Self {
        let msync = MSync::decode(frame).unwrap();
        let payload = CommSyncUl::decode(msync.payload.clone().unwrap()).unwrap();
        Self { msync, payload }
    }

    pub(super) fn meta(&self) -> &Meta {
        self.payload.meta.as_ref().unwrap()
    }

    pub(super) fn body(&self) -> MessageBody {
        MessageBody::decode(self.meta().payload.clone().unwrap()).unwrap()
    }

    pub(super) fn trace(&self) -> Option<TraceId> {
        self.msync.trace_id.map(TraceId)
    }
}

/// A sender of the recordings.
pub(super) fn sender(generation: Generation, user: &str, resource: &str) -> Sender {
    Sender {
        generation,
        identity: Identity {
            app_key: APP_KEY.to_owned(),
            user: user.to_owned(),
            resource: resource.to_owned(),
        },
    }
}

/// The generation of that name.
pub(super) fn generation(name: &str) -> Generation {
    name.parse().unwrap()
}

/// The trace id of a frame.
pub(super) fn trace(frame: &[u8]) -> Option<TraceId> {
    MSync::decode(frame).unwrap().trace_id.map(TraceId)
}

/// Bytes as text that shows where two frames part.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The token with which a frame logs in.
pub(super) fn token(frame: &[u8]) -> Secret {
    let auth = MSync::decode(frame).unwrap().auth.unwrap();
    Secret::new(auth.strip_prefix("$t$").unwrap())
}
