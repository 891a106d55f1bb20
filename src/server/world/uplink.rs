//! Frames that come up, read only as far as the server needs; the rest is skipped, not built.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use prost::{
    DecodeError, Message,
    encoding::{DecodeContext, WireType, decode_key, encode_key, encode_varint, skip_field},
};

/// `MSync`, without what clients say about themselves.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Frame {
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub(super) guid: Option<Bytes>,
    #[prost(string, optional, tag = "3")]
    pub(super) auth: Option<String>,
    #[prost(int32, optional, tag = "8")]
    pub(super) command: Option<i32>,
    #[prost(bytes = "bytes", optional, tag = "9")]
    pub(super) payload: Option<Bytes>,
}

/// `CommSyncUL`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Sync {
    #[prost(message, optional, tag = "1")]
    pub(super) meta: Option<Meta>,
    #[prost(uint64, optional, tag = "2")]
    pub(super) key: Option<u64>,
    #[prost(bytes = "bytes", optional, tag = "3")]
    pub(super) queue: Option<Bytes>,
}

/// `Meta`. The sender is the session's user, whatever the frame says.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Meta {
    #[prost(uint64, optional, tag = "1")]
    pub(super) id: Option<u64>,
    /// Read by a fault alone.
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub(super) from: Option<Bytes>,
    #[prost(message, optional, tag = "3")]
    pub(super) to: Option<Target>,
    #[prost(int32, optional, tag = "5")]
    pub(super) ns: Option<i32>,
    #[prost(bytes = "bytes", optional, tag = "6")]
    pub(super) payload: Option<Bytes>,
    #[prost(int32, optional, tag = "7")]
    pub(super) route: Option<i32>,
    #[prost(bytes = "bytes", repeated, tag = "8")]
    pub(super) ext: Vec<Bytes>,
    #[prost(string, repeated, tag = "10")]
    pub(super) directed_users: Vec<String>,
}

/// The part of a JID that says who is meant.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Target {
    #[prost(string, optional, tag = "2")]
    pub(super) name: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) domain: Option<String>,
}

/// `MessageBody`: what the checks read.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Body {
    #[prost(int32, optional, tag = "1")]
    pub(super) kind: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(super) from: Option<Target>,
    #[prost(message, optional, tag = "3")]
    pub(super) to: Option<Target>,
    #[prost(message, repeated, tag = "4")]
    pub(super) contents: Vec<Content>,
    #[prost(uint64, optional, tag = "6")]
    pub(super) ack_message_id: Option<u64>,
    #[prost(message, optional, tag = "7")]
    pub(super) config: Option<Config>,
}

/// `MessageBody.MessageConfig`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Config {
    #[prost(bool, optional, tag = "1")]
    pub(super) allow_group_ack: Option<bool>,
}

/// `MessageBody.Content`: what the checks read.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Content {
    #[prost(int32, optional, tag = "1")]
    pub(super) kind: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) text: Option<String>,
}

const FROM: u32 = 2;
const TO: u32 = 3;
const CONFIG: u32 = 7;

/// The body with its `from` and `to` replaced by bare names; every other field stays as it came,
/// known or not.
///
/// # Errors
/// The body is no protobuf message.
pub(super) fn with_parties(body: &Bytes, from: &str, to: &str) -> Result<Bytes, DecodeError> {
    let mut out = BytesMut::with_capacity(body.len() + from.len() + to.len() + 8);
    let mut rest = body.clone();
    let mut parties_written = false;
    while rest.has_remaining() {
        let field = rest.clone();
        let (tag, wire_type) = decode_key(&mut rest)?;
        skip_field(wire_type, tag, &mut rest, DecodeContext::default())?;
        // Fields are kept in ascending order, as every known client writes them.
        if tag > TO && !parties_written {
            write_parties(&mut out, from, to);
            parties_written = true;
        }
        if tag != FROM && tag != TO {
            out.put_slice(&field[..field.len() - rest.len()]);
        }
    }
    if !parties_written {
        write_parties(&mut out, from, to);
    }
    Ok(out.freeze())
}

/// The body without its `msgConfig`; every other field stays as it came, known or not.
///
/// # Errors
/// The body is no protobuf message.
pub(super) fn without_config(body: &Bytes) -> Result<Bytes, DecodeError> {
    let mut out = BytesMut::with_capacity(body.len());
    let mut rest = body.clone();
    while rest.has_remaining() {
        let field = rest.clone();
        let (tag, wire_type) = decode_key(&mut rest)?;
        skip_field(wire_type, tag, &mut rest, DecodeContext::default())?;
        if tag != CONFIG {
            out.put_slice(&field[..field.len() - rest.len()]);
        }
    }
    Ok(out.freeze())
}

/// Whether a body has no field of `ext`.
pub(super) fn has_no_ext(body: &Bytes) -> bool {
    crate::protocol::schema::MessageBody::decode(body.clone()).is_ok_and(|body| body.ext.is_empty())
}

fn write_parties(out: &mut BytesMut, from: &str, to: &str) {
    for (tag, name) in [(FROM, from), (TO, to)] {
        let jid = Target { name: Some(name.to_owned()), domain: None };
        encode_key(tag, WireType::LengthDelimited, out);
        encode_varint(jid.encoded_len() as u64, out);
        jid.encode_raw(out);
    }
}
