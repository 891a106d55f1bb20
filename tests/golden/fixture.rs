//! The recorded lines in `fixtures/golden`, and what is common to reading them.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// Every line of one file, in order.
pub(super) fn cases(generation: &str, file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/golden")
        .join(generation)
        .join(format!("{file}.jsonl"));
    fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A text field that must be there.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} in {value}"))
}

/// The bytes of a base64 text.
pub(super) fn base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

/// The bytes of an uplink frame: SockJS text, or base64 of a binary frame.
pub(super) fn uplink(frame: &str) -> Vec<u8> {
    match serde_json::from_str::<Vec<String>>(frame) {
        Ok(messages) => {
            assert_eq!(messages.len(), 1, "the SDK sends one message a frame: {frame}");
            base64(&messages[0])
        }
        Err(_) => base64(frame),
    }
}
