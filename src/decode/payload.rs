//! A foreign payload, read leniently: fields by any of their names, values in any of the forms sources give them.

use super::strict;
use serde_json::{Map, Value};

/// The fields of a foreign object; taking one moves it out.
pub(super) struct Payload(Map<String, Value>);

impl Payload {
    pub(super) fn new(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// The first of the named fields that says something.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<Value> {
        names.iter().find_map(|name| self.0.remove(*name).filter(|value| !is_absent(value)))
    }

    /// The first of the named fields as a text; numbers and truth values are spelled out.
    pub(super) fn text(&mut self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.0.remove(*name).and_then(text))
    }

    /// The first of the named fields as texts: a list, a list within a string, or one text.
    pub(super) fn texts(&mut self, names: &[&str]) -> Vec<String> {
        self.take(names).map(texts).unwrap_or_default()
    }

    /// The first of the named fields as a truth value; absent is false.
    pub(super) fn truth(&mut self, names: &[&str]) -> bool {
        self.text(names).is_some_and(|text| text.eq_ignore_ascii_case("true") || text == "1")
    }

    /// The first of the named fields as an object, perhaps within a string; something else is given back.
    pub(super) fn object(&mut self, names: &[&str]) -> Result<Map<String, Value>, Value> {
        match self.take(names).map(strict::unfold) {
            None => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(other) => Err(other),
        }
    }

    /// The first of the named fields as a list, perhaps within a string; something else is given back.
    pub(super) fn list(&mut self, names: &[&str]) -> Result<Vec<Value>, Value> {
        match self.take(names).map(strict::unfold) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(other),
        }
    }
}

/// Whether a value is one of the ways to say "none": null, `""`, `-`, `<NA>`.
pub(super) fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => matches!(text.trim(), "" | "-" | "<NA>"),
        _ => false,
    }
}

/// A scalar as a text, unless it says "none".
pub(super) fn text(value: Value) -> Option<String> {
    match value {
        value if is_absent(&value) => None,
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The texts of a list, of a list within a string, or one text.
pub(super) fn texts(value: Value) -> Vec<String> {
    match strict::unfold(value) {
        Value::Array(list) => list.into_iter().filter_map(text).collect(),
        other => text(other).into_iter().collect(),
    }
}
