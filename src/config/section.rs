//! Reading a map of settings key by key: unknown keys, kinds and ranges are checked here, with one wording for all.

use super::codes;
use super::tree::{Entry, Place, Setter, Shape, Value};
use crate::diag::{Diagnostics, closest};
use crate::yaml::Kind;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// A map of settings with its dotted name, such as `connections.chat`.
pub(super) struct Section<'a> {
    name: String,
    place: &'a Place,
    entries: &'a [Entry],
}

impl<'a> Section<'a> {
    /// Opens a map whatever its keys are.
    pub fn open(value: &'a Value, name: impl Into<String>, found: &mut Diagnostics) -> Option<Self> {
        let name = name.into();
        match &value.shape {
            Shape::Map(entries) => Some(Self { name, place: &value.place, entries }),
            _ if value.is_nothing() => Some(Self { name, place: &value.place, entries: &[] }),
            _ => {
                wrong_kind(value, &name, "a map", found);
                None
            }
        }
    }

    /// Reports every key that is not one of `known`.
    pub fn allow_only(&self, known: &[&str], found: &mut Diagnostics) {
        for Entry { key, key_place, .. } in self.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let near = closest(key, known.iter().copied());
            if key_place.origin.setter == Setter::Variable {
                // Not an error: a cluster puts variables of its own, such as QUELL_PORT, into every container.
                let message = format!("the variable sets `{}`, which is not a setting", self.dotted(key));
                let fault = key_place.warning(found, codes::UNKNOWN_VARIABLE, message);
                fault.help = near.map(|near| format!("did you mean `{}`?", self.dotted(near)));
                continue;
            }
            let message = match self.name.as_str() {
                "" => format!("unknown key `{key}`"),
                name => format!("unknown key `{key}` in `{name}`"),
            };
            key_place.error(found, codes::UNKNOWN_KEY, message).help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known keys: {}", known.join(", ")),
            });
        }
    }

    /// The name of one of its keys, from the root.
    pub fn dotted(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Where the map stands.
    pub fn place(&self) -> &'a Place {
        self.place
    }

    /// Where the value under a key stands; keys compare without case.
    pub fn place_of(&self, key: &str) -> Option<&'a Place> {
        self.entries.iter().find(|entry| entry.key.eq_ignore_ascii_case(key)).map(|entry| &entry.value.place)
    }

    /// Its entries.
    pub fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// The value under a key, unless it is missing or nothing.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value).filter(|value| !value.is_nothing())
    }

    /// The map under a key.
    pub fn section(&self, key: &str, found: &mut Diagnostics) -> Option<Section<'a>> {
        Section::open(self.get(key)?, self.dotted(key), found)
    }

    /// A text, with the value for faults that only the caller can see.
    pub fn text(&self, key: &str, found: &mut Diagnostics) -> Option<(&'a str, &'a Value)> {
        let value = self.get(key)?;
        let Some(text) = value.written() else {
            wrong_kind(value, &self.dotted(key), "a text", found);
            return None;
        };
        if text.is_empty() {
            value.place.error(found, codes::INVALID, format!("`{}` is empty", self.dotted(key)));
            return None;
        }
        Some((text, value))
    }

    /// One of a few words.
    pub fn word<T>(
        &self,
        key: &str,
        words: &[&str],
        meaning: impl Fn(&str) -> Option<T>,
        found: &mut Diagnostics,
    ) -> Option<T> {
        let (text, value) = self.text(key, found)?;
        let meant = meaning(text);
        if meant.is_none() {
            let message = format!("`{}`: `{text}` is not one of {}", self.dotted(key), words.join(", "));
            let fault = value.place.error(found, codes::INVALID, message);
            fault.help = closest(text, words.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        }
        meant
    }

    /// A path; a relative one hangs on the folder of what set it.
    pub fn path(&self, key: &str, found: &mut Diagnostics) -> Option<PathBuf> {
        let (text, value) = self.text(key, found)?;
        Some(value.place.origin.folder.join(text))
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &str, found: &mut Diagnostics) -> Option<bool> {
        let value = self.get(key)?;
        let said = match &value.shape {
            Shape::Scalar(node) => match &node.kind {
                Kind::Bool(said) => Some(*said),
                _ => None,
            },
            _ => None,
        };
        if said.is_none() {
            wrong_kind(value, &self.dotted(key), "true or false", found);
        }
        said
    }

    /// A whole number in a range.
    pub fn whole(&self, key: &str, range: RangeInclusive<u64>, found: &mut Diagnostics) -> Option<u64> {
        let value = self.get(key)?;
        let number = whole_number(value, &self.dotted(key), found)?;
        in_range(value, &self.dotted(key), number, range, ToString::to_string, found)
    }

    /// A number of bytes, as a number or with `KiB`, `MiB` or `GiB`.
    pub fn bytes(&self, key: &str, range: RangeInclusive<u64>, found: &mut Diagnostics) -> Option<u64> {
        let value = self.get(key)?;
        let name = self.dotted(key);
        let Some(text) = value.written() else {
            wrong_kind(value, &name, "a size", found);
            return None;
        };
        let Some(size) = parse_bytes(text) else {
            let message = format!("`{name}`: `{text}` is not a size");
            value.place.error(found, codes::INVALID, message).help("write a number of bytes, or one such as `4 MiB`");
            return None;
        };
        in_range(value, &name, size, range, |size| size_words(*size), found)
    }

    /// A time span such as `20s` or `1h 30m`.
    pub fn duration(&self, key: &str, range: RangeInclusive<Duration>, found: &mut Diagnostics) -> Option<Duration> {
        let (text, value) = self.text(key, found)?;
        let Some(span) = parse_duration(text) else {
            let message = format!("`{}`: `{text}` is not a time span", self.dotted(key));
            value
                .place
                .error(found, codes::INVALID, message)
                .help("write a number and a unit, such as 500ms, 20s, 10m, 4h or 3d");
            return None;
        };
        in_range(value, &self.dotted(key), span, range, |span| duration_words(*span), found)
    }

    /// A list of texts, or one text for a list of one.
    pub fn texts(&self, key: &str, found: &mut Diagnostics) -> Vec<(&'a str, &'a Value)> {
        let name = self.dotted(key);
        let mut texts = Vec::new();
        for value in self.one_or_many(key) {
            match value.written() {
                Some(text) => texts.push((text, value)),
                None => wrong_kind(value, &name, "a list of texts", found),
            }
        }
        texts
    }

    /// A list of whole numbers in a range, or one number for a list of one.
    pub fn wholes(&self, key: &str, range: RangeInclusive<u64>, found: &mut Diagnostics) -> Vec<u64> {
        let name = self.dotted(key);
        let mut numbers = Vec::new();
        for value in self.one_or_many(key) {
            let Some(number) = whole_number(value, &name, found) else { continue };
            numbers.extend(in_range(value, &name, number, range.clone(), ToString::to_string, found));
        }
        numbers
    }

    fn one_or_many(&self, key: &str) -> &'a [Value] {
        match self.get(key) {
            None => &[],
            Some(Value { shape: Shape::List(list), .. }) => list,
            Some(value) => std::slice::from_ref(value),
        }
    }
}

