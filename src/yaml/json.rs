//! A YAML tree as JSON: for values whose shape is the alert's or the script's business, such as a test's alert.

use super::{Kind, Node};
use serde_json::{Map, Number, Value};

/// The same value as JSON.
pub fn to_json(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Integer(number, _) => Value::from(*number),
        Kind::Float(number, _) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Kind::Text(text) => Value::String(text.clone()),
        Kind::List(list) => Value::Array(list.iter().map(to_json).collect()),
        Kind::Map(map) => {
            let entries = map.iter().map(|entry| (entry.key.clone(), to_json(&entry.value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}
