//! All settings as one tree in which every value knows where it was set: in the file, by a variable, by a flag.

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::yaml::{Kind, Node};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a value was set by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setter {
    File,
    Variable,
    Flag,
}

/// One thing that sets values.
#[derive(Debug)]
pub(super) struct Origin {
    /// What kind of thing it is.
    pub setter: Setter,
    /// What a diagnostic calls it: the file's path, the variable's or the flag's name.
    pub name: Arc<Path>,
    /// Where relative paths hang.
    pub folder: PathBuf,
}

/// Where a value was set.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub origin: Arc<Origin>,
    pub span: Span,
}

impl Place {
    pub fn error<'a>(&self, found: &'a mut Diagnostics, code: Code, message: impl Into<String>) -> &'a mut Diagnostic {
        found.error(&self.origin.name, self.span, code, message)
    }

    pub fn warning<'a>(&self, found: &'a mut Diagnostics, code: Code, text: impl Into<String>) -> &'a mut Diagnostic {
        found.warning(&self.origin.name, self.span, code, text)
    }
}

/// A value and where it was set.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub place: Place,
    pub shape: Shape,
}

/// What a value is. A scalar stays a YAML node, which knows how it was written.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Scalar(Node),
    List(Vec<Value>),
    Map(Vec<Entry>),
}

/// One key of a map.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: String,
    pub key_place: Place,
    pub value: Value,
}

impl Value {
    /// A YAML tree as settings of one origin.
    pub fn new(node: Node, origin: &Arc<Origin>) -> Self {
        let place = |span| Place { origin: origin.clone(), span };
        let at = place(node.span);
        let shape = match node.kind {
            Kind::List(list) => Shape::List(list.into_iter().map(|node| Self::new(node, origin)).collect()),
            Kind::Map(map) => {
                let entry = |entry: crate::yaml::MapEntry| Entry {
                    key: entry.key,
                    key_place: place(entry.key_span),
                    value: Self::new(entry.value, origin),
                };
                Shape::Map(map.into_iter().map(entry).collect())
            }
            kind => Shape::Scalar(Node::new(node.span, kind)),
        };
        Self { place: at, shape }
    }

    /// A text set by something that is not YAML.
    pub fn text(text: String, origin: &Arc<Origin>) -> Self {
        let end = text.len();
        Self::new(Node::new(Span { end, ..Span::START }, Kind::Text(text)), origin)
    }

    /// A map without entries.
    pub fn empty(place: Place) -> Self {
        Self { place, shape: Shape::Map(Vec::new()) }
    }

    /// Whether nothing was said: `key:` counts as no key.
    pub fn is_nothing(&self) -> bool {
        matches!(&self.shape, Shape::Scalar(Node { kind: Kind::Null, .. }))
    }

    /// The scalar exactly as written.
    pub fn written(&self) -> Option<&str> {
        match &self.shape {
            Shape::Scalar(node) => node.written(),
            _ => None,
        }
    }

    /// What it is, for a message.
    pub fn kind_name(&self) -> &'static str {
        match &self.shape {
            Shape::Scalar(node) => node.kind_name(),
            Shape::List(_) => "a list",
            Shape::Map(_) => "a map",
        }
    }

    /// Sets what stands at `path`, making the maps on the way; whatever stood there is gone. `_` in a path stands for
    /// `-` too, since a variable's name cannot hold one.
    pub fn set(&mut self, path: &[String], value: Self) {
        let Some((first, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        if !matches!(self.shape, Shape::Map(_)) {
            *self = Self::empty(value.place.clone());
        }
        let Shape::Map(entries) = &mut self.shape else { unreachable!("it was just made a map") };
        let plain = |key: &str| key.to_lowercase().replace('-', "_");
        let known = entries.iter().position(|entry| plain(&entry.key) == plain(first));
        let index = known.unwrap_or_else(|| {
            let (key_place, empty) = (value.place.clone(), Self::empty(value.place.clone()));
            entries.push(Entry { key: first.clone(), key_place, value: empty });
            entries.len() - 1
        });
        entries[index].value.set(rest, value);
    }
}