/// Reports that a value is not what its key takes.
pub(super) fn wrong_kind(value: &Value, name: &str, wanted: &str, found: &mut Diagnostics) {
    let name = if name.is_empty() { "the configuration".to_owned() } else { format!("`{name}`") };
    let message = format!("{name} must be {wanted}, not {}", value.kind_name());
    value.place.error(found, codes::WRONG_KIND, message);
}

fn in_range<T: PartialOrd>(
    value: &Value,
    name: &str,
    given: T,
    range: RangeInclusive<T>,
    words: impl Fn(&T) -> String,
    found: &mut Diagnostics,
) -> Option<T> {
    if range.contains(&given) {
        return Some(given);
    }
    let (given, least, most) = (words(&given), words(range.start()), words(range.end()));
    value.place.error(found, codes::INVALID, format!("`{name}`: {given} is not between {least} and {most}"));
    None
}

fn whole_number(value: &Value, name: &str, found: &mut Diagnostics) -> Option<u64> {
    let number = match &value.shape {
        Shape::Scalar(node) => match &node.kind {
            Kind::Integer(number, _) => u64::try_from(*number).ok(),
            _ => None,
        },
        _ => None,
    };
    if number.is_none() {
        wrong_kind(value, name, "a whole number of 0 or more", found);
    }
    number
}

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)];

fn parse_bytes(text: &str) -> Option<u64> {
    let (unit, bytes) = UNITS.into_iter().find(|(unit, _)| text.ends_with(unit))?;
    text.strip_suffix(unit)?.trim_end().parse::<u64>().ok()?.checked_mul(bytes)
}

fn size_words(size: u64) -> String {
    let unit = UNITS.into_iter().find(|(_, bytes)| size.is_multiple_of(*bytes));
    match unit {
        Some((unit, bytes)) if !unit.is_empty() => format!("{} {unit}", size / bytes),
        _ => size.to_string(),
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let span: jiff::Span = text.parse().ok()?;
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(length).ok()
}

fn duration_words(length: Duration) -> String {
    let millis = length.as_millis();
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
    let (size, unit) =
        units.into_iter().find(|(size, _)| millis >= *size && millis.is_multiple_of(*size)).unwrap_or((1, "ms"));
    format!("{}{unit}", millis / size)
}
