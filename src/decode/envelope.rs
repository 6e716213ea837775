//! The envelope: a body cut into items, each still text, so that a bad one spoils no other.

use super::codes;
use super::fault::DecodeError;
use super::request::{Format, Limits};
use super::strict;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

/// One item of a body: where it begins, and its text or why it has none.
pub(super) struct Item<'a> {
    pub(super) start: usize,
    pub(super) text: Result<&'a RawValue, DecodeError>,
}

/// Cuts a body into items.
///
/// # Errors
/// When the body as a whole is no envelope: broken JSON, a scalar, too many alerts.
pub(super) fn split<'a>(body: &'a [u8], format: Format, limits: &Limits) -> Result<Vec<Item<'a>>, DecodeError> {
    match format {
        Format::Json => json(body, limits),
        Format::Ndjson => lines(body, limits),
    }
}

fn json<'a>(body: &'a [u8], limits: &Limits) -> Result<Vec<Item<'a>>, DecodeError> {
    let text = utf8(body)?;
    match text.trim_start().bytes().next() {
        None => Err(DecodeError::new(codes::INVALID_JSON, "the body is empty; send at least one alert")),
        Some(b'[') => Ok(items(list(text, limits)?, body)),
        Some(b'{') => match page(text) {
            Some(value) => Ok(items(list(value, limits)?, body)),
            None => Ok(items(vec![one(text, limits)?], body)),
        },
        Some(_) => {
            strict::parse(text, limits.depth)?;
            let message = "the body is neither an alert, a list of alerts, nor a known envelope; send a JSON object";
            Err(DecodeError::new(codes::NOT_AN_OBJECT, message).at(1, 1))
        }
    }
}

fn lines<'a>(body: &'a [u8], limits: &Limits) -> Result<Vec<Item<'a>>, DecodeError> {
    let mut items = Vec::new();
    let mut next = 0;
    for line in body.split(|&byte| byte == b'\n') {
        let start = next;
        next += line.len() + 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if items.len() == limits.alerts {
            return Err(too_many(limits));
        }
        let text = utf8(line).and_then(|text| one(text, limits));
        items.push(Item { start, text });
    }
    Ok(items)
}

fn too_many(limits: &Limits) -> DecodeError {
    let message = format!("more than {} alerts in one request; send them in several", limits.alerts);
    DecodeError::new(codes::TOO_MANY_ALERTS, message)
}

fn utf8(bytes: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|error| DecodeError::not_utf8(bytes, error.valid_up_to()))
}

/// The items whose texts these are, all within the body.
fn items<'a>(texts: Vec<&'a RawValue>, body: &'a [u8]) -> Vec<Item<'a>> {
    let item = |text: &'a RawValue| Item { start: text.get().as_ptr().addr() - body.as_ptr().addr(), text: Ok(text) };
    texts.into_iter().map(item).collect()
}

/// The texts of a list's items. One item too many ends the reading: the rest of the list is not worth a look.
fn list<'a>(text: &'a str, limits: &Limits) -> Result<Vec<&'a RawValue>, DecodeError> {
    let overflow = Cell::new(false);
    read(text, Texts { most: limits.alerts, overflow: &overflow }, limits).map_err(|fault| match overflow.get() {
        true => too_many(limits),
        false => fault,
    })
}

/// The text of one value, and nothing after it.
fn one<'a>(text: &'a str, limits: &Limits) -> Result<&'a RawValue, DecodeError> {
    read(text, PhantomData, limits)
}

/// Reads a whole text, and prefers "too deep" to "unexpected end" for one that is both.
fn read<'a, S: DeserializeSeed<'a>>(text: &'a str, seed: S, limits: &Limits) -> Result<S::Value, DecodeError> {
    let mut from = serde_json::Deserializer::from_str(text);
    seed.deserialize(&mut from).and_then(|value| from.end().map(|()| value)).map_err(|error| {
        // An envelope may add two levels to the alert's own.
        if strict::is_too_deep(text, limits.depth + 2) {
            strict::too_deep(limits.depth).at(1, 1)
        } else {
            DecodeError::of_parser(&error)
        }
    })
}

/// The list of Azure's `{"value": […], "nextLink": …}`. The object must hold nothing else, so that no alert with a
/// field `value` is taken for a page; most alerts are told apart by their first key.
fn page(text: &str) -> Option<&str> {
    let value = serde_json::from_str::<Page<'_>>(text).ok()?.value?.get();
    value.starts_with('[').then_some(value)
}

/// Reads the texts of a list's items, `most` of them; one more is an error.
struct Texts<'o> {
    most: usize,
    /// Set when there was one more.
    overflow: &'o Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Texts<'_> {
    type Value = Vec<&'de RawValue>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Texts<'_> {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            if list.len() == self.most {
                self.overflow.set(true);
                return Err(A::Error::custom("too many items"));
            }
            list.push(item);
        }
        Ok(list)
    }
}

/// A page of a REST listing, if the object read is nothing else.
struct Page<'a> {
    value: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Page<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Page<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a page of a listing")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Page<'de>, A::Error> {
                let mut value = None;
                while let Some(key) = entries.next_key::<Cow<'_, str>>()? {
                    match key.as_ref() {
                        "value" if value.is_none() => value = Some(entries.next_value()?),
                        "nextLink" | "@odata.context" | "@odata.nextLink" | "@odata.count" | "count" => {
                            entries.next_value::<IgnoredAny>()?;
                        }
                        _ => return Err(A::Error::custom("not a page of a listing")),
                    }
                }
                Ok(Page { value })
            }
        }
        from.deserialize_map(Keys)
    }
}
