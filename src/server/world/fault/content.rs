//! Faults of what a message says: its texts, its ext and its kind.

use bytes::Bytes;
use prost::Message as _;

use super::{Fault, Faults};
use crate::protocol::schema::{
    KeyValue, MessageBody,
    key_value::{Value, ValueType},
    message_body::{Content, content},
};

/// A text is cut behind so many bytes.
const CUT: usize = 32 * 1024;

type Change = fn(&mut MessageBody);

/// What each fault does to a body, in the order in which they are done.
const CHANGES: &[(Fault, Change)] = &[
    (Fault::TextMangled, |body| texts(body, mangled)),
    (Fault::HtmlEscaped, |body| texts(body, escaped)),
    (Fault::EmojiRewritten, |body| texts(body, |text| text.replace("[):]", "\u{1f642}"))),
    (Fault::ExtObjectAsString, |body| exts(body, ValueType::JsonString, as_text)),
    (Fault::ExtBoolAsInt, |body| exts(body, ValueType::Bool, as_integer)),
    (Fault::ExtIntAsDouble, |body| {
        for kind in [ValueType::Int, ValueType::Uint, ValueType::Llint] {
            exts(body, kind, as_float);
        }
    }),
    (Fault::ExtsMerged, |body| {
        let merged: Vec<KeyValue> =
            body.contents.iter().flat_map(|content| content.custom_exts.iter().cloned()).collect();
        body.ext.extend(merged);
    }),
    (Fault::CmdAsText, |body| {
        kinds(body, content::Type::Command, |content| {
            content.r#type = Some(content::Type::Text as i32);
            content.text = Some(String::new());
            content.action = None;
        });
    }),
    (Fault::VideoAsFile, |body| {
        kinds(body, content::Type::Video, |content| content.r#type = Some(content::Type::File as i32));
    }),
    (Fault::FileNameLost, |body| {
        for content in &mut body.contents {
            let last = content.remote_path.as_deref().and_then(|path| path.rsplit('/').next());
            if let (Some(last), Some(name)) = (last, &mut content.display_name) {
                last.clone_into(name);
            }
        }
    }),
];

impl Faults {
    /// What becomes of the body of a message on its way to its recipients.
    pub(in crate::server::world) fn content(&self, payload: Bytes) -> Bytes {
        if self.is_off() {
            return payload;
        }
        let Ok(sound) = MessageBody::decode(payload.clone()) else { return payload };
        let mut body = sound.clone();
        for (fault, change) in CHANGES {
            let mut changed = body.clone();
            change(&mut changed);
            // Only what it would change counts as an operation of a fault.
            if changed != body && self.strikes(*fault) {
                body = changed;
            }
        }
        if body == sound { payload } else { body.encode_to_vec().into() }
    }
}

fn texts(body: &mut MessageBody, change: fn(&str) -> String) {
    for text in body.contents.iter_mut().filter_map(|content| content.text.as_mut()) {
        *text = change(text);
    }
}

fn kinds(body: &mut MessageBody, kind: content::Type, change: fn(&mut Content)) {
    body.contents.iter_mut().filter(|content| content.r#type == Some(kind as i32)).for_each(change);
}

fn exts(body: &mut MessageBody, kind: ValueType, change: fn(&mut KeyValue)) {
    body.ext.iter_mut().filter(|pair| pair.r#type == Some(kind as i32)).for_each(change);
}

fn mangled(text: &str) -> String {
    let is_kept = |character: &char| *character != '\0' && !('\u{300}'..='\u{36f}').contains(character);
    let kept: String = text.chars().filter(is_kept).collect();
    let end = kept.floor_char_boundary(CUT);
    kept[..end].to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn as_text(pair: &mut KeyValue) {
    pair.r#type = Some(ValueType::String as i32);
}

fn as_integer(pair: &mut KeyValue) {
    pair.r#type = Some(ValueType::Int as i32);
}

#[expect(clippy::cast_precision_loss, reason = "the loss is the fault")]
fn as_float(pair: &mut KeyValue) {
    if let Some(Value::VarintValue(number)) = pair.value {
        pair.r#type = Some(ValueType::Float as i32);
        pair.value = Some(Value::FloatValue(number as f32));
    }
}
