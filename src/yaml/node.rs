//! The tree: what a YAML text says, with the place of every part of it.

use super::part::part;
use crate::diag::Span;
use std::ops::Range;

/// One value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// How the file writes it, if it is a scalar that is written otherwise than it reads: with escapes, on several lines.
    pub source: Option<Box<str>>,
}

/// What a value is. A plain scalar keeps its text, so that `1.10` and `012` can be read as they were written.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`, in YAML 1.2's core schema: `yes` and `no` are texts.
    Bool(bool),
    /// A whole number that fits 64 bits, and how it was written.
    Integer(i64, String),
    /// Any other number, and how it was written.
    Float(f64, String),
    /// Text, quoted or not.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order written, no key twice.
    Map(Map),
}

/// A map's entries in the order written.
pub type Map = Vec<MapEntry>;

/// One key of a map and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct MapEntry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// How the file writes the key, as [`Node::source`].
    pub key_source: Option<Box<str>>,
    /// The value.
    pub value: Node,
}

impl MapEntry {
    /// Where some bytes of the key stand.
    pub fn key_part(&self, range: Range<usize>) -> Span {
        part(self.key_span, &self.key, self.key_source.as_deref(), range)
    }
}

impl Node {
    /// A value that is written as it reads, if it is a scalar.
    pub fn new(span: Span, kind: Kind) -> Self {
        Self { span, kind, source: None }
    }

    /// A value that stands for what is written at a place, and of which no part stands there.
    pub fn elsewhere(span: Span, kind: Kind) -> Self {
        Self { span, kind, source: Some(Box::default()) }
    }

    /// Where some bytes of a scalar stand.
    pub fn part(&self, range: Range<usize>) -> Span {
        part(self.span, self.written().unwrap_or_default(), self.source.as_deref(), range)
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, if it is a map.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(list) => Some(list),
            _ => None,
        }
    }

    /// The entry of a map under `key`.
    pub fn get(&self, key: &str) -> Option<&MapEntry> {
        self.as_map()?.iter().find(|entry| entry.key == key)
    }

    /// A scalar exactly as it was written, without quotes.
    pub fn written(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) | Kind::Integer(_, text) | Kind::Float(_, text) => Some(text),
            Kind::Bool(true) => Some("true"),
            Kind::Bool(false) => Some("false"),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// What kind of value it is, for an error message.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Integer(..) | Kind::Float(..) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }
}
