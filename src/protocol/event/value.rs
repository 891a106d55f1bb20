//! Values as JavaScript holds them: numbers, parsed JSON, and an ext read from `KeyValue`s.

use serde_json::{Map, Number, Value, json};

use super::ScriptError;
use crate::protocol::{
    ext::{self, ExtValue},
    generation::Generation,
    js,
    schema::KeyValue,
};

/// A JavaScript number: integers print without a fraction, what JSON cannot hold as its name.
pub(in crate::protocol) fn number(value: f64) -> Value {
    let text = js::number_text(value);
    if let Ok(integer) = text.parse::<i64>() {
        return integer.into();
    }
    if let Ok(integer) = text.parse::<u64>() {
        return integer.into();
    }
    Number::from_f64(value).map_or_else(|| Value::from(text), Value::Number)
}

/// `Number(value)`; `None` is `undefined`.
pub(in crate::protocol) fn to_number(value: Option<&Value>) -> Value {
    match value {
        Some(number @ Value::Number(_)) => number.clone(),
        Some(Value::String(text)) => number(js::number_of(text)),
        Some(Value::Bool(value)) => i32::from(*value).into(),
        Some(Value::Null) => 0.into(),
        None | Some(Value::Array(_) | Value::Object(_)) => number(f64::NAN),
    }
}

/// Whether JavaScript takes a value for false.
pub(in crate::protocol) fn is_falsy(value: &Value) -> bool {
    !js::is_truthy(value)
}

/// What `JSON.parse` makes of a text.
pub(in crate::protocol) fn parse(text: &str) -> Result<Value, ScriptError> {
    serde_json::from_str(text).map(normal).map_err(|_| ScriptError::Syntax)
}

/// How recordings write `undefined` inside an argument.
pub(super) fn undefined(generation: Generation) -> Value {
    match generation {
        Generation::V3_6_3 => json!({"$undefined": true}),
        Generation::V4_0_8 | Generation::V4_21_1 => json!("<undefined>"),
    }
}

/// The object that the SDK makes of `KeyValue`s.
///
/// # Errors
/// [`ScriptError::Syntax`] if a JSON_STRING is no JSON.
pub(in crate::protocol) fn ext(pairs: &[KeyValue]) -> Result<Map<String, Value>, ScriptError> {
    let mut object = Map::new();
    for pair in pairs {
        let Some(value) = value(pair)? else { continue };
        let key = pair.key.as_deref().unwrap_or_default();
        // Assigning to `__proto__` sets no property.
        if key != "__proto__" {
            object.insert(key.to_owned(), value);
        }
    }
    Ok(ordered(object))
}

fn value(pair: &KeyValue) -> Result<Option<Value>, ScriptError> {
    let read = ext::read(pair).map_err(|_| ScriptError::Syntax)?;
    Ok(read.and_then(|value| match value {
        ExtValue::Text(text) => Some(text.into()),
        ExtValue::Bool(value) => Some(value.into()),
        ExtValue::Number(value) => Some(number(value)),
        ExtValue::Json(value) => Some(normal(value)),
        ExtValue::Undefined => None,
    }))
}

fn normal(value: Value) -> Value {
    match value {
        Value::Number(given) => number(given.as_f64().unwrap_or_default()),
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(object) => {
            Value::Object(ordered(object.into_iter().map(|(key, value)| (key, normal(value))).collect()))
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

/// Puts keys into JavaScript's property order.
fn ordered(object: Map<String, Value>) -> Map<String, Value> {
    if object.keys().all(|key| !key.starts_with(|first: char| first.is_ascii_digit())) {
        return object;
    }
    let mut pairs: Vec<_> = object.into_iter().collect();
    js::sort_properties(&mut pairs, |(key, _)| key);
    pairs.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_javascript_prints_them() {
        assert_eq!(number(1.0).to_string(), "1");
        assert_eq!(number(-0.0).to_string(), "0");
        assert_eq!(number(9_223_372_036_854_775_807_i64 as f64).to_string(), "9223372036854776000");
        assert_eq!(number(f64::NAN), json!("NaN"));
        assert_eq!(number(0.1).to_string(), "0.1");
    }

    #[test]
    fn integer_like_keys_come_first_in_ascending_order() {
        let parsed = parse(r#"{"b":1,"10":2,"9":{"y":1,"0":2},"01":3,"4294967295":4}"#).unwrap();
        assert_eq!(parsed.to_string(), r#"{"9":{"0":2,"y":1},"10":2,"b":1,"01":3,"4294967295":4}"#);
    }

    #[test]
    fn a_repeated_key_keeps_its_first_place_and_its_last_value() {
        assert_eq!(parse(r#"{"a":1,"b":2,"a":3}"#).unwrap().to_string(), r#"{"a":3,"b":2}"#);
    }
}
