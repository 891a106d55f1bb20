//! Recorded arguments, freed of what depends on the JavaScript engine.

use std::fmt;

use serde_json::{Map, Value, json};

/// An argument without `$type` marks and without the words of engine errors, whose kind remains.
pub(super) fn argument(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            if let Some(error) = object.get("$error").and_then(Value::as_str) {
                let (name, _) = error.split_once(':').unwrap_or((error, ""));
                return json!({"$error": name});
            }
            if let (Some(name), true) = (object.get("name"), is_engine_error(object)) {
                return json!({"name": name});
            }
            let fields = object.iter().filter(|(key, _)| *key != "$type");
            fields.map(|(key, value)| (key.clone(), argument(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(argument).collect(),
        other => other.clone(),
    }
}

fn is_engine_error(object: &Map<String, Value>) -> bool {
    object.len() == 2 && object.get("error").is_some_and(Value::is_string)
}

/// Recorded arguments as text, so that the order of keys counts as well.
pub(super) fn arguments(args: &Value) -> String {
    Value::Array(args.as_array().unwrap().iter().map(argument).collect()).to_string()
}

/// Cases that did not come out as recorded; complains of all of them at once.
#[derive(Default)]
pub(super) struct Differences(Vec<String>);

impl Differences {
    pub(super) fn check<T: PartialEq + fmt::Debug>(&mut self, case: &str, made: T, recorded: T) {
        if made != recorded {
            self.0.push(format!("{case}\n    made     {made:?}\n    recorded {recorded:?}"));
        }
    }
}

impl Drop for Differences {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "{} differ:\n{}", self.0.len(), self.0.join("\n"));
        }
    }
}
