//! A payload as a value, every key of it taken as a plain key. The JSON library's own reader gives some keys a meaning,
//! and would see values there that no other reader of the same text sees.

use crate::alert::Steps;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads a text; none if it cannot be read.
pub fn read(text: &str) -> Option<Value> {
    serde_json::from_str::<Plain>(text).ok().map(|plain| plain.0)
}

/// As [`read`], of an object no more than what stands under some keys: the rest of it is stepped over. None where it is out of
/// the ordinary, too.
pub fn read_under(keys: &[&str], text: &str) -> Option<Value> {
    let mut steps = Steps::new(text);
    steps.step(b'{')?;
    let mut map = Map::new();
    while steps.has_more(b'}')? {
        let key = steps.key()?;
        steps.blank();
        let start = steps;
        steps.value(1)?;
        if keys.contains(&&*key) {
            map.insert(key.into_owned(), read(steps.since(start)?)?);
        }
    }
    Some(Value::Object(map))
}

struct Plain(Value);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PlainVisitor).map(Self)
    }
}

struct PlainVisitor;

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Plain(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Plain(value))) = entries.next_entry::<String, Plain>()? {
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_plain_and_everything_else_is_as_ever() {
        let text = r#"{"a":[1,-2.5,18446744073709551615,1e3,true,null,"x\ny"],"a b":{"a":1,"a":2}}"#;
        assert_eq!(read(text), serde_json::from_str(text).ok());
        let odd = read(r#"{"$serde_json::private::RawValue":"{\"a\":1}"}"#).unwrap();
        assert_eq!(odd["$serde_json::private::RawValue"], "{\"a\":1}");
        assert_eq!(read(r#"{"a":"\ud800"}"#), None);
    }

    #[test]
    fn of_an_object_what_stands_under_some_keys_is_read_and_the_last_of_one_key_counts() {
        let text = r#"{"a":1,"b":{"a":2,"c":[3]},"\u0063":"x","d":4,"a":[5]}"#;
        let expected = serde_json::json!({"a": [5], "c": "x"});
        assert_eq!(read_under(&["a", "c", "missing"], text), Some(expected));
        assert_eq!(read_under(&["b"], text), Some(serde_json::json!({"b": {"a": 2, "c": [3]}})));
        assert_eq!(read_under(&["a"], r#"[{"a":1}]"#), None);
    }
}
