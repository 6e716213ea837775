//! JSON read strictly: no duplicate keys, bounded depth, and no integer silently rounded.

use super::codes;
use super::fault::DecodeError;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};
use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;

/// The depth allowed to JSON written inside a string, such as the entities of a table row.
const DEPTH_IN_A_STRING: usize = 64;

/// Under keys that begin so the JSON library passes values of its own: whoever sends one wants one reader to see what
/// another does not.
const RESERVED: &str = "$serde_json::private::";

/// Reads exactly one JSON value of at most `depth` nested lists and objects.
///
/// # Errors
/// `invalid_json`, `invalid_utf8`, `json_too_deep` or `duplicate_field`, with the place in `text`.
pub(super) fn parse(text: &str, depth: usize) -> Result<Value, DecodeError> {
    let reading = Reading { text, depth, fault: RefCell::new(None), floats: Cell::new(0), exact: OnceCell::new() };
    let mut from = serde_json::Deserializer::from_str(text);
    let read = Node { reading: &reading, depth }.deserialize(&mut from).and_then(|value| from.end().map(|()| value));
    read.map_err(|error| match reading.fault.take() {
        Some(fault) => fault.at(error.line(), error.column()),
        None => DecodeError::of_parser(&error),
    })
}

/// What a string means if it holds JSON, at up to two levels of strings in strings; otherwise the value itself.
pub(super) fn unfold(value: Value) -> Value {
    fn once(value: Value) -> Value {
        match &value {
            Value::String(text) if text.trim_start().starts_with(['{', '[', '"']) => {
                parse(text, DEPTH_IN_A_STRING).unwrap_or(value)
            }
            _ => value,
        }
    }
    once(once(value))
}

/// Whether brackets nest deeper than `depth`, even if they never close: a better answer than "end of input".
pub(super) fn is_too_deep(text: &str, depth: usize) -> bool {
    let mut open = 0_usize;
    outside_strings(text).any(|(_, byte)| {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > depth
    })
}

pub(super) fn too_deep(depth: usize) -> DecodeError {
    DecodeError::new(codes::JSON_TOO_DEEP, format!("lists and objects nest deeper than {depth}"))
}

/// The bytes of a JSON text that are not within its strings, with their places.
fn outside_strings(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let (mut quoted, mut escaped) = (false, false);
    text.bytes().enumerate().filter(move |&(_, byte)| {
        let within = quoted;
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
        !within
    })
}

/// The numbers the parser gives as floats, in the order of the text: fractions, exponents, `-0`, and integers that
/// no 64 bits hold.
fn floats(text: &str) -> Vec<&str> {
    let mut numbers = Vec::new();
    let mut end = 0;
    for (start, byte) in outside_strings(text) {
        if start >= end && (byte == b'-' || byte.is_ascii_digit()) {
            let part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
            end = start + text.as_bytes()[start..].iter().take_while(|byte| part(byte)).count();
            let number = &text[start..end];
            if number == "-0" || (number.parse::<u64>().is_err() && number.parse::<i64>().is_err()) {
                numbers.push(number);
            }
        }
    }
    numbers
}

/// One reading of one text.
struct Reading<'t> {
    text: &'t str,
    depth: usize,
    fault: RefCell<Option<DecodeError>>,
    /// How many floats the parser has given so far.
    floats: Cell<usize>,
    /// The text's floats as written; looked for only when a number is large enough to matter.
    exact: OnceCell<Vec<&'t str>>,
}

impl<'t> Reading<'t> {
    /// The text of a float just given, if it is an integer.
    fn integer(&self, index: usize) -> Option<&'t str> {
        let number = *self.exact.get_or_init(|| floats(self.text)).get(index)?;
        (!number.contains(['.', 'e', 'E'])).then_some(number)
    }

    fn refuse<E: serde::de::Error>(&self, fault: DecodeError) -> E {
        let error = E::custom(&fault.message);
        self.fault.replace(Some(fault));
        error
    }
}

/// One value to be read, and how deep it may still nest.
#[derive(Clone, Copy)]
struct Node<'r, 't> {
    reading: &'r Reading<'t>,
    depth: usize,
}

impl Node<'_, '_> {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.reading.refuse(too_deep(self.reading.depth))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let index = self.reading.floats.replace(self.reading.floats.get() + 1);
        // 2^63: nothing smaller is an integer that was rounded.
        if value.abs() >= 9_223_372_036_854_775_808.0
            && let Some(integer) = self.reading.integer(index)
        {
            return Ok(integer.into());
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key.starts_with(RESERVED) {
                let message = format!("a key that begins with `{RESERVED}` means something to the JSON reader");
                return Err(self.reading.refuse(DecodeError::new(codes::INVALID_JSON, message)));
            }
            match map.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(entries.next_value_seed(inner)?);
                }
                Entry::Occupied(place) => {
                    let key: String = place.key().chars().take(64).collect();
                    let message = format!("the key `{key}` is there twice in one object; which one counts?");
                    return Err(self.reading.refuse(DecodeError::new(codes::DUPLICATE_FIELD, message)));
                }
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(text: &str) -> &'static str {
        parse(text, 64).unwrap_err().code
    }

    #[test]
    fn keeps_every_digit_of_an_integer() {
        let text =
            r#"[1e30, "1e40", -0, 123456789012345678901234567890, 1.5, -9223372036854775809, 18446744073709551615]"#;
        let kept = parse(text, 64).unwrap();
        assert_eq!(kept[3], json!("123456789012345678901234567890"));
        assert_eq!(kept[5], json!("-9223372036854775809"));
        assert_eq!((&kept[0], &kept[4], &kept[6]), (&json!(1e30), &json!(1.5), &json!(u64::MAX)));
    }

    #[test]
    fn refuses_what_readers_would_disagree_about() {
        assert_eq!(refused(r#"{"a":1,"b":{"severity":"Low","sever\u0069ty":"High"}}"#), codes::DUPLICATE_FIELD);
        assert_eq!(refused(&format!("{}{}", "[".repeat(65), "]".repeat(65))), codes::JSON_TOO_DEEP);
        assert!(parse(&format!("{}{}", "[".repeat(64), "]".repeat(64)), 64).is_ok());
        for text in ["NaN", "1e999", "{} {}", "{'a':1}", "[1,]", "01", "", "\u{feff}{}"] {
            assert_eq!(refused(text), codes::INVALID_JSON, "{text}");
        }
        assert_eq!(refused(r#"["\ud800"]"#), codes::INVALID_UTF8);
        assert_eq!(refused(r#"["\ud800\u0041"]"#), codes::INVALID_UTF8);
    }

    #[test]
    fn sees_depth_in_a_text_that_never_ends() {
        assert!(is_too_deep(&"[".repeat(65), 64));
        assert!(!is_too_deep(&format!(r#"["{}\"["]"#, "[".repeat(100)), 64));
    }

    #[test]
    fn unfolds_two_levels_of_strings_and_no_more() {
        let once = json!([1]).to_string();
        let twice = json!(once).to_string();
        let thrice = json!(twice).to_string();
        assert_eq!(unfold(json!(once)), json!([1]));
        assert_eq!(unfold(json!(twice)), json!([1]));
        assert_eq!(unfold(json!(thrice)), json!(once));
        assert_eq!(unfold(json!("[not json")), json!("[not json"));
    }

    #[test]
    fn keys_that_mean_something_to_the_reader_are_refused() {
        for text in [r#"{"$serde_json::private::RawValue":"{}"}"#, r#"{"a":[{"$serde_json::private::Number":"1"}]}"#] {
            assert_eq!(refused(text), codes::INVALID_JSON, "{text}");
        }
    }
}
