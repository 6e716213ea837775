//! JSON into script values. Depth needs no check here: these values were parsed from text by a bounded parser.

use super::{Rank, Record};
use crate::alert::Severity;
use rhai::{Dynamic, Identifier, ImmutableString, Map};
use serde_json::{Number, Value};
use std::collections::BTreeMap;

/// The alert as a record, its severity as one.
pub fn alert(alert: &Value) -> Dynamic {
    let Value::Object(fields) = alert else { return freeze(alert) };
    let mut record: BTreeMap<ImmutableString, Dynamic> =
        fields.iter().map(|(name, value)| (name.as_str().into(), freeze(value))).collect();
    if let Some(Value::String(word)) = fields.get("severity") {
        record.insert("severity".into(), Dynamic::from(Rank(Severity::from_word(word))));
    }
    Dynamic::from(Record::new(record))
}

/// A value from outside: its objects become records nobody can write to.
pub fn freeze(value: &Value) -> Dynamic {
    convert(value, |fields| {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Dynamic::from(Record::new(fields))
    })
}

/// A value that is the script's own: its objects become maps.
pub fn thaw(value: &Value) -> Dynamic {
    convert(value, |fields| {
        let fields = fields.into_iter().map(|(name, value)| (Identifier::from(name), value));
        Dynamic::from_map(fields.collect::<Map>())
    })
}

type Fields<'a> = Vec<(&'a str, Dynamic)>;

fn convert(value: &Value, object: fn(Fields<'_>) -> Dynamic) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => convert_number(number),
        Value::String(text) => text.as_str().into(),
        Value::Array(list) => Dynamic::from_array(list.iter().map(|value| convert(value, object)).collect()),
        Value::Object(fields) => {
            object(fields.iter().map(|(name, value)| (name.as_str(), convert(value, object))).collect())
        }
    }
}

/// A whole number beyond 64 signed bits is an identifier, not a quantity: it stays exact, as a text.
fn convert_number(number: &Number) -> Dynamic {
    match (number.as_i64(), number.is_u64()) {
        (Some(whole), _) => whole.into(),
        (None, true) => number.to_string().into(),
        (None, false) => number.as_f64().map_or_else(|| number.to_string().into(), Dynamic::from_float),
    }
}
