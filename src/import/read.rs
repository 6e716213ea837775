//! A file to objects, each with the place of everything in it: JSON, lines of JSON, or YAML.

use super::codes;
use crate::diag::{Diagnostics, Position, Span};
use crate::yaml::{self, Kind, MapEntry, Node};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Bytes of one file.
pub(super) const MOST_BYTES: usize = 16 << 20;
/// Lists and objects inside each other.
const MOST_DEPTH: usize = 32;
/// Faulty lines of one file that are told.
const MOST_FAULTS: usize = 20;

/// The values of a file. Faults go to `found`, and the values that could be read are returned.
pub(super) fn read(text: &str, file: &Arc<Path>, found: &mut Diagnostics) -> Vec<Node> {
    if text.len() > MOST_BYTES {
        let message = format!("the file is {} bytes; the limit is {MOST_BYTES}", text.len());
        found.error(file, Span::START, codes::LIMIT, message).help("split it into several files");
        return Vec::new();
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with(['{', '[']) {
        return yaml::parse(text, file, yaml::Limits::RULE_FILE, found);
    }
    let reader = Reader { text, starts: line_starts(text) };
    let fault = match reader.whole(text) {
        Ok(node) => return vec![node],
        Err(fault) => fault,
    };
    if text.trim_end().lines().count() < 2
        || !text.lines().take(2).all(|line| is_one_value(line) || line.trim().is_empty())
    {
        reader.tell(&fault, file, found);
        return Vec::new();
    }
    // Each line stands alone: a broken one spoils no other.
    let mut faults = 0;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let read = lines.filter_map(|line| match reader.whole(line) {
        Ok(node) => Some(node),
        Err(fault) => {
            faults += 1;
            if faults <= MOST_FAULTS {
                reader.tell(&fault, file, found);
            }
            None
        }
    });
    read.collect()
}

fn is_one_value(line: &str) -> bool {
    serde_json::from_str::<&RawValue>(line).is_ok()
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

struct Fault {
    offset: usize,
    message: String,
}

struct Reader<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Reader<'t> {
    fn offset(&self, part: &str) -> usize {
        part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }

    fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let before = self.text.get(self.starts[line - 1]..offset).unwrap_or_default();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: count(line), column: count(before.chars().count() + 1), offset }
    }

    fn tell(&self, fault: &Fault, file: &Arc<Path>, found: &mut Diagnostics) {
        found.error(file, Span::at(self.position(fault.offset)), codes::UNREADABLE, &*fault.message);
    }

    /// A text that is one value.
    fn whole(&self, text: &'t str) -> Result<Node, Fault> {
        let raw = serde_json::from_str::<&RawValue>(text).map_err(|fault| {
            let line = text.split_inclusive('\n').take(fault.line().saturating_sub(1)).map(str::len).sum::<usize>();
            let offset = self.offset(text) + (line + fault.column().saturating_sub(1)).min(text.len());
            let message = fault.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            Fault { offset, message: format!("not valid JSON: {message}") }
        })?;
        self.node(raw, 0)
    }

    fn node(&self, raw: &'t RawValue, depth: usize) -> Result<Node, Fault> {
        let text = raw.get();
        let offset = self.offset(text);
        let fault = |message: String| Fault { offset, message };
        if depth > MOST_DEPTH {
            return Err(fault(format!("nested deeper than {MOST_DEPTH} levels")));
        }
        let read = |error: serde_json::Error| fault(format!("not valid JSON: {error}"));
        let kind = match text.as_bytes().first() {
            Some(b'{') => {
                let Entries(entries) = serde_json::from_str(text).map_err(read)?;
                let mut map: Vec<MapEntry> = Vec::with_capacity(entries.len());
                let mut seen = std::collections::HashSet::new();
                for (key, raw) in entries {
                    let value = self.node(raw, depth + 1)?;
                    if !seen.insert(key.clone()) {
                        return Err(fault(format!("`{key}` stands twice in one object")));
                    }
                    map.push(MapEntry { key, key_span: value.span, key_source: None, value });
                }
                Kind::Map(map)
            }
            Some(b'[') => {
                let list: Vec<&RawValue> = serde_json::from_str(text).map_err(read)?;
                Kind::List(list.into_iter().map(|raw| self.node(raw, depth + 1)).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Kind::Text(serde_json::from_str(text).map_err(read)?),
            Some(b't') => Kind::Bool(true),
            Some(b'f') => Kind::Bool(false),
            Some(b'n') => Kind::Null,
            _ => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(number), _) => Kind::Integer(number, text.to_owned()),
                (_, Ok(number)) => Kind::Float(number, text.to_owned()),
                _ => return Err(fault("not a number".to_owned())),
            },
        };
        Ok(Node::new(Span { start: self.position(offset), end: offset + text.len() }, kind))
    }
}

/// The entries of an object, each value still text.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Entries<'de>, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = entries.next_entry::<String, &RawValue>()? {
                    all.push(entry);
                }
                Ok(Entries(all))
            }
        }
        from.deserialize_map(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(text: &str) -> (Vec<Node>, Vec<String>) {
        let mut found = Diagnostics::new();
        let nodes = read(text, &Path::new("a.json").into(), &mut found);
        (nodes, found.sorted().iter().map(crate::diag::Diagnostic::headline).collect())
    }

    #[test]
    fn everything_knows_its_place() {
        let (read, told) = nodes("{\"a\": {\n  \"b\": [1, \"é\\n\",\n \"c\"]}}\n");
        assert_eq!(told, Vec::<String>::new());
        let list = &read[0].get("a").unwrap().value.get("b").unwrap().value;
        let [_, second, third] = list.as_list().unwrap() else { panic!("{list:?}") };
        assert_eq!((second.span.start.line, second.span.start.column, second.as_text()), (2, 12, Some("é\n")));
        assert_eq!((third.span.start.line, third.span.start.column), (3, 2));
    }

    #[test]
    fn a_broken_line_spoils_no_other() {
        let (read, told) = nodes("{\"a\": 1}\n\n{\"a\": 2}\n{\"a\": }\n{\"a\": 3, \"a\": 4}\n{\"a\": 5}\n");
        assert_eq!(read.len(), 3);
        assert_eq!(
            told,
            [
                "a.json:4:7: error[I002]: not valid JSON: expected value",
                "a.json:5:1: error[I002]: `a` stands twice in one object"
            ]
        );
        let (read, told) = nodes("{\"a\": 1,\n \"b\" 2}\n");
        assert_eq!((read.len(), told), (0, vec!["a.json:2:6: error[I002]: not valid JSON: expected `:`".to_owned()]));
        let (read, told) = nodes(&"[".repeat(100_000));
        assert_eq!((read.len(), told.len()), (0, 1), "{told:?}");
        let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
        assert!(nodes(&deep).1[0].contains("nested deeper than 32 levels"));
    }
}
