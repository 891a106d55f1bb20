//! What a page asks the SDK for, as a line; and the frame that comes of it.

use chatproof::protocol::{ext::ExtValue, generation::Generation, line::Line};
use serde_json::{Map, Value};

use super::decoded;

/// The options of one message, receipt or recall.
pub(super) struct Page {
    /// What a line can say.
    pub(super) line: Map<String, Value>,
    /// Values of the ext that JSON cannot carry.
    pub(super) extra: Vec<(String, ExtValue)>,
}

impl Page {
    pub(super) fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.line.insert(key.to_owned(), value.into());
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(value) = self.line.remove(from) {
            self.set(to, value);
        }
    }

    /// Moves what the page gives as `body` into the keys of a line.
    pub(super) fn flatten_body(&mut self) {
        let Some(Value::Object(body)) = self.line.remove("body") else { return };
        for (key, value) in body {
            match (key.as_str(), value) {
                ("type" | "filetype", _) => {}
                ("size", Value::Object(size)) => self.line.extend(size),
                (_, value) => self.set(&key, value),
            }
        }
    }

    /// The frame that a client of this generation sends.
    pub(super) fn frame(&self, generation: Generation, resource: &str) -> Vec<u8> {
        let Line { from, trace, mut outgoing } =
            Line::from_map(generation, &self.line).unwrap_or_else(|error| panic!("{error}: {:?}", self.line));
        for (key, value) in &self.extra {
            match outgoing.ext.iter_mut().find(|(known, _)| known == key) {
                Some((_, known)) => *known = value.clone(),
                None => outgoing.ext.push((key.clone(), value.clone())),
            }
        }
        decoded::sender(generation, &from.unwrap(), resource).message(&outgoing, trace).to_vec()
    }
}
