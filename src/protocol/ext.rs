//! Values of an `ext` and of `customExts`: what JavaScript can hold there, and its `KeyValue` form.

use super::{
    generation::Generation,
    js,
    schema::{
        KeyValue,
        key_value::{Value, ValueType},
    },
};

/// One value of an ext, as the page that sets it sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum ExtValue {
    /// A string, sent as STRING.
    Text(String),
    /// A boolean, sent as BOOL.
    Bool(bool),
    /// A number: INT when `Number.isInteger` holds, else DOUBLE.
    Number(f64),
    /// An object, an array or `null`, sent as JSON_STRING in the form that `JSON.stringify` gives.
    Json(serde_json::Value),
    /// JavaScript's `undefined`; each generation has its own way with it.
    Undefined,
}

/// An ext: key and value pairs. They travel in JavaScript's property order, whatever theirs is.
pub type Ext = Vec<(String, ExtValue)>;

impl From<serde_json::Value> for ExtValue {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match value {
            Json::String(text) => Self::Text(text),
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Json::Null | Json::Array(_) | Json::Object(_) => Self::Json(value),
        }
    }
}

/// A JSON_STRING whose text is no JSON; the SDK throws on it.
#[derive(Debug, thiserror::Error)]
#[error("the value of {key:?} is no JSON")]
pub struct BadJson {
    /// The pair's key.
    pub key: String,
    /// What is wrong with its text.
    #[source]
    pub source: serde_json::Error,
}

/// The pairs as a client of this generation sends them.
pub fn key_values(generation: Generation, ext: &Ext) -> Vec<KeyValue> {
    let mut pairs: Vec<&(String, ExtValue)> = ext.iter().collect();
    js::sort_properties(&mut pairs, |(key, _)| key);
    pairs.into_iter().filter_map(|(key, value)| key_value(generation, key, value)).collect()
}

/// One pair; `None` if the generation leaves it out.
fn key_value(generation: Generation, key: &str, value: &ExtValue) -> Option<KeyValue> {
    let knows_undefined = generation == Generation::V4_21_1;
    let (kind, value) = match value {
        ExtValue::Text(text) => (ValueType::String, Some(Value::StringValue(text.clone()))),
        ExtValue::Bool(value) => (ValueType::Bool, Some(Value::VarintValue((*value).into()))),
        ExtValue::Number(number) if number.is_finite() && number.fract() == 0.0 => {
            let bits = js::low_64_bits(*number);
            (ValueType::Int, Some(Value::VarintValue(bits.cast_signed())))
        }
        ExtValue::Number(number) if number.is_nan() && knows_undefined => {
            (ValueType::String, Some(Value::StringValue(js::number_text(*number))))
        }
        ExtValue::Number(number) => (ValueType::Double, Some(Value::DoubleValue(*number))),
        ExtValue::Json(json) => (ValueType::JsonString, Some(Value::StringValue(js::stringify(json)))),
        ExtValue::Undefined if knows_undefined => return None,
        ExtValue::Undefined => (ValueType::Double, None),
    };
    Some(KeyValue { key: Some(key.to_owned()), r#type: Some(kind.into()), value })
}

/// What a page reads of one received pair; `None` for a type that the SDK does not know.
///
/// An absent type is BOOL. A value that is absent or of another kind than the type says reads as
/// the field's default.
///
/// # Errors
///
/// [`BadJson`] if a JSON_STRING does not parse.
pub fn read(pair: &KeyValue) -> Result<Option<ExtValue>, BadJson> {
    let kind = pair.r#type.map_or(Ok(ValueType::Bool), ValueType::try_from);
    let Ok(kind) = kind else { return Ok(None) };
    let value = pair.value.as_ref();
    Ok(Some(match kind {
        ValueType::Bool => ExtValue::Bool(varint(value) != 0),
        ValueType::Int | ValueType::Uint | ValueType::Llint => ExtValue::Number(varint(value) as f64),
        ValueType::Float => ExtValue::Number(match value {
            Some(Value::FloatValue(value)) => f64::from(*value),
            _ => 0.0,
        }),
        ValueType::Double => ExtValue::Number(match value {
            Some(Value::DoubleValue(value)) => *value,
            _ => 0.0,
        }),
        ValueType::String => ExtValue::Text(text(value).to_owned()),
        ValueType::JsonString => {
            let parsed: serde_json::Value = serde_json::from_str(text(value))
                .map_err(|source| BadJson { key: pair.key.clone().unwrap_or_default(), source })?;
            // A bare string, boolean or number is as much JSON as an object.
            parsed.into()
        }
    }))
}

fn varint(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::VarintValue(value)) => *value,
        _ => 0,
    }
}

fn text(value: Option<&Value>) -> &str {
    match value {
        Some(Value::StringValue(text)) => text,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn values() -> impl Strategy<Value = ExtValue> {
        prop_oneof![
            "\\PC{0,12}".prop_map(ExtValue::Text),
            any::<bool>().prop_map(ExtValue::Bool),
            (-(1_i64 << 53)..=1_i64 << 53).prop_map(|whole| ExtValue::Number(whole as f64)),
            any::<f64>()
                .prop_filter("NaN equals nothing, and whole numbers are tried above", |number| {
                    number.is_infinite() || number.fract().abs() > 0.0
                })
                .prop_map(ExtValue::Number),
            ("\\PC{0,6}", any::<i32>())
                .prop_map(|(text, number)| ExtValue::Json(json!({ text: [number, null] }))),
        ]
    }

    proptest! {
        #[test]
        fn a_value_reads_back_as_it_was_sent(key in "\\PC{0,8}", value in values()) {
            for generation in Generation::ALL {
                let pairs = key_values(generation, &vec![(key.clone(), value.clone())]);
                prop_assert_eq!(pairs.len(), 1);
                prop_assert_eq!(pairs[0].key.as_deref(), Some(key.as_str()));
                prop_assert_eq!(read(&pairs[0]).unwrap(), Some(value.clone()));
            }
        }
    }

    #[test]
    fn undefined_and_nan_differ_by_generation() {
        let ext = vec![
            ("u".to_owned(), ExtValue::Undefined),
            ("n".to_owned(), ExtValue::Number(f64::NAN)),
            ("i".to_owned(), ExtValue::Number(f64::INFINITY)),
        ];
        let kinds = |generation| -> Vec<_> {
            key_values(generation, &ext)
                .into_iter()
                .map(|pair| (pair.key.unwrap(), pair.r#type.unwrap(), pair.value.is_some()))
                .collect()
        };
        let old = vec![("u".to_owned(), 6, false), ("n".to_owned(), 6, true), ("i".to_owned(), 6, true)];
        assert_eq!(kinds(Generation::V3_6_3), old);
        assert_eq!(kinds(Generation::V4_0_8), old);
        let new = vec![("n".to_owned(), 7, true), ("i".to_owned(), 6, true)];
        assert_eq!(kinds(Generation::V4_21_1), new);
    }

    #[test]
    fn a_json_text_that_does_not_parse_is_an_error_that_names_the_key() {
        let pair = KeyValue {
            key: Some("k".to_owned()),
            r#type: Some(ValueType::JsonString.into()),
            value: Some(Value::StringValue("{".to_owned())),
        };
        assert_eq!(read(&pair).unwrap_err().to_string(), "the value of \"k\" is no JSON");
    }
}
