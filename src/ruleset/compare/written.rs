//! A rule as its author wrote it: its keys, each with its value and its lines.

use super::{KeyChange, lines};
use crate::yaml::{Kind, Node, to_json};
use serde_json::Value;
use std::collections::BTreeMap;

/// A rule's content.
#[derive(Debug, Default)]
pub struct Written {
    /// Its file's place in the set.
    pub file: String,
    keys: BTreeMap<String, Key>,
}

#[derive(Debug)]
struct Key {
    value: Value,
    /// As it is written, without the key; empty for a plain value.
    text: String,
}

/// Other names of keys.
const ALIASES: [(&str, &str); 1] = [("detection", "match")];

impl Written {
    /// The keys of a YAML document that was written in `text`.
    pub fn of(document: Option<&Node>, text: &str, file: String) -> Self {
        let mut keys = BTreeMap::new();
        for entry in document.and_then(Node::as_map).into_iter().flatten() {
            let alias = ALIASES.iter().find(|(alias, _)| *alias == entry.key);
            let name = alias.map_or(entry.key.as_str(), |(_, name)| name).to_owned();
            let is_plain = !matches!(entry.value.kind, Kind::List(_) | Kind::Map(_))
                && entry.value.written().is_none_or(|text| !text.contains('\n'));
            let text = if is_plain { String::new() } else { value_text(text, &entry.value) };
            // As written: `1.10` is not `1.1`, and a date is a date.
            let value = entry.value.written().map_or_else(|| to_json(&entry.value), Value::from);
            if value != Value::Null {
                keys.insert(name, Key { value, text });
            }
        }
        Self { file, keys }
    }

    /// Adds what is not YAML, such as a script.
    pub fn text(&mut self, key: &str, text: &str) {
        self.keys.insert(key.to_owned(), Key { value: Value::from(text), text: text.to_owned() });
    }

    /// Everything but the id, equal for rules that differ in nothing else.
    pub fn without_id(&self) -> String {
        let rest = self.keys.iter().filter(|(key, _)| *key != "id").map(|(key, written)| (key, &written.value));
        serde_json::to_string(&rest.collect::<BTreeMap<_, _>>()).expect("values of JSON are plain data")
    }

    /// The keys that differ in `newer`.
    pub fn changes(&self, newer: &Self) -> Vec<KeyChange> {
        let names: BTreeMap<&String, ()> = self.keys.keys().chain(newer.keys.keys()).map(|key| (key, ())).collect();
        let (nothing, none) = (Value::Null, String::new());
        let mut changes = Vec::new();
        for name in names.into_keys() {
            let (old, new) = (self.keys.get(name), newer.keys.get(name));
            let value = |key: Option<&Key>| key.map_or(&nothing, |key| &key.value).clone();
            if value(old) == value(new) {
                continue;
            }
            let text = |key: Option<&Key>| key.map_or(&none, |key| &key.text).clone();
            // One side may be plain, the other not: then the plain one is its own line.
            let (old_text, new_text) = (text(old), text(new));
            let lines = if old_text.is_empty() && new_text.is_empty() {
                Vec::new()
            } else {
                lines::changed(&or_plain(old_text, old), &or_plain(new_text, new))
            };
            changes.push(KeyChange { key: name.clone(), old: value(old), new: value(new), lines });
        }
        changes
    }
}

fn or_plain(text: String, key: Option<&Key>) -> String {
    match key.map(|key| &key.value) {
        Some(Value::String(plain)) if text.is_empty() => format!("{plain}\n"),
        Some(plain) if text.is_empty() => format!("{plain}\n"),
        _ => text,
    }
}

/// A value's own lines, moved to the left.
fn value_text(text: &str, value: &Node) -> String {
    let (start, end) = (value.span.start.offset, value.span.end);
    let from = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let before = text.get(from..start).unwrap_or_default();
    let own = text.get(start..end.max(start)).unwrap_or_default().trim_end();
    // A block's first line begins behind its indentation; a flow's behind its key.
    let own = if before.trim().is_empty() { format!("{before}{own}") } else { own.to_owned() };
    let indent = own.lines().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len());
    let indent = indent.min().unwrap_or(0);
    own.lines().map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect()
}
