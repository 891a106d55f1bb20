//! Faults of how frames are read, and of numbers that do not survive it.

use bytes::{Buf as _, Bytes};
use prost::{
    Message,
    encoding::{DecodeContext, WireType, decode_key, decode_varint, encoded_len_varint, skip_field},
};

use super::{Fault, Faults};
use crate::protocol::schema::{CommSyncUl, MSync, MessageBody};

impl Faults {
    /// Whether a frame that is read well is refused all the same.
    pub(in crate::server::world) fn refuses_frame(&self, frame: &Bytes) -> bool {
        !self.is_off()
            && (has_unknown_field(frame) && self.strikes(Fault::StrictFields)
                || !layers(frame).iter().all(is_canonical) && self.strikes(Fault::StrictOrder))
    }

    /// A local id as the answer to its message bears it.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the loss is the fault"
    )]
    pub(in crate::server::world) fn local_id(&self, id: u64) -> u64 {
        if self.strikes(Fault::IdAsDouble) { id as f64 as u64 } else { id }
    }
}

/// The frame, the `CommSyncUL` in it and the body of its meta, as far as they are there.
fn layers(frame: &Bytes) -> Vec<Bytes> {
    let mut layers = vec![frame.clone()];
    let payload = MSync::decode(frame.clone()).ok().and_then(|frame| frame.payload);
    if let Some(payload) = payload {
        layers.push(payload.clone());
        let meta = CommSyncUl::decode(payload).ok().and_then(|sync| sync.meta);
        layers.extend(meta.and_then(|meta| meta.payload));
    }
    layers
}

/// Whether any layer says more than its message knows: what is not known is lost in reading.
fn has_unknown_field(frame: &Bytes) -> bool {
    fn is_longer<M: Message + Default>(layer: Option<&Bytes>) -> bool {
        layer.is_some_and(|layer| {
            M::decode(layer.clone()).is_ok_and(|read| read.encoded_len() < layer.len()) && is_canonical(layer)
        })
    }
    let layers = layers(frame);
    is_longer::<MSync>(layers.first())
        || is_longer::<CommSyncUl>(layers.get(1))
        || is_longer::<MessageBody>(layers.get(2))
}

/// Whether the fields of a message ascend, and its keys, lengths and numbers are as short as they
/// can be. What is no message has none.
fn is_canonical(message: &Bytes) -> bool {
    let mut rest = message.clone();
    let mut last = 0;
    while rest.has_remaining() {
        let before = rest.clone();
        let Ok((tag, wire_type)) = decode_key(&mut rest) else { return true };
        let key = u64::from(tag) << 3 | wire_type as u64;
        if tag < last || before.len() - rest.len() != encoded_len_varint(key) {
            return false;
        }
        last = tag;
        if matches!(wire_type, WireType::Varint | WireType::LengthDelimited) {
            let mut number = rest.clone();
            let Ok(value) = decode_varint(&mut number) else { return true };
            if rest.len() - number.len() != encoded_len_varint(value) {
                return false;
            }
        }
        if skip_field(wire_type, tag, &mut rest, DecodeContext::default()).is_err() {
            return true;
        }
    }
    true
}
