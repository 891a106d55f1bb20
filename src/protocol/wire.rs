//! Protobuf fields as they stand in the bytes: order, duplicates, over-long varints and all.
//!
//! No typed decoder shows these, so conformance, reports and mutation of frames walk the bytes
//! themselves. The walker knows no schema, allocates nothing and never panics.

use std::fmt;

/// Groups inside groups that are followed; a sane message has none at all.
const MAX_GROUP_DEPTH: usize = 32;
/// The most bytes that a varint of 64 bits takes.
const MAX_VARINT: usize = 10;

/// One field as it stands in a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Field<'a> {
    /// The field number, 1 to 2²⁹ − 1.
    pub number: u32,
    /// Where its tag begins, in bytes from the beginning of the walked bytes.
    pub offset: usize,
    /// What it holds.
    pub value: Value<'a>,
    /// Whether its tag, value or length is a varint with needless bytes.
    pub overlong: bool,
}

/// What a field holds, by wire type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Value<'a> {
    /// Wire type 0: int32, int64, uint32, uint64, bool, enum.
    Varint(u64),
    /// Wire type 1: double and fixed 64-bit integers.
    Fixed64(u64),
    /// Wire type 2: string, bytes, message, packed values.
    Bytes {
        /// The bytes themselves.
        bytes: &'a [u8],
        /// Where they begin.
        offset: usize,
    },
    /// Wire types 3 and 4: the fields between the two, undecoded.
    Group(&'a [u8]),
    /// Wire type 5: float and fixed 32-bit integers.
    Fixed32(u32),
}

impl Value<'_> {
    /// The number of the wire type.
    pub const fn wire_type(&self) -> u8 {
        match self {
            Self::Varint(_) => 0,
            Self::Fixed64(_) => 1,
            Self::Bytes { .. } => 2,
            Self::Group(_) => 3,
            Self::Fixed32(_) => 5,
        }
    }

    /// The value's bytes in hexadecimal: a varint in its shortest form, and bytes without length.
    pub fn to_hex(self) -> String {
        match self {
            Self::Varint(value) => {
                let mut bytes = Vec::with_capacity(MAX_VARINT);
                prost::encoding::encode_varint(value, &mut bytes);
                hex(&bytes)
            }
            Self::Fixed64(value) => hex(&value.to_le_bytes()),
            Self::Bytes { bytes, .. } | Self::Group(bytes) => hex(bytes),
            Self::Fixed32(value) => hex(&value.to_le_bytes()),
        }
    }
}

/// Bytes that are no protobuf message, and where they stop being one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{problem} (byte {offset})")]
pub struct Broken {
    /// Bytes from the beginning of what was walked.
    pub offset: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with protobuf bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The end of a group that was not begun, or of another one.
    #[error("an end of group {0} without its beginning")]
    StrayGroupEnd(u32),
    /// A group without end.
    #[error("group {0} has no end")]
    OpenGroup(u32),
    /// Groups within groups beyond reason.
    #[error("groups are nested more than {MAX_GROUP_DEPTH} deep")]
    TooDeep,
    /// The bytes end within a field.
    #[error("field {number} needs {needed} bytes more than there are")]
    Truncated {
        /// The field.
        number: u32,
        /// How many bytes are missing.
        needed: u64,
    },
    /// The bytes end within a varint.
    #[error("a varint is cut off")]
    TruncatedVarint,
    /// A varint of more than 64 bits.
    #[error("a varint is longer than 64 bits")]
    VarintTooLong,
    /// A field number that no field can have.
    #[error("field number {0} does not exist")]
    BadNumber(u64),
    /// Wire type 6 or 7.
    #[error("wire type {0} does not exist")]
    BadWireType(u8),
}

