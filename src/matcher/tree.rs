//! The values of one alert as conditions see them; what is costly about a text is worked out once and kept.

use super::fold::{fold_text, same};
use super::number::Number;
use crate::alert::field::Step;
use crate::clock::Timestamp;
use serde_json::Value;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A value: JSON's, and instants.
#[derive(Debug)]
pub enum Tree<'a> {
    /// `null`.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Text<'a>),
    /// An instant.
    Time(Timestamp),
    /// A list.
    List(Vec<Self>),
    /// Named values.
    Map(BTreeMap<Cow<'a, str>, Self>),
}

/// A text, with its folded form and the address it spells kept once asked for.
#[derive(Debug)]
pub struct Text<'a> {
    original: Cow<'a, str>,
    /// `None` inside: nothing to fold, the original serves.
    folded: OnceCell<Option<Box<str>>>,
    address: OnceCell<Option<IpAddr>>,
}

impl<'a> Text<'a> {
    fn new(original: Cow<'a, str>) -> Self {
        Self { original, folded: OnceCell::new(), address: OnceCell::new() }
    }

    /// As received.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// Case folded.
    pub fn folded(&self) -> &str {
        let fold = || match fold_text(&self.original) {
            Cow::Borrowed(_) => None,
            Cow::Owned(folded) => Some(folded.into()),
        };
        self.folded.get_or_init(fold).as_deref().unwrap_or(&self.original)
    }

    /// The address it spells, an IPv4-mapped one as its IPv4 address.
    pub fn address(&self) -> Option<IpAddr> {
        *self.address.get_or_init(|| read_address(&self.original))
    }
}

/// Reads an address; a zone (`fe80::1%eth0`) does not count, an IPv4-mapped address is its IPv4 address.
pub fn read_address(text: &str) -> Option<IpAddr> {
    let bare = text.split_once('%').map_or(text, |(bare, _)| bare);
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

impl<'a> Tree<'a> {
    /// A text as a value.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(Text::new(text.into()))
    }

    /// A list of texts; none if it is empty, since a canonical list that is empty is one that was not sent.
    pub fn texts(list: &'a [String]) -> Option<Self> {
        (!list.is_empty()).then(|| Self::List(list.iter().map(|text| Self::text(text.as_str())).collect()))
    }

    /// A map of JSON values.
    pub fn object(map: &'a serde_json::Map<String, Value>) -> Self {
        Self::Map(map.iter().map(|(key, value)| (Cow::Borrowed(key.as_str()), Self::from(value))).collect())
    }

    /// What stands under a key.
    pub fn get(&self, step: &Step) -> Option<&Self> {
        let Self::Map(map) = self else { return None };
        match step {
            Step::Exact(key) => map.get(&**key),
            Step::Caseless(key) => map.iter().find(|(known, _)| same(known, key)).map(|(_, value)| value),
        }
    }
}

impl<'a> From<&'a Value> for Tree<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => match (number.as_i128(), number.as_f64()) {
                (Some(whole), _) => Self::Number(Number::Whole(whole)),
                (None, Some(float)) if !float.is_nan() => Self::Number(Number::Float(float)),
                _ => Self::Null,
            },
            Value::String(text) => Self::text(text.as_str()),
            Value::Array(list) => Self::List(list.iter().map(Self::from).collect()),
            Value::Object(map) => Self::object(map),
        }
    }
}

/// Reads JSON without copying the texts that hold no escapes.
impl<'de> serde::Deserialize<'de> for Tree<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> serde::de::Visitor<'de> for TreeVisitor {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Tree::Number(Number::Whole(number.into())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Tree::Number(Number::Whole(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(if number.is_nan() { Tree::Null } else { Tree::Number(Number::Float(number)) })
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Tree::text(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Tree::text(text.to_owned()))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = from.next_element()? {
            list.push(element);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((key, value)) = from.next_entry::<Tree<'de>, Tree<'de>>()? {
            // A key of JSON is always a text.
            if let Tree::Text(key) = key {
                map.insert(key.original, value);
            }
        }
        Ok(Tree::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_json_as_it_is() {
        let text = r#"{"a":[1,-2.5,18446744073709551615,true,null,"x\ny"],"B":{"":"z"}}"#;
        let read: Tree<'_> = serde_json::from_str(text).unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", Tree::from(&value)));
        assert!(read.get(&Step::Exact("b".into())).is_none());
        assert!(read.get(&Step::Caseless("b".into())).is_some());
    }

    #[test]
    fn an_ipv4_mapped_address_is_its_ipv4_address() {
        assert_eq!(read_address("::ffff:10.1.2.3"), read_address("10.1.2.3"));
        assert_eq!(read_address("fe80::1%eth0"), read_address("FE80:0::1"));
        assert_eq!(read_address("10.1.2.3:443"), None);
    }
}
