//! The values that `%name%` stands for where a line says `expand`: `placeholders.yaml` in the rules folder.

use super::codes;
use super::compile::shown;
use crate::diag::{Diagnostics, closest};
use crate::yaml::{self, Kind, Limits, Node};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The most values one line may come to.
pub const MOST_VALUES: usize = 10_000;

/// Named lists of values, shared by every condition of a set.
#[derive(Debug, Clone, Default)]
pub struct Placeholders {
    values: BTreeMap<String, Vec<Node>>,
}

/// Why a value cannot be expanded: what is wrong, and what to do.
pub(super) type ExpandFault = (String, Option<String>);

impl Placeholders {
    /// Reads a file of them: a map from each name to its value or list of values.
    pub fn read(text: &str, file: &Arc<Path>, found: &mut Diagnostics) -> Self {
        let mut values = BTreeMap::new();
        for document in yaml::parse(text, file, Limits::RULE_FILE, found) {
            match document.kind {
                Kind::Map(entries) => {
                    for entry in entries {
                        if let Some(list) = read_entry(&entry, file, found) {
                            values.insert(entry.key, list);
                        }
                    }
                }
                Kind::Null => {}
                _ => {
                    let message = format!("placeholders are a map, not {}", document.kind_name());
                    found
                        .error(file, document.span, codes::SHAPE, message)
                        .help("such as `admins: [alice, bob]`, used as `|expand: '%admins%'`");
                }
            }
        }
        Self { values }
    }

    /// Adds others; of two of one name the later counts.
    pub fn extend(&mut self, others: Self) {
        self.values.extend(others.values);
    }

    /// What a value stands for: itself if it names no placeholder, else every combination of the named values.
    pub(super) fn expand(&self, node: &Node) -> Result<Vec<Node>, ExpandFault> {
        let Some(text) = node.as_text() else { return Ok(vec![node.clone()]) };
        let pieces = pieces(text);
        // Alone, it stands for the values as they are, numbers included.
        if let [Piece::Named(name)] = pieces.as_slice() {
            let place = |value: &Node| Node::elsewhere(node.span, value.kind.clone());
            return Ok(self.named(name)?.iter().map(place).collect());
        }
        if let [Piece::Plain(_)] = pieces.as_slice() {
            return Ok(vec![node.clone()]);
        }
        let mut texts = vec![String::new()];
        for piece in pieces {
            match piece {
                Piece::Plain(plain) => texts.iter_mut().for_each(|text| text.push_str(plain)),
                Piece::Named(name) => {
                    let values: Vec<&str> = self.named(name)?.iter().filter_map(Node::written).collect();
                    if texts.len() * values.len() > MOST_VALUES {
                        let message = format!("the placeholders come to more than {MOST_VALUES} values");
                        return Err((message, Some("write fewer of them into one value".to_owned())));
                    }
                    texts = texts
                        .iter()
                        .flat_map(|text| values.iter().map(move |value| format!("{text}{value}")))
                        .collect();
                }
            }
        }
        Ok(texts.into_iter().map(|text| Node::elsewhere(node.span, Kind::Text(text))).collect())
    }

    fn named(&self, name: &str) -> Result<&[Node], ExpandFault> {
        self.values.get(name).map(Vec::as_slice).ok_or_else(|| {
            let help = match closest(name, self.values.keys().map(String::as_str)) {
                Some(near) => format!("did you mean `%{near}%`?"),
                None => format!("give it values in `placeholders.yaml` in the rules folder: `{}: [...]`", shown(name)),
            };
            (format!("the placeholder `%{}%` has no values", shown(name)), Some(help))
        })
    }
}