/// The fields of one message, in the order in which they stand.
///
/// ```
/// use chatproof::protocol::wire::{Fields, Value};
///
/// let heartbeat = [0x08, 0x00, 0x40, 0x01, 0x58, 0x00];
/// let fields: Vec<_> = Fields::of(&heartbeat).map(|field| field.unwrap()).collect();
/// assert_eq!(fields.iter().map(|field| field.number).collect::<Vec<_>>(), [1, 8, 11]);
/// assert_eq!(fields[1].value, Value::Varint(1));
/// ```
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// Walks these bytes.
    pub const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn field(&mut self) -> Result<Field<'a>, Broken> {
        let offset = self.at;
        let tag = self.tag()?;
        let mut overlong = tag.overlong;
        let value = match tag.wire_type {
            0 => {
                let varint = self.varint()?;
                overlong |= varint.overlong;
                Value::Varint(varint.value)
            }
            1 => Value::Fixed64(u64::from_le_bytes(self.array(tag.number)?)),
            2 => {
                let length = self.varint()?;
                overlong |= length.overlong;
                let bytes = self.take(tag.number, length.value)?;
                Value::Bytes { bytes, offset: self.at - bytes.len() }
            }
            3 => Value::Group(self.group(offset, tag.number)?),
            4 => return Err(Broken { offset, problem: Problem::StrayGroupEnd(tag.number) }),
            5 => Value::Fixed32(u32::from_le_bytes(self.array(tag.number)?)),
            other => return Err(Broken { offset, problem: Problem::BadWireType(other) }),
        };
        Ok(Field { number: tag.number, offset, value, overlong })
    }

    /// The bytes up to the end of the group that has just begun; groups inside it are skipped.
    fn group(&mut self, begun: usize, number: u32) -> Result<&'a [u8], Broken> {
        let start = self.at;
        let mut open = [0_u32; MAX_GROUP_DEPTH];
        let mut depth = 0;
        loop {
            let offset = self.at;
            if self.at == self.bytes.len() {
                return Err(Broken { offset: begun, problem: Problem::OpenGroup(number) });
            }
            let tag = self.tag()?;
            match tag.wire_type {
                0 => drop(self.varint()?),
                1 => drop(self.take(tag.number, 8)?),
                2 => {
                    let length = self.varint()?.value;
                    self.take(tag.number, length)?;
                }
                3 => {
                    let slot = open.get_mut(depth).ok_or(Broken { offset, problem: Problem::TooDeep })?;
                    *slot = tag.number;
                    depth += 1;
                }
                4 => {
                    let innermost = if depth == 0 { number } else { open[depth - 1] };
                    if tag.number != innermost {
                        return Err(Broken { offset, problem: Problem::StrayGroupEnd(tag.number) });
                    }
                    if depth == 0 {
                        return Ok(&self.bytes[start..offset]);
                    }
                    depth -= 1;
                }
                5 => drop(self.take(tag.number, 4)?),
                other => return Err(Broken { offset, problem: Problem::BadWireType(other) }),
            }
        }
    }

    fn tag(&mut self) -> Result<Tag, Broken> {
        let offset = self.at;
        let Varint { value, overlong } = self.varint()?;
        let number = value >> 3;
        match u32::try_from(number) {
            Ok(number @ 1..=0x1fff_ffff) => Ok(Tag { number, wire_type: (value & 7) as u8, overlong }),
            _ => Err(Broken { offset, problem: Problem::BadNumber(number) }),
        }
    }

    fn varint(&mut self) -> Result<Varint, Broken> {
        let offset = self.at;
        let mut value = 0_u64;
        for length in 0..MAX_VARINT {
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err(Broken { offset, problem: Problem::TruncatedVarint });
            };
            self.at += 1;
            // The tenth byte has room for one bit.
            if length == MAX_VARINT - 1 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * length);
            if byte & 0x80 == 0 {
                return Ok(Varint { value, overlong: byte == 0 && length > 0 });
            }
        }
        Err(Broken { offset, problem: Problem::VarintTooLong })
    }

    fn take(&mut self, number: u32, length: u64) -> Result<&'a [u8], Broken> {
        let there = self.bytes.len() - self.at;
        match usize::try_from(length) {
            Ok(length) if length <= there => {
                let bytes = &self.bytes[self.at..self.at + length];
                self.at += length;
                Ok(bytes)
            }
            _ => {
                let needed = length - there as u64;
                Err(Broken { offset: self.at, problem: Problem::Truncated { number, needed } })
            }
        }
    }

    fn array<const N: usize>(&mut self, number: u32) -> Result<[u8; N], Broken> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(number, N as u64)?);
        Ok(array)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Broken>;

    /// The next field; nothing comes after an error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.at = self.bytes.len();
        }
        Some(field)
    }
}

/// The values of a packed field: varints one behind the other.
pub(super) fn packed_varints(bytes: &[u8]) -> Result<Vec<u64>, Broken> {
    let mut walk = Fields::of(bytes);
    let mut values = Vec::new();
    while walk.at < bytes.len() {
        values.push(walk.varint()?.value);
    }
    Ok(values)
}

#[derive(Clone, Copy)]
struct Tag {
    number: u32,
    wire_type: u8,
    overlong: bool,
}

#[derive(Clone, Copy)]
struct Varint {
    value: u64,
    overlong: bool,
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests;
