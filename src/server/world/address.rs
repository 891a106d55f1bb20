//! Addresses as they travel, encoded once and shared by everything that names them.

use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use prost::Message as _;

use super::frame;
use crate::protocol::schema::Jid;

/// The address of a user, group or room. Cloning shares it.
pub(super) type Address = Arc<Encoded>;

/// An address and its frames.
#[derive(Debug)]
pub(super) struct Encoded {
    /// The bare name, folded.
    pub(super) name: Box<str>,
    /// Whether it is a group or a room.
    pub(super) is_conference: bool,
    /// The encoded JID, without a resource.
    pub(super) jid: Bytes,
    /// The whole NOTICE frame that says that its queue holds something.
    pub(super) notice: Bytes,
}

/// The address of a user.
pub(super) fn user(app_key: &str, name: &str) -> Address {
    encode(name, &Jid::user(app_key, name))
}

/// The address of a group or room.
pub(super) fn conference(app_key: &str, id: &str) -> Address {
    encode(id, &Jid::conference(app_key, id))
}

/// The encoded JID of one device of a user.
pub(super) fn device(user: &Address, resource: &str) -> Bytes {
    let resource = Jid { client_resource: Some(resource.to_owned()), ..Jid::default() };
    // The resource is the last field, and the others are encoded already.
    let mut jid = BytesMut::with_capacity(user.jid.len() + resource.encoded_len());
    jid.put_slice(&user.jid);
    jid.put_slice(&resource.encode_to_vec());
    jid.freeze()
}

fn encode(name: &str, jid: &Jid) -> Address {
    let encoded = Bytes::from(jid.encode_to_vec());
    let notice = frame::notice(&encoded);
    Arc::new(Encoded { name: name.into(), is_conference: jid.is_conference(), jid: encoded, notice })
}