fn read_entry(entry: &yaml::MapEntry, file: &Arc<Path>, found: &mut Diagnostics) -> Option<Vec<Node>> {
    if !is_name(&entry.key) {
        let message = format!("`{}` cannot name a placeholder", shown(&entry.key));
        let fault = found.error(file, entry.key_span, codes::PLACEHOLDER, message);
        fault.help("a name has letters, digits, `_`, `-` and `.`");
        return None;
    }
    let list = entry.value.as_list().unwrap_or(std::slice::from_ref(&entry.value));
    if list.is_empty() || list.iter().any(|value| value.written().is_none()) {
        let message = format!("the placeholder `{}` stands for one value or a list of values", entry.key);
        let fault = found.error(file, entry.value.span, codes::PLACEHOLDER, message);
        fault.help("texts, numbers, or true and false");
        return None;
    }
    Some(list.to_vec())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

enum Piece<'t> {
    Plain(&'t str),
    Named(&'t str),
}

/// A text split at its placeholders; a `%` that begins none stands for itself.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut plain_from, mut at) = (Vec::new(), 0, 0);
    while let Some(open) = text[at..].find('%').map(|found| at + found) {
        let Some(close) = text[open + 1..].find('%').map(|found| open + 1 + found) else { break };
        let name = &text[open + 1..close];
        if is_name(name) {
            if plain_from < open {
                pieces.push(Piece::Plain(&text[plain_from..open]));
            }
            pieces.push(Piece::Named(name));
            (plain_from, at) = (close + 1, close + 1);
        } else {
            at = close;
        }
    }
    if plain_from < text.len() || pieces.is_empty() {
        pieces.push(Piece::Plain(&text[plain_from..]));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Span;

    fn read(text: &str) -> (Placeholders, Vec<String>) {
        let mut found = Diagnostics::new();
        let read = Placeholders::read(text, &Path::new("placeholders.yaml").into(), &mut found);
        (read, found.sorted().iter().map(|fault| fault.headline()).collect())
    }

    fn expanded(placeholders: &Placeholders, text: &str) -> Result<Vec<String>, String> {
        let node = Node::new(Span::START, Kind::Text(text.to_owned()));
        let texts = |nodes: Vec<Node>| nodes.iter().map(|node| node.written().unwrap_or_default().to_owned()).collect();
        placeholders
            .expand(&node)
            .map(texts)
            .map_err(|(message, help)| format!("{message} = {}", help.unwrap_or_default()))
    }

    #[test]
    fn a_value_stands_for_every_combination() {
        let (placeholders, faults) = read("admins: [ann, bob]\ndomain: corp\nport: 22\n");
        assert_eq!(faults, Vec::<String>::new());
        for (text, values) in [
            ("%admins%", &["ann", "bob"][..]),
            ("%domain%\\%admins%!", &["corp\\ann!", "corp\\bob!"]),
            ("100%", &["100%"]),
            ("50% of %port%%", &["50% of 22%"]),
            ("", &[""]),
        ] {
            assert_eq!(expanded(&placeholders, text).unwrap(), values, "{text}");
        }
        let fault = expanded(&placeholders, "%admin%").unwrap_err();
        assert_eq!(fault, "the placeholder `%admin%` has no values = did you mean `%admins%`?");
    }

    #[test]
    fn a_bad_file_is_told_where() {
        for (text, fault) in [
            ("- a", "placeholders.yaml:1:1: error[M025]: placeholders are a map, not a list"),
            ("'a b': x", "placeholders.yaml:1:1: error[M030]: `a b` cannot name a placeholder"),
            (
                "a: []",
                "placeholders.yaml:1:4: error[M030]: the placeholder `a` stands for one value or a list of values",
            ),
            (
                "a: {b: c}",
                "placeholders.yaml:1:4: error[M030]: the placeholder `a` stands for one value or a list of values",
            ),
        ] {
            assert_eq!(read(text).1, [fault], "{text}");
        }
    }

    #[test]
    fn combinations_have_a_limit() {
        let many: String = (0..200).map(|number| format!("v{number},")).collect();
        let (placeholders, _) = read(&format!("a: [{many}]"));
        assert!(expanded(&placeholders, "%a%").is_ok());
        assert!(expanded(&placeholders, "%a%%a%").unwrap_err().contains("more than 10000 values"));
    }
}
