//! PROVISION, and how each generation names its device in it.

use bytes::Bytes;
use prost::Message;

use super::{Device, Sender, envelope};
use crate::protocol::{
    generation::Generation,
    schema::{EncryptType, Jid, MSync, Provision, m_sync, provision},
    secret::Secret,
    time::Moment,
    trace::TraceId,
};

/// What precedes a token on the wire.
const TOKEN_PREFIX: &str = "$t$";
/// The device name of a client without the option `deviceId`.
const DEVICE: &str = "webim";

/// The three names of a device in PROVISION.
struct Names {
    uuid: String,
    name: String,
    resource: String,
}

impl Device {
    /// The resource that the client announces.
    pub fn resource(&self, generation: Generation) -> String {
        self.names(generation).resource
    }

    fn names(&self, generation: Generation) -> Names {
        match self {
            Self::Stamped(at) => {
                let uuid = format!("{}{}", generation.resource_infix(), at.as_millis());
                Names { resource: format!("{DEVICE}_{uuid}"), name: DEVICE.to_owned(), uuid }
            }
            Self::Fixed(id) => {
                let infix = match generation {
                    Generation::V3_6_3 | Generation::V4_0_8 => "",
                    Generation::V4_21_1 => generation.resource_infix(),
                };
                let name = format!("{DEVICE}_{infix}{id}");
                Names { uuid: name.clone(), name: name.clone(), resource: name }
            }
        }
    }
}

/// PROVISION; `now` goes into the session id of 4.21.1.
pub(super) fn provision(
    sender: &Sender,
    token: &Secret,
    device: &Device,
    now: Moment,
    trace: Option<TraceId>,
) -> Bytes {
    let generation = sender.generation;
    let auth = format!("{TOKEN_PREFIX}{}", token.reveal());
    let names = device.names(generation);
    let guid = Jid::device(&sender.identity.app_key, &sender.identity.user, &names.resource);
    let mut payload = Provision {
        os_type: Some(provision::OsType::OsOther.into()),
        version: Some(generation.version().to_owned()),
        compress_type: vec![provision::CompressType::CompressNone.into()],
        encrypt_type: vec![EncryptType::EncryptNone.into()],
        device_uuid: Some(names.uuid),
        device_name: Some(names.name),
        resource: Some(names.resource),
        ..Provision::default()
    };
    match generation {
        Generation::V3_6_3 => payload.auth = Some(auth.clone()),
        Generation::V4_0_8 => {
            payload.auth = Some(auth.clone());
            payload.action_version = Some("v1.0".to_owned());
        }
        Generation::V4_21_1 => {
            payload.auth_token = Some(format!("{{\"token\":\"{auth}\"}}"));
            payload.action_version = Some("v5.2".to_owned());
            payload.session_id = Some(format!("{}:", now.as_millis()));
            payload.protocol_compress_type = vec![provision::CompressType::CompressLz4.into()];
        }
    }
    MSync {
        guid: Some(guid),
        auth: Some(auth),
        // The SDK assigns the device's name to this number, which makes it 0.
        device_id: Some(0),
        ..envelope::msync(sender, m_sync::Command::Provision, Some(payload.encode_to_vec()), trace)
    }
    .encode_to_vec()
    .into()
}
