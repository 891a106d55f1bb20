//! JavaScript's view of values, where the SDK lets the language decide what goes on the wire:
//! number texts, `JSON.stringify`, property order, and what 64-bit and 32-bit fields make of
//! numbers and strings (ECMA-262, and the Long and protobuf libraries inside the SDK).

use std::io;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value, ser::Formatter};

/// The largest property name that counts as an array index.
const LAST_INDEX: u32 = u32::MAX - 1;
/// How many characters of a decimal text the Long library reads at a time.
const LONG_CHUNK: usize = 8;

/// `String(value)` of a number.
///
/// ```
/// use chatproof::protocol::js;
/// assert_eq!(js::number_text(1e21), "1e+21");
/// assert_eq!(js::number_text(-0.0), "0");
/// ```
pub fn number_text(value: f64) -> String {
    ryu_js::Buffer::new().format(value).to_owned()
}

/// `JSON.stringify(value)` of what `JSON.parse` made of this value.
///
/// ```
/// use chatproof::protocol::js;
/// let value = serde_json::json!({"b": 1.0, "10": null, "2": [1e21, "é\n"]});
/// assert_eq!(js::stringify(&value), r#"{"2":[1e+21,"é\n"],"10":null,"b":1}"#);
/// ```
pub fn stringify(value: &Value) -> String {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, NumberTexts);
    Ordered(value).serialize(&mut serializer).expect("memory can be written to");
    String::from_utf8(text).expect("JSON texts are UTF-8")
}

/// Puts pairs into JavaScript's property order: array indices first, ascending, then as given.
pub fn sort_properties<T>(pairs: &mut [T], key: impl Fn(&T) -> &str) {
    pairs.sort_by_key(|pair| array_index(key(pair)).map_or(u64::MAX, u64::from));
}

/// The number if `key` is the canonical text of an array index.
fn array_index(key: &str) -> Option<u32> {
    let canonical = key == "0" || key.starts_with(|first: char| matches!(first, '1'..='9'));
    let digits = canonical && key.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| key.parse().ok()).flatten().filter(|index| *index <= LAST_INDEX)
}

/// Whether JavaScript takes the value for true.
///
/// ```
/// use chatproof::protocol::js;
/// use serde_json::json;
/// assert!(js::is_truthy(&json!({})) && !js::is_truthy(&json!("")));
/// ```
pub fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// `Number(text)`: NaN where the text is no number.
///
/// ```
/// use chatproof::protocol::js;
/// assert_eq!(js::number_of(" 3.5 "), 3.5);
/// assert_eq!(js::number_of(""), 0.0);
/// assert!(js::number_of("3px").is_nan());
/// ```
pub fn number_of(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    if text.is_empty() {
        return 0.0;
    }
    if let Some(radix) = text.get(..2).and_then(radix) {
        return integer_of(&text[2..], radix);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned == "Infinity" || unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        text.parse().unwrap_or(f64::NAN)
    } else {
        f64::NAN
    }
}

/// White space and line ends of ECMA-262; U+FEFF is among them, unlike in Unicode.
fn is_space(c: char) -> bool {
    c != '\u{85}' && (c.is_whitespace() || c == '\u{feff}')
}

fn radix(prefix: &str) -> Option<u32> {
    match prefix {
        "0x" | "0X" => Some(16),
        "0o" | "0O" => Some(8),
        "0b" | "0B" => Some(2),
        _ => None,
    }
}

fn integer_of(digits: &str, radix: u32) -> f64 {
    if digits.is_empty() {
        return f64::NAN;
    }
    digits
        .chars()
        .try_fold(0.0, |sum, c| Some(sum * f64::from(radix) + f64::from(c.to_digit(radix)?)))
        .unwrap_or(f64::NAN)
}

/// What a 64-bit field holds when a number is assigned to it: the low 64 bits of its integer part,
/// in two's complement; 0 for what is no number.
pub fn low_64_bits(value: f64) -> u64 {
    if !value.is_finite() {
        return 0;
    }
    // Every double above 2^53 is an integer, so the remainder is exact; below 2^64 the cast is.
    let magnitude = (value.abs().trunc() % 18_446_744_073_709_551_616.0) as u64;
    if value < 0.0 { magnitude.wrapping_neg() } else { magnitude }
}

/// What an `int32` field writes when a number is assigned to it: the low 32 bits of a number that
/// is not negative, the low 64 bits of one that is.
pub fn int32_varint(value: f64) -> u64 {
    let bits = low_64_bits(value);
    if value < 0.0 { bits } else { bits & u64::from(u32::MAX) }
}

/// A text that the SDK cannot turn into a 64-bit number: it throws.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a number, got {}", match self {
    Self::Empty => "an empty string",
    Self::InteriorHyphen => "a string with a hyphen inside, on which the SDK throws",
})]
pub enum NotLong {
    /// The text is empty.
    Empty,
    /// A hyphen stands elsewhere than in front.
    InteriorHyphen,
}

