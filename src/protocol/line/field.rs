//! The keys of a line and typed access to their values.

use serde_json::{Map, Value};

use super::{
    super::{
        ext::{Ext, ExtValue},
        id::ServerId,
        js,
    },
    refused::{self, Refused},
};

/// Every key that a line may have; those that its type of message does not use change nothing.
const KEYS: &[&str] = &[
    "type",
    "id",
    "from",
    "to",
    "chatType",
    "ext",
    "msgConfig",
    "msg",
    "url",
    "secret",
    "filename",
    "file_length",
    "width",
    "height",
    "length",
    "addr",
    "lat",
    "lng",
    "buildingName",
    "action",
    "customEvent",
    "customExts",
    "ackId",
    "ackContent",
    "mid",
    "api",
    "traceId",
    "setChatType",
    "setGroup",
    "roomType",
    "isChatThread",
    "deliverOnlineOnly",
    "receiverList",
    "priority",
];
/// Characters beyond which a wrong word is cut before it is compared.
const LONGEST: usize = 40;
/// A suggestion may differ by one slip of the finger, and one more for each so many letters.
const LETTERS_PER_SLIP: usize = 6;

/// The keys and values of one line. `null` counts as absent, as it does for the SDK.
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// Checks that every key is known.
    pub(super) fn new(map: &'a Map<String, Value>) -> Result<Self, Refused> {
        match map.keys().find(|key| !KEYS.contains(&key.as_str())) {
            Some(key) => {
                Err(Refused::UnknownKey { key: key.clone(), suggestion: alike(key, KEYS.iter().copied()) })
            }
            None => Ok(Self(map)),
        }
    }

    pub(super) fn value(&self, key: &'static str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn is_truthy(&self, key: &'static str) -> bool {
        self.value(key).is_some_and(js::is_truthy)
    }

    pub(super) fn text(&self, key: &'static str) -> Result<Option<String>, Refused> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            // The SDK writes an empty text in place of any other value.
            Some(other) => Err(wrong(key, "a string", other)),
        }
    }

    pub(super) fn required_text(&self, key: &'static str) -> Result<String, Refused> {
        self.text(key)?.ok_or(Refused::Missing { key })
    }

    pub(super) fn texts(&self, key: &'static str) -> Result<Vec<String>, Refused> {
        let Some(value) = self.value(key) else { return Ok(Vec::new()) };
        value
            .as_array()
            .and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect())
            .ok_or_else(|| wrong(key, "a list of strings", value))
    }

    /// A number, or a string that JavaScript turns into one.
    pub(super) fn number(&self, key: &'static str) -> Result<Option<f64>, Refused> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(Value::String(text)) => Ok(Some(js::number_of(text))),
            Some(other) => Err(wrong(key, "a number", other)),
        }
    }

    /// An id: a number or a decimal string; other strings become 0, as in the SDK.
    pub(super) fn long(&self, key: &'static str) -> Result<Option<u64>, Refused> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64().map(js::low_64_bits)),
            Some(Value::String(text)) => {
                js::long_of(text).map(Some).map_err(|source| Refused::NotLong { key, source })
            }
            Some(other) => Err(wrong(key, "a number or a string", other)),
        }
    }

    /// A number that no page holds, so that its digits are not JavaScript's to round.
    pub(super) fn exact_long(&self, key: &'static str) -> Result<Option<u64>, Refused> {
        match self.value(key).and_then(Value::as_u64) {
            Some(exact) => Ok(Some(exact)),
            None => self.long(key),
        }
    }

    pub(super) fn required_long(&self, key: &'static str) -> Result<u64, Refused> {
        self.long(key)?.ok_or(Refused::Missing { key })
    }

    pub(super) fn required_server_id(&self, key: &'static str) -> Result<ServerId, Refused> {
        self.required_long(key).map(ServerId)
    }

    pub(super) fn object(&self, key: &'static str) -> Result<Option<&'a Map<String, Value>>, Refused> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(other) => Err(wrong(key, "an object", other)),
        }
    }

    pub(super) fn ext(&self, key: &'static str) -> Result<Ext, Refused> {
        let pairs = self.object(key)?.into_iter().flatten();
        Ok(pairs.map(|(key, value)| (key.clone(), ExtValue::from(value.clone()))).collect())
    }

    pub(super) fn choice<T: Copy>(
        &self,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Result<Option<T>, Refused> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let Value::String(word) = value else { return Err(wrong(key, "a string", value)) };
        match words.iter().find(|(known, _)| known == word) {
            Some((_, choice)) => Ok(Some(*choice)),
            None => Err(unknown_word(key, word, words.iter().map(|(known, _)| *known))),
        }
    }
}

/// The error for a word that a key does not know.
pub(super) fn unknown_word(
    key: &'static str,
    word: &str,
    known: impl Iterator<Item = &'static str> + Clone,
) -> Refused {
    Refused::UnknownWord {
        key,
        got: refused::shown(&Value::String(word.to_owned())),
        suggestion: alike(word, known.clone()),
        known: known.collect::<Vec<_>>().join(", "),
    }
}

fn wrong(key: &'static str, expected: &'static str, got: &Value) -> Refused {
    Refused::WrongType { key, expected, got: refused::shown(got) }
}

/// The known word that the fewest slips of the finger turn into `word`, if they are few.
fn alike(word: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    // Comparing takes time in the product of the lengths, and no known word is this long.
    let word: String = word.chars().take(LONGEST).collect::<String>().to_lowercase();
    known
        .map(|known| (strsim::damerau_levenshtein(&word, &known.to_lowercase()), known))
        .filter(|(slips, known)| *slips <= 1 + known.len() / LETTERS_PER_SLIP)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, known)| known)
}
