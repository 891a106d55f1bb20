//! The same protobuf message with its fields in another order.

use bytes::Buf;
use prost::{
    bytes::BufMut,
    encoding::{WireType, decode_key, decode_varint, encode_key, encode_varint},
};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// A message type, as far as shuffling goes into it: the fields that are messages again.
struct Shape(&'static [(u32, &'static Self)]);

static FLAT: Shape = Shape(&[]);
static CONTENT: Shape = Shape(&[(11, &FLAT), (13, &FLAT), (20, &FLAT)]);
static BODY: Shape = Shape(&[(2, &FLAT), (3, &FLAT), (4, &CONTENT), (5, &FLAT), (7, &FLAT)]);
static CHAT_META: Shape = Shape(&[(2, &FLAT), (3, &FLAT), (6, &BODY), (8, &FLAT)]);
static META: Shape = Shape(&[(2, &FLAT), (3, &FLAT), (6, &FLAT)]);
static SYNC: Shape = Shape(&[(1, &FLAT), (4, &META), (6, &FLAT)]);
static MSYNC: Shape = Shape(&[(2, &FLAT), (9, &SYNC)]);

/// A SYNC frame with its fields in another order at every depth; fields of one number keep theirs.
/// `None` if it is no SYNC, or no message at all.
pub(super) fn shuffled(frame: &[u8], random: &mut ChaCha8Rng) -> Option<Vec<u8>> {
    let is_sync = split(frame)?.iter().all(|field| field.number != 8 || field.body == [0]);
    is_sync.then(|| shuffle(frame, &MSYNC, random))?
}

fn shuffle(message: &[u8], shape: &'static Shape, random: &mut ChaCha8Rng) -> Option<Vec<u8>> {
    let mut fields = split(message)?;
    // Only the payload of a CHAT item is known to be a MessageBody.
    let is_chat =
        std::ptr::eq(shape, &META) && fields.iter().any(|field| field.number == 5 && field.body == [1]);
    let shape = if is_chat { &CHAT_META } else { shape };
    for field in &mut fields {
        if let Some((_, inner)) = shape.0.iter().find(|(number, _)| *number == field.number) {
            field.body = shuffle(&field.body, inner, random)?;
        }
    }
    let mut order: Vec<_> = (0..fields.len()).collect();
    order.shuffle(random);
    // Repeated fields go back into their order.
    let mut numbers: Vec<_> = fields.iter().map(|field| field.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut placed = vec![usize::MAX; fields.len()];
    for number in numbers {
        let of_number = |index: &usize| fields[*index].number == number;
        let places: Vec<_> = (0..order.len()).filter(|place| of_number(&order[*place])).collect();
        for (place, index) in places.into_iter().zip((0..fields.len()).filter(of_number)) {
            placed[place] = index;
        }
    }
    let mut bytes = Vec::new();
    placed.into_iter().for_each(|index| fields[index].write(&mut bytes));
    Some(bytes)
}

struct Field {
    number: u32,
    wire: WireType,
    body: Vec<u8>,
}

impl Field {
    fn write(&self, to: &mut Vec<u8>) {
        encode_key(self.number, self.wire, to);
        if self.wire == WireType::LengthDelimited {
            encode_varint(self.body.len() as u64, to);
        }
        to.put_slice(&self.body);
    }
}

fn split(mut message: &[u8]) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while message.has_remaining() {
        let (number, wire) = decode_key(&mut message).ok()?;
        let length = match wire {
            WireType::Varint => {
                let before = message;
                decode_varint(&mut message).ok()?;
                let length = before.len() - message.len();
                message = before;
                length
            }
            WireType::SixtyFourBit => 8,
            WireType::ThirtyTwoBit => 4,
            WireType::LengthDelimited => decode_varint(&mut message).ok()?.try_into().ok()?,
            WireType::StartGroup | WireType::EndGroup => return None,
        };
        let (body, rest) = message.split_at_checked(length)?;
        fields.push(Field { number, wire, body: body.to_vec() });
        message = rest;
    }
    Some(fields)
}
