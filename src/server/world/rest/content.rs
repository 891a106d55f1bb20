//! `type` and `body` of a message that the app's server sends (heading 发送消息 of its documents), as the
//! content that clients receive.

use serde_json::{Map, Value};

use super::error::{RestError, echo};
use crate::protocol::{
    ext,
    generation::Generation,
    schema::{
        KeyValue,
        message_body::{Content, content},
    },
};

/// Most characters of a custom event's name.
const EVENT_CHARS: usize = 32;
/// Most pairs of a custom event.
const EVENT_PAIRS: usize = 16;

/// The types that a message may be of, by the words of REST.
const TYPES: [(&str, content::Type); 8] = [
    ("txt", content::Type::Text),
    ("img", content::Type::Image),
    ("audio", content::Type::Voice),
    ("video", content::Type::Video),
    ("file", content::Type::File),
    ("loc", content::Type::Location),
    ("cmd", content::Type::Command),
    ("custom", content::Type::Custom),
];

/// The content of a message.
///
/// # Errors
/// There is no such type, or a field that the type needs is missing or of another kind.
pub(super) fn read(kind: &str, body: &Map<String, Value>) -> Result<Content, RestError> {
    let known = TYPES.iter().find(|(word, _)| *word == kind).map(|(_, kind)| *kind);
    let kind = known.ok_or_else(|| {
        let words: Vec<&str> = TYPES.iter().map(|(word, _)| *word).collect();
        illegal(format!("type can only be {}, got {:?}", words.join(", "), echo(kind)))
    })?;
    let fields = Fields(body);
    let empty = Content { r#type: Some(kind as i32), ..Content::default() };
    Ok(match kind {
        content::Type::Text => Content { text: Some(fields.text("msg")?), ..empty },
        content::Type::Command => Content { action: Some(fields.text("action")?), ..empty },
        content::Type::Location => Content {
            latitude: Some(fields.number("lat")?),
            longitude: Some(fields.number("lng")?),
            address: Some(fields.text("addr")?),
            building_name: fields.optional("buildingName"),
            ..empty
        },
        content::Type::Custom => {
            Content { custom_event: Some(fields.event()?), custom_exts: fields.event_pairs()?, ..empty }
        }
        content::Type::Image => Content { size: fields.size(), ..fields.file(empty)? },
        content::Type::File => fields.file(empty)?,
        content::Type::Voice => Content { duration: fields.length(), ..fields.file(empty)? },
        content::Type::Video => Content {
            duration: fields.length(),
            size: fields.size(),
            thumbnail_remote_path: fields.optional("thumb"),
            thumbnail_secret_key: fields.optional("thumb_secret"),
            ..fields.file(empty)?
        },
        content::Type::Combine => return Err(illegal("type combine is not served".to_owned())),
    })
}

/// The pairs of an `ext`; `null` is none.
///
/// # Errors
/// It is no object.
pub(super) fn ext(given: Option<Value>) -> Result<Vec<KeyValue>, RestError> {
    match given {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(pairs)) => Ok(key_values(pairs)),
        Some(_) => Err(illegal("ext is no object".to_owned())),
    }
}

fn key_values(pairs: Map<String, Value>) -> Vec<KeyValue> {
    let pairs = pairs.into_iter().map(|(key, value)| (key, value.into())).collect();
    // What a JSON text can hold, every generation writes alike.
    ext::key_values(Generation::V4_21_1, &pairs)
}

fn illegal(what: String) -> RestError {
    RestError::IllegalArgument(what)
}

struct Fields<'a>(&'a Map<String, Value>);

impl Fields<'_> {
    fn text(&self, key: &str) -> Result<String, RestError> {
        self.optional(key).ok_or_else(|| illegal(format!("body.{key} is missing or no text")))
    }

    fn optional(&self, key: &str) -> Option<String> {
        self.0.get(key).and_then(Value::as_str).map(str::to_owned)
    }

    fn number(&self, key: &str) -> Result<f64, RestError> {
        self.whole_or_not(key).ok_or_else(|| illegal(format!("body.{key} is missing or no number")))
    }

    /// Some app servers write numbers as texts.
    fn whole_or_not(&self, key: &str) -> Option<f64> {
        let value = self.0.get(key)?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|number: &f64| number.is_finite())
    }

    fn file(&self, empty: Content) -> Result<Content, RestError> {
        Ok(Content {
            remote_path: Some(self.text("url")?),
            display_name: self.optional("filename"),
            secret_key: self.optional("secret"),
            file_length: self.whole("file_length"),
            ..empty
        })
    }

    /// The documents spell the length of an audio with a capital.
    fn length(&self) -> Option<i32> {
        self.whole("length").or_else(|| self.whole("Length"))
    }

    fn whole(&self, key: &str) -> Option<i32> {
        // A cast that saturates: what is no length is no worse for being the largest one.
        self.whole_or_not(key).map(|number| number as i32)
    }

    fn size(&self) -> Option<content::Size> {
        let size = Fields(self.0.get("size")?.as_object()?);
        Some(content::Size { width: size.whole_or_not("width"), height: size.whole_or_not("height") })
    }

    fn event(&self) -> Result<String, RestError> {
        let event = self.text("customEvent")?;
        let is_legal =
            |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '/' | '.');
        if event.is_empty() || event.len() > EVENT_CHARS || !event.chars().all(is_legal) {
            return Err(illegal(format!(
                "body.customEvent has 1 to {EVENT_CHARS} letters, digits, - _ / and ., got {:?}",
                echo(&event)
            )));
        }
        Ok(event)
    }

    fn event_pairs(&self) -> Result<Vec<KeyValue>, RestError> {
        let pairs = match self.0.get("customExts") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Object(pairs)) => pairs.clone(),
            Some(_) => return Err(illegal("body.customExts is no object".to_owned())),
        };
        if pairs.len() > EVENT_PAIRS || !pairs.values().all(Value::is_string) {
            return Err(illegal(format!("body.customExts has at most {EVENT_PAIRS} pairs of texts")));
        }
        Ok(key_values(pairs))
    }
}
