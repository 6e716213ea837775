//! Entities that refer to each other by `$id` and `$ref`, written out as a tree of bounded size.
//!
//! Sources number entities within a page, repeat numbers within one alert, and refer forwards; a hostile sender
//! refers in circles or doubles at every step. A reference means the nearest earlier bearer of its number, else the
//! first later one. What would not end, or would grow past the budget, is left out and said so.

use super::names;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// How deep a tree may get through references.
const DEPTH: usize = 32;

/// How much may be copied for the references of one alert, as [`Size`] counts it.
const BUDGET: usize = 256 << 10;

/// Something left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Omission {
    /// Nothing has that number.
    Unresolved,
    /// The reference leads back to what it stands in.
    Cycle,
    /// The tree would get too large.
    TooLarge,
}

/// The objects of one alert, as far as they refer to each other.
pub(super) struct Graph<'a> {
    /// Numbers that something refers to; most objects have a number that nothing refers to.
    referred: HashSet<Cow<'a, str>>,
    /// The first bearer of each of these.
    first: HashMap<Cow<'a, str>, &'a Map<String, Value>>,
    /// The latest bearer so far, written out.
    written: HashMap<Cow<'a, str>, Written>,
    /// Numbers of the objects being written, outermost first.
    open: Vec<Cow<'a, str>>,
    budget: usize,
    omissions: Vec<(Omission, String)>,
}

/// An object written out.
struct Written {
    value: Value,
    size: Size,
}

/// What copying a value costs: roughly bytes; and how deep it is.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    bytes: usize,
    depth: usize,
}

impl<'a> Graph<'a> {
    /// Learns who refers to whom within `lists`; a number in an earlier list goes before the same in a later one.
    pub(super) fn new(lists: &[&'a [Value]]) -> Self {
        let mut graph = Self {
            referred: HashSet::new(),
            first: HashMap::new(),
            written: HashMap::new(),
            open: Vec::new(),
            budget: BUDGET,
            omissions: Vec::new(),
        };
        let all = || lists.iter().flat_map(|list| list.iter());
        all().for_each(|value| graph.find_references(value));
        if !graph.referred.is_empty() {
            all().for_each(|value| graph.find_bearers(value));
        }
        graph
    }

    /// What was left out so far, and the number it was about.
    pub(super) fn omissions(self) -> Vec<(Omission, String)> {
        self.omissions
    }

    /// Writes out one value: names in snake case, nothing null, no `$id`, no `$ref`. `None` if nothing is left of it.
    pub(super) fn write(&mut self, value: &'a Value, depth: usize) -> Option<Value> {
        match value {
            Value::Null => None,
            Value::Array(list) => Some(list.iter().filter_map(|item| self.write(item, depth + 1)).collect()),
            Value::Object(map) => match label(map, "$ref") {
                Some(number) => self.follow(number, depth),
                None => Some(self.write_object(map, depth)),
            },
            scalar => Some(scalar.clone()),
        }
    }

    fn write_object(&mut self, map: &'a Map<String, Value>, depth: usize) -> Value {
        let number = label(map, "$id").filter(|number| self.referred.contains(number));
        self.open.extend(number.clone());
        let mut written = Map::new();
        for (name, value) in map {
            // `$id`, `$ref`, and a serialiser's `$type`: bookkeeping, not the finding's.
            if name.starts_with('$') {
                continue;
            }
            if let Some(value) = self.write(value, depth + 1) {
                let name = names::field(name);
                let value = match value {
                    Value::String(kind) if name == "type" => names::entity_type(&kind).into(),
                    value => value,
                };
                written.entry(name).or_insert(value);
            }
        }
        let value = Value::Object(written);
        if let Some(number) = number {
            self.open.pop();
            let size = Size::of(&value);
            self.written.insert(number, Written { value: value.clone(), size });
        }
        value
    }

    fn follow(&mut self, number: Cow<'a, str>, depth: usize) -> Option<Value> {
        if self.open.contains(&number) {
            return self.omit(Omission::Cycle, number);
        }
        if !self.written.contains_key(&number) {
            let Some(&later) = self.first.get(&number) else { return self.omit(Omission::Unresolved, number) };
            if depth >= DEPTH || self.budget == 0 {
                return self.omit(Omission::TooLarge, number);
            }
            self.write_object(later, depth);
        }
        match self.written.get(&number) {
            Some(Written { value, size }) if size.bytes <= self.budget && depth + size.depth <= DEPTH => {
                self.budget -= size.bytes;
                Some(value.clone())
            }
            _ => self.omit(Omission::TooLarge, number),
        }
    }

    fn omit(&mut self, why: Omission, number: Cow<'a, str>) -> Option<Value> {
        // A few say it all; a hostile alert would have a hundred thousand.
        if self.omissions.len() < 8 {
            self.omissions.push((why, number.into_owned()));
        }
        None
    }

    fn find_references(&mut self, value: &'a Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|item| self.find_references(item)),
            Value::Object(map) => match label(map, "$ref") {
                Some(number) => drop(self.referred.insert(number)),
                None => map.values().for_each(|inner| self.find_references(inner)),
            },
            _ => {}
        }
    }

    fn find_bearers(&mut self, value: &'a Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|item| self.find_bearers(item)),
            Value::Object(map) => {
                if let Some(number) = label(map, "$id").filter(|number| self.referred.contains(number)) {
                    self.first.entry(number).or_insert(map);
                }
                map.values().for_each(|inner| self.find_bearers(inner));
            }
            _ => {}
        }
    }
}

/// The number an object bears or refers to; sources write it as a text, some as a number.
fn label<'a>(map: &'a Map<String, Value>, key: &str) -> Option<Cow<'a, str>> {
    match map.get(key)? {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

impl Size {
    fn of(value: &Value) -> Self {
        // What a node costs in memory besides its text, roughly.
        const NODE: usize = 32;
        let all = |parts: &mut dyn Iterator<Item = Self>| {
            parts.fold(Self { bytes: NODE, depth: 0 }, |whole, part| Self {
                bytes: whole.bytes + part.bytes,
                depth: whole.depth.max(part.depth),
            })
        };
        let inner = match value {
            Value::Array(list) => all(&mut list.iter().map(Self::of)),
            Value::Object(map) => all(&mut map.iter().map(|(name, value)| {
                let size = Self::of(value);
                Self { bytes: size.bytes + name.len(), ..size }
            })),
            Value::String(text) => return Self { bytes: NODE + text.len(), depth: 0 },
            _ => return Self { bytes: NODE, depth: 0 },
        };
        Self { depth: inner.depth + 1, ..inner }
    }
}
