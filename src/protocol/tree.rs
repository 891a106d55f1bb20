//! One MSync as a JSON tree: what `decode` prints and what reports show of a frame.
//!
//! Each message becomes an object with its fields under their names, in the order in which they
//! stand; 64-bit integers are strings of digits, enum values their names (or numbers, where they
//! have none), bytes hexadecimal. Payloads are decoded by what their envelope says. Beside the
//! fields stand, where there is something to say:
//!
//! | key | holds |
//! |---|---|
//! | `message` | the type, for the frame and its payloads |
//! | `numbers` | the field number of each name |
//! | `unknown` | fields that the schema does not know: `number`, `wireType`, `hex` |
//! | `earlier` | values of a singular field that stands more than once; the last one counts |
//! | `remarks` | what the SDK would not write: odd order, needless bytes, broken UTF-8, packing |

use serde_json::{Map, Value as Json, json};

use super::wire::{self, Broken, Field, Fields, Value, hex};

mod schema;

use schema::{FieldType, Kind, MessageType, Schema};

/// Most remarks on one message.
const MAX_REMARKS: usize = 16;
/// What is shown in place of a secret.
const HIDDEN: &str = "<secret>";
/// Fields that hold secrets, whichever message they are in.
const SECRETS: [&str; 3] = ["auth", "authToken", "password"];
/// How often bytes may hold messages that hold bytes.
const MAX_DEPTH: usize = 8;

/// Which way a frame went. Only SYNC and UNREAD differ.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Direction {
    /// From a client to a server.
    Up,
    /// From a server to a client.
    Down,
    /// Not told: what the payload looks like decides.
    #[default]
    Unknown,
}

/// Whether tokens and passwords appear.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Secrets {
    /// As they are: for someone who decodes frames of his own.
    Shown,
    /// Hidden: for reports and logs.
    Hidden,
}

/// The tree of one MSync.
///
/// # Errors
/// [`Broken`] with an offset into `frame`, also if only a payload is broken.
pub fn decode(frame: &[u8], direction: Direction, secrets: Secrets) -> Result<Json, Broken> {
    let reader = Reader { schema: Schema::embedded(), direction, secrets };
    reader.named(".easemob.pb.MSync", frame, 0, MAX_DEPTH)
}

/// Reads messages of the schema.
#[derive(Clone, Copy)]
struct Reader {
    schema: &'static Schema,
    direction: Direction,
    secrets: Secrets,
}

impl Reader {
    /// A message that says its type.
    fn named(self, full_name: &str, bytes: &[u8], base: usize, depth: usize) -> Result<Json, Broken> {
        let Some(message) = self.schema.message(full_name) else {
            return Ok(json!({ "hex": hex(bytes) }));
        };
        let mut object = Map::new();
        object.insert("message".to_owned(), message.name.as_str().into());
        self.fill(object, message, bytes, base, depth)
    }

