//! Script values into JSON, bounded in size and depth: what leaves a script is counted while it is built.

use super::{Rank, Record};
use rhai::Dynamic;
use serde_json::{Map, Number, Value};

/// Most bytes of a body, a result, or anything else a script hands out.
pub const VALUE_BYTES: usize = 256 * 1024;

/// Deepest nesting of a value that leaves a script.
const DEPTH: usize = 64;

/// Why a value cannot leave the script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotJson {
    /// Nested too deeply.
    #[error("a value nested more than {DEPTH} levels deep")]
    TooDeep,
    /// Too large.
    #[error("a value of more than {0} bytes")]
    TooLarge(usize),
    /// Not data.
    #[error("{0}, which is not data")]
    NotData(&'static str),
}

impl NotJson {
    /// The limit this breaks, if it is one.
    pub fn limit(&self) -> Option<&'static str> {
        match self {
            Self::TooDeep => Some("depth"),
            Self::TooLarge(_) => Some("size"),
            Self::NotData(_) => None,
        }
    }
}

/// The value as JSON of at most `bytes` (as counted while building; punctuation included roughly).
pub fn to_json(value: &Dynamic, bytes: usize) -> Result<Value, NotJson> {
    Writer { left: bytes, bytes }.write(value, 0)
}

/// What kind of value it is, for an error message.
pub fn describe(value: &Dynamic) -> &'static str {
    let value = &value.flatten_clone();
    match () {
        () if value.is_unit() => "nothing",
        () if value.is_bool() => "true or false",
        () if value.is_int() || value.is_float() => "a number",
        () if value.is_string() || value.is_char() => "a text",
        () if value.is_array() => "a list",
        () if value.is_map() || value.is::<Record>() => "a map",
        () if value.is_fnptr() => "a function",
        () if value.is::<Rank>() => "a severity",
        () => "an object of Quell",
    }
}

struct Writer {
    left: usize,
    bytes: usize,
}

impl Writer {
    fn spend(&mut self, bytes: usize) -> Result<(), NotJson> {
        self.left = self.left.checked_sub(bytes).ok_or(NotJson::TooLarge(self.bytes))?;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<String, NotJson> {
        self.spend(text.len() + 3)?;
        Ok(text.to_owned())
    }

    fn write(&mut self, value: &Dynamic, depth: usize) -> Result<Value, NotJson> {
        if depth > DEPTH {
            return Err(NotJson::TooDeep);
        }
        if value.is_shared() {
            // A variable a closure captured; the copy is one level, so a cycle ends at the depth limit.
            return self.write(&value.flatten_clone(), depth + 1);
        }
        self.spend(1)?;
        if value.is_unit() {
            Ok(Value::Null)
        } else if let Ok(value) = value.as_bool() {
            Ok(Value::Bool(value))
        } else if let Ok(number) = value.as_int() {
            self.spend(8)?;
            Ok(Value::from(number))
        } else if let Ok(number) = value.as_float() {
            self.spend(8)?;
            Number::from_f64(number).map(Value::Number).ok_or(NotJson::NotData("a number without end"))
        } else if let Ok(text) = value.as_immutable_string_ref() {
            self.text(&text).map(Value::String)
        } else if let Ok(c) = value.as_char() {
            self.text(c.encode_utf8(&mut [0; 4])).map(Value::String)
        } else if let Ok(list) = value.as_array_ref() {
            list.iter().map(|value| self.write(value, depth + 1)).collect::<Result<_, _>>().map(Value::Array)
        } else if let Ok(map) = value.as_map_ref() {
            self.fields(map.iter().map(|(name, value)| (name.as_str(), value)), depth)
        } else if let Some(record) = value.read_lock::<Record>() {
            self.fields(record.iter().map(|(name, value)| (name.as_str(), value)), depth)
        } else if let Some(rank) = value.read_lock::<Rank>() {
            self.text(rank.0.as_str()).map(Value::String)
        } else {
            Err(NotJson::NotData(describe(value)))
        }
    }

    fn fields<'v>(
        &mut self,
        fields: impl Iterator<Item = (&'v str, &'v Dynamic)>,
        depth: usize,
    ) -> Result<Value, NotJson> {
        let mut object = Map::new();
        for (name, value) in fields {
            object.insert(self.text(name)?, self.write(value, depth + 1)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{freeze, thaw};
    use super::*;
    use serde_json::json;

    #[test]
    fn what_comes_in_goes_out_the_same() {
        let value = json!({"a": [1, -2.5, null, true], "b": {"c": "x", "d": {}}});
        assert_eq!(to_json(&freeze(&value), 1000), Ok(value.clone()));
        assert_eq!(to_json(&thaw(&value), 1000), Ok(value));
        assert_eq!(to_json(&freeze(&json!(u64::MAX)), 1000), Ok(json!("18446744073709551615")));
    }

    #[test]
    fn size_and_depth_end_in_a_named_limit() {
        let long = Dynamic::from("x".repeat(2000));
        assert_eq!(to_json(&long, 1000), Err(NotJson::TooLarge(1000)));
        let deep = (0..70).fold(Dynamic::UNIT, |inner, _| Dynamic::from_array(vec![inner]));
        assert_eq!(to_json(&deep, 1000), Err(NotJson::TooDeep));
        let many = Dynamic::from_array(vec![Dynamic::UNIT; 2000]);
        assert_eq!(to_json(&many, 1000), Err(NotJson::TooLarge(1000)));
    }
}