/// What a 64-bit field holds when a string is assigned to it; text that is no number becomes 0.
///
/// # Errors
///
/// [`NotLong`] for the texts on which the SDK throws.
///
/// ```
/// use chatproof::protocol::js;
/// assert_eq!(js::long_of("1234567890123456789"), Ok(1_234_567_890_123_456_789));
/// assert_eq!(js::long_of("WEBIM_abc"), Ok(0));
/// assert!(js::long_of("8d1c-4e0b").is_err());
/// ```
pub fn long_of(text: &str) -> Result<u64, NotLong> {
    if text.is_empty() {
        return Err(NotLong::Empty);
    }
    if matches!(text, "NaN" | "Infinity" | "+Infinity" | "-Infinity") {
        return Ok(0);
    }
    match text.find('-') {
        Some(0) => return long_of(&text[1..]).map(u64::wrapping_neg),
        Some(_) => return Err(NotLong::InteriorHyphen),
        None => {}
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    Ok(units.chunks(LONG_CHUNK).fold(0, |sum: u64, chunk| {
        let shift = 10_u64.pow(u32::try_from(chunk.len()).expect("a chunk is short"));
        sum.wrapping_mul(shift).wrapping_add(leading_digits(chunk))
    }))
}

/// `parseInt(chunk, 10)` of a chunk without a minus sign, 0 for NaN.
fn leading_digits(chunk: &[u16]) -> u64 {
    let text = String::from_utf16_lossy(chunk);
    let text = text.trim_start_matches(is_space);
    text.strip_prefix('+')
        .unwrap_or(text)
        .chars()
        .map_while(|c| c.to_digit(10))
        .fold(0, |sum, digit| sum * 10 + u64::from(digit))
}

/// A value whose objects are written in property order.
struct Ordered<'a>(&'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            Value::Object(map) => {
                let mut object = serializer.serialize_map(Some(map.len()))?;
                for (key, value) in properties(map) {
                    object.serialize_entry(key, &Ordered(value))?;
                }
                object.end()
            }
            scalar => scalar.serialize(serializer),
        }
    }
}

fn properties(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut pairs: Vec<_> = map.iter().collect();
    sort_properties(&mut pairs, |(key, _)| key);
    pairs
}

/// Writes every number as the double that JavaScript holds.
struct NumberTexts;

impl NumberTexts {
    fn write<W: io::Write + ?Sized>(writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(ryu_js::Buffer::new().format(value).as_bytes())
    }
}

impl Formatter for NumberTexts {
    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        Self::write(writer, value)
    }

    fn write_i64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        Self::write(writer, value as f64)
    }

    fn write_u64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        Self::write(writer, value as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_look_as_javascript_prints_them() {
        for (value, text) in [
            (1.0, "1"),
            (-0.0, "0"),
            (1e-7, "1e-7"),
            (0.000_001, "0.000001"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(number_text(value), text);
        }
        assert_eq!(stringify(&json!([9_007_199_254_740_993_u64, -0.0, 2.50])), "[9007199254740992,0,2.5]");
    }

    #[test]
    fn strings_escape_only_what_json_stringify_escapes() {
        let text = json!("\u{8}\t\n\u{c}\r\"\\\u{1}\u{1f}\u{7f}\u{2028}é😀/");
        assert_eq!(stringify(&text), "\"\\b\\t\\n\\f\\r\\\"\\\\\\u0001\\u001f\u{7f}\u{2028}é😀/\"");
    }

    #[test]
    fn array_indices_come_first_at_every_depth() {
        let value: Value = serde_json::from_str(
            r#"{"b":0,"10":1,"02":2,"2":{"z":0,"1":1,"0":2},"-1":3,"4294967294":4,"4294967295":5,"a":6}"#,
        )
        .unwrap();
        assert_eq!(
            stringify(&value),
            r#"{"2":{"0":2,"1":1,"z":0},"10":1,"4294967294":4,"b":0,"02":2,"-1":3,"4294967295":5,"a":6}"#
        );
    }

    #[test]
    fn texts_become_numbers_as_number_does_it() {
        for (text, value) in [
            ("\u{feff} 12\n", 12.0),
            ("0x1F", 31.0),
            ("0b11", 3.0),
            ("-Infinity", f64::NEG_INFINITY),
            ("1e3", 1000.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+7", 7.0),
        ] {
            assert_eq!(number_of(text), value, "{text}");
        }
        for text in ["inf", "nan", "infinity", "1_000", "--1", "-0x10", "0x", "1e", "."] {
            assert!(number_of(text).is_nan(), "{text}");
        }
    }

    #[test]
    fn large_and_negative_numbers_keep_their_low_bits() {
        assert_eq!(low_64_bits(-7.9), (-7_i64).cast_unsigned());
        assert_eq!(low_64_bits(1e19), 10_000_000_000_000_000_000);
        assert_eq!(low_64_bits(18_446_744_073_709_551_616.0), 0);
        assert_eq!(low_64_bits(1.5e300), 0);
        assert_eq!(low_64_bits(f64::NAN), 0);
        assert_eq!(int32_varint(3_000_000_000.7), 3_000_000_000);
        assert_eq!(int32_varint(4_294_967_301.0), 5);
        assert_eq!(int32_varint(-1.0), u64::MAX);
    }

    #[test]
    fn decimal_texts_fill_64_bits_and_wrap() {
        assert_eq!(long_of("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(long_of("18446744073709551617"), Ok(1));
        assert_eq!(long_of("-1"), Ok(u64::MAX));
        assert_eq!(long_of("12345678abc"), Ok(12_345_678_000));
        assert_eq!(long_of("12abc"), Ok(12));
        assert_eq!(long_of("Infinity"), Ok(0));
        assert_eq!(long_of("1-2"), Err(NotLong::InteriorHyphen));
        assert_eq!(long_of("-"), Err(NotLong::Empty));
    }

    proptest! {
        #[test]
        fn what_is_stringified_parses_to_the_same_text(text in "\\PC{0,20}", number in any::<f64>(), key in "[0-9a-z]{0,3}") {
            let value = json!({key: [text, number]});
            let once = stringify(&value);
            let again: Value = serde_json::from_str(&once).unwrap();
            prop_assert_eq!(stringify(&again), once);
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = (number_of(&text), long_of(&text));
        }
    }
}