    fn fill(
        self,
        mut object: Map<String, Json>,
        message: &MessageType,
        bytes: &[u8],
        base: usize,
        depth: usize,
    ) -> Result<Json, Broken> {
        let fields = Fields::of(bytes)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|broken| Broken { offset: broken.offset + base, ..broken })?;
        let selector = Selector::of(message, &fields);
        let mut aside = Aside::default();
        let mut values = Map::new();
        for field in &fields {
            aside.look_at(field);
            let Some(known) = message.field(field.number) else {
                aside.unknown(field);
                continue;
            };
            let Some(read) = self.value(known, field, base, depth, &selector, &mut aside)? else {
                aside.remark(format!(
                    "{} ({}) has wire type {}, which does not fit",
                    known.name,
                    field.number,
                    field.value.wire_type()
                ));
                aside.unknown(field);
                continue;
            };
            aside.numbers.insert(known.name.clone(), field.number.into());
            if known.repeated {
                let slot = values.entry(&known.name).or_insert_with(|| Json::Array(Vec::new()));
                if let Json::Array(items) = slot {
                    items.extend(read);
                }
            } else if let Some(value) = read.into_iter().next_back()
                && let Some(before) = values.insert(known.name.clone(), value)
            {
                aside.earlier.entry(&known.name).or_insert_with(|| Json::Array(Vec::new()));
                if let Some(Json::Array(items)) = aside.earlier.get_mut(&known.name) {
                    items.push(before);
                }
            }
        }
        object.extend(values);
        aside.append_to(&mut object);
        Ok(Json::Object(object))
    }

    /// The values that one field brings; `None` if its wire type does not fit its type.
    fn value(
        self,
        known: &FieldType,
        field: &Field<'_>,
        base: usize,
        depth: usize,
        selector: &Selector,
        aside: &mut Aside,
    ) -> Result<Option<Vec<Json>>, Broken> {
        let one = match (&known.kind, field.value) {
            (Kind::Float, Value::Fixed32(bits)) => float(f64::from(f32::from_bits(bits))),
            (Kind::Double, Value::Fixed64(bits)) => float(f64::from_bits(bits)),
            (kind, Value::Varint(value)) => {
                if known.packed {
                    aside.remark(format!("{} ({}) is not packed", known.name, field.number));
                }
                match self.integer(kind, value) {
                    Some(json) => json,
                    None => return Ok(None),
                }
            }
            (Kind::Text, Value::Bytes { bytes, .. }) => {
                if self.secrets == Secrets::Hidden && SECRETS.contains(&known.name.as_str()) {
                    HIDDEN.into()
                } else {
                    if std::str::from_utf8(bytes).is_err() {
                        aside.remark(format!("{} ({}) is not UTF-8", known.name, field.number));
                    }
                    String::from_utf8_lossy(bytes).into()
                }
            }
            (Kind::Bytes, Value::Bytes { bytes, offset }) => {
                match selector.payload(&known.name, bytes, self.direction) {
                    Some(full_name) if depth > 0 => self.named(full_name, bytes, base + offset, depth - 1)?,
                    _ => opaque(bytes),
                }
            }
            (Kind::Message(full_name), Value::Bytes { bytes, offset }) => {
                let Some(message) = self.schema.message(full_name).filter(|_| depth > 0) else {
                    return Ok(Some(vec![opaque(bytes)]));
                };
                self.fill(Map::new(), message, bytes, base + offset, depth - 1)?
            }
            (kind, Value::Bytes { bytes, offset }) if known.repeated => {
                if !known.packed {
                    aside.remark(format!("{} ({}) is packed", known.name, field.number));
                }
                let values = wire::packed_varints(bytes)
                    .map_err(|broken| Broken { offset: broken.offset + base + offset, ..broken })?;
                return Ok(values.into_iter().map(|value| self.integer(kind, value)).collect());
            }
            _ => return Ok(None),
        };
        Ok(Some(vec![one]))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "protobuf cuts a varint to the width of its field"
    )]
    fn integer(self, kind: &Kind, value: u64) -> Option<Json> {
        Some(match kind {
            Kind::Bool => (value != 0).into(),
            Kind::Int32 => (value as i32).into(),
            Kind::Uint32 => (value as u32).into(),
            Kind::Int64 => (value as i64).to_string().into(),
            Kind::Uint64 => value.to_string().into(),
            Kind::Enum(full_name) => match self.schema.enum_value(full_name, value as i32) {
                Some(name) => name.into(),
                None => (value as i32).into(),
            },
            Kind::Float | Kind::Double | Kind::Text | Kind::Bytes | Kind::Message(_) | Kind::Other => {
                return None;
            }
        })
    }
}

/// What the fields of an envelope say about the bytes in it.
enum Selector {
    Command(u64),
    NameSpace(u64),
    None,
}

