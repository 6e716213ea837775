//! JSON into script values. Depth needs no check here: the parser bounds it.

use super::{Rank, Record};
use crate::alert::Severity;
use crate::playbook::JsonText;
use rhai::{Array, Dynamic, Identifier, ImmutableString, Map};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Number, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// The alert as a record, its severity as one. Read from its text without a tree in between: every activation does.
pub fn alert(alert: &RawValue) -> Result<Dynamic, serde_json::Error> {
    let Object(mut fields): Object<ImmutableString> = serde_json::from_str(alert.get())?;
    if let Some(severity) = fields.get_mut("severity") {
        let known = severity.as_immutable_string_ref().ok().map(|word| Severity::from_word(&word));
        if let Some(known) = known {
            *severity = Dynamic::from(Rank(known));
        }
    }
    Ok(Dynamic::from(Record::new(fields)))
}

/// What a step came to: its own fields are the script's to change; what came over the wire is frozen.
pub fn answer(answer: &JsonText) -> Result<Dynamic, serde_json::Error> {
    if answer.as_str().starts_with('{') {
        let Object(fields): Object<Identifier> = serde_json::from_str(answer.as_str())?;
        return Ok(Dynamic::from_map(fields));
    }
    let Frozen(value) = serde_json::from_str(answer.as_str())?;
    Ok(value)
}

/// An object whose fields are frozen, but not the object itself.
struct Object<K>(BTreeMap<K, Dynamic>);

impl<'de, K: Ord + Deserialize<'de>> Deserialize<'de> for Object<K> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Collecting(PhantomData)).map(Self)
    }
}

struct Collecting<K>(PhantomData<K>);

impl<'de, K: Ord + Deserialize<'de>> Visitor<'de> for Collecting<K> {
    type Value = BTreeMap<K, Dynamic>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((name, Frozen(value))) = object.next_entry::<K, Frozen>()? {
            fields.insert(name, value);
        }
        Ok(fields)
    }
}

/// A value from outside as JSON text has it: what [`freeze`] makes of a tree.
struct Frozen(Dynamic);

impl<'de> Deserialize<'de> for Frozen {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Freezing).map(Self)
    }
}

struct Freezing;

impl<'de> Visitor<'de> for Freezing {
    type Value = Dynamic;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Dynamic, E> {
        Ok(Dynamic::UNIT)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Dynamic, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Dynamic, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Dynamic, E> {
        Ok(convert_number(&value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Dynamic, E> {
        Ok(Dynamic::from_float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Dynamic, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Dynamic, A::Error> {
        let mut array = Array::new();
        while let Some(Frozen(value)) = list.next_element()? {
            array.push(value);
        }
        Ok(Dynamic::from_array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Dynamic, A::Error> {
        Collecting(PhantomData).visit_map(object).map(|fields| Dynamic::from(Record::new(fields)))
    }
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
