//! Why a line is refused.

use serde_json::Value;

use super::super::{escape::Excerpt, generation::Generation, js};

/// Why a line is refused; it names the key at fault.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The text does not parse.
    #[error("not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// The text is JSON, but no object.
    #[error("expected one JSON object a line, got {got}")]
    NotAnObject {
        /// The value, bounded.
        got: String,
    },
    /// A key that means nothing.
    #[error("unknown key {}{}", Excerpt(.key.as_bytes()), suggested(.suggestion))]
    UnknownKey {
        /// The key.
        key: String,
        /// A known key that looks like it.
        suggestion: Option<&'static str>,
    },
    /// A key that this type of message needs.
    #[error("{key:?} is missing")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value of the wrong kind.
    #[error("{key:?} must be {expected}, got {got}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What it takes.
        expected: &'static str,
        /// The value, bounded.
        got: String,
    },
    /// A word that is not among those that a key knows.
    #[error("{key:?} knows no {got}{}; it is one of {known}", suggested(.suggestion))]
    UnknownWord {
        /// The key.
        key: &'static str,
        /// The word, quoted and bounded.
        got: String,
        /// A known word that looks like it.
        suggestion: Option<&'static str>,
        /// All the words that it knows.
        known: String,
    },
    /// A string in a 64-bit number's place on which the SDK throws.
    #[error("{key:?}: {source}")]
    NotLong {
        /// The key.
        key: &'static str,
        /// What is wrong with the string.
        source: js::NotLong,
    },
    /// Something that the SDK of this generation refuses or lacks.
    #[error("SDK {generation} does not take {what}")]
    SdkRefuses {
        /// The generation.
        generation: Generation,
        /// What it does not take.
        what: &'static str,
    },
}

/// A value as it is shown in an error: escaped and bounded.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => js::stringify(value),
        Value::String(text) => Excerpt(text.as_bytes()).to_string(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn suggested(suggestion: &Option<&'static str>) -> String {
    suggestion.map(|word| format!("; did you mean {word:?}?")).unwrap_or_default()
}