impl Selector {
    fn of(message: &MessageType, fields: &[Field<'_>]) -> Self {
        // The last one counts, and an absent one is zero.
        let varint = |number| {
            fields.iter().rev().find_map(|field| match field.value {
                Value::Varint(value) if field.number == number => Some(value),
                _ => None,
            })
        };
        match message.name.as_str() {
            "MSync" => Self::Command(varint(8).unwrap_or(0)),
            "Meta" => Self::NameSpace(varint(5).unwrap_or(0)),
            _ => Self::None,
        }
    }

    /// The type of the message in a field of bytes, where there is one.
    fn payload(&self, field: &str, bytes: &[u8], direction: Direction) -> Option<&'static str> {
        if field != "payload" {
            return None;
        }
        match self {
            Self::Command(0) => Some(match direction {
                Direction::Up => ".easemob.pb.CommSyncUL",
                Direction::Down => ".easemob.pb.CommSyncDL",
                Direction::Unknown if looks_uplink(bytes) => ".easemob.pb.CommSyncUL",
                Direction::Unknown => ".easemob.pb.CommSyncDL",
            }),
            Self::Command(1) => Some(match direction {
                Direction::Up => ".easemob.pb.CommUnreadUL",
                Direction::Down | Direction::Unknown => ".easemob.pb.CommUnreadDL",
            }),
            Self::Command(2) => Some(".easemob.pb.CommNotice"),
            Self::Command(3) => Some(".easemob.pb.Provision"),
            Self::Command(4) => Some(".easemob.pb.Logout"),
            Self::NameSpace(0) => Some(".easemob.pb.StatisticsBody"),
            Self::NameSpace(1) => Some(".easemob.pb.MessageBody"),
            Self::NameSpace(2) => Some(".easemob.pb.MUCBody"),
            Self::NameSpace(3) => Some(".easemob.pb.RosterBody"),
            Self::NameSpace(4) => Some(".easemob.pb.ConferenceBody"),
            Self::Command(_) | Self::NameSpace(_) | Self::None => None,
        }
    }
}

/// Whether the payload of a SYNC was written by a client: the two sides give most field numbers
/// different wire types, and a client's first field is a Meta, which has an address or a payload,
/// where a server's is a Status, which has neither.
fn looks_uplink(payload: &[u8]) -> bool {
    let mut first_is_meta = false;
    let mut only_key = true;
    for field in Fields::of(payload).flatten() {
        match (field.number, field.value) {
            (3, Value::Bytes { .. }) | (4, Value::Varint(_)) => return true,
            (3, Value::Varint(_)) | (4, Value::Bytes { .. }) | (6.., _) => return false,
            (1, Value::Bytes { bytes, .. }) => {
                only_key = false;
                first_is_meta =
                    Fields::of(bytes).flatten().any(|inner| matches!((inner.number, inner.value), (4.., _)));
            }
            (2, Value::Varint(_)) => {}
            _ => only_key = false,
        }
    }
    first_is_meta || (only_key && !payload.is_empty())
}

/// What stands beside the fields of one message.
#[derive(Default)]
struct Aside {
    numbers: Map<String, Json>,
    unknown: Vec<Json>,
    earlier: Map<String, Json>,
    remarks: Vec<Json>,
    last: u32,
}

impl Aside {
    fn look_at(&mut self, field: &Field<'_>) {
        if field.number < self.last {
            self.remark(format!("field {} stands behind field {}", field.number, self.last));
        }
        self.last = field.number;
        if field.overlong {
            self.remark(format!("field {} has a varint with needless bytes", field.number));
        }
    }

    fn unknown(&mut self, field: &Field<'_>) {
        self.unknown.push(json!({
            "number": field.number,
            "wireType": field.value.wire_type(),
            "hex": field.value.to_hex(),
        }));
    }

    fn remark(&mut self, text: String) {
        if self.remarks.len() < MAX_REMARKS {
            self.remarks.push(text.into());
        }
    }

    fn append_to(self, object: &mut Map<String, Json>) {
        let list = |items: Vec<Json>| (!items.is_empty()).then_some(Json::Array(items));
        let map = |entries: Map<String, Json>| (!entries.is_empty()).then_some(Json::Object(entries));
        let beside = [
            ("numbers", map(self.numbers)),
            ("unknown", list(self.unknown)),
            ("earlier", map(self.earlier)),
            ("remarks", list(self.remarks)),
        ];
        object.extend(beside.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    }
}

/// A number as JavaScript writes it, or its name where JSON has no number for it.
fn float(value: f64) -> Json {
    // Whole numbers up to here are exact; a negative zero keeps its sign as a float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT && !(value == 0.0 && value.is_sign_negative()) {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within 2^53")]
        return (value as i64).into();
    }
    match serde_json::Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => "NaN".into(),
        None if value > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

/// Bytes that no schema describes; with their text, where they are one.
fn opaque(bytes: &[u8]) -> Json {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => {
            json!({ "hex": hex(bytes), "text": text })
        }
        _ => json!({ "hex": hex(bytes) }),
    }
}

#[cfg(test)]
mod tests;
