//! Why a line is refused.

use serde_json::Value;

use super::super::{generation::Generation, js};

/// How many characters of a wrong value are shown.
const SHOWN: usize = 60;

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
    #[error("unknown key {}{}", quoted(.key), suggested(.suggestion))]
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
    bounded(&js::stringify(value))
}

fn quoted(text: &str) -> String {
    shown(&Value::String(text.to_owned()))
}

fn bounded(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(visible).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Escapes what a terminal would act upon; JSON escapes only the oldest control characters.
fn visible(c: char) -> Vec<char> {
    if c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}') {
        c.escape_unicode().collect()
    } else {
        vec![c]
    }
}

fn suggested(suggestion: &Option<&'static str>) -> String {
    suggestion.map(|word| format!("; did you mean {word:?}?")).unwrap_or_default()
}
