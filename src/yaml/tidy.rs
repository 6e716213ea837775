//! A text in its canonical form, or why it has none. What it says is compared before and after.

use super::layout::{Document, print, read_layout};
use super::parse::parse_noting;
use super::{Kind, Limits, Node, codes, parse};
use crate::diag::{Diagnostics, Span};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The same text as canonical YAML; `arrange` may put the parts of each document's maps in another order. None if the
/// text has faults, which go to `found`, or could not be written otherwise without saying something else.
pub fn tidy(text: &str, file: &Arc<Path>, found: &mut Diagnostics, arrange: impl Fn(&mut Document)) -> Option<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut faults = Diagnostics::new();
    let mut blocks = BTreeMap::new();
    let before = parse_noting(&text, file, Limits::RULE_FILE, &mut faults, &mut blocks);
    if faults.has_errors() {
        found.extend(faults);
        return None;
    }
    let written = read_layout(&text, &before, &blocks).map(|mut documents| {
        documents.iter_mut().for_each(arrange);
        let written = print(&documents);
        if written.trim().is_empty() { String::new() } else { written }
    });
    let Some(written) = written.filter(|written| says_the_same(&text, &before, written, file)) else {
        let message = "this file cannot be formatted without changing what it says";
        let fault = found.error(file, Span::START, codes::UNTIDY, message);
        fault.help("put `---` between documents, and comments on lines of their own");
        return None;
    };
    Some(written)
}

/// Whether a text says what another says, comments included.
fn says_the_same(text: &str, before: &[Node], written: &str, file: &Arc<Path>) -> bool {
    let mut faults = Diagnostics::new();
    let after = parse(written, file, Limits::RULE_FILE, &mut faults);
    let said = |nodes: &[Node]| -> Vec<Node> {
        nodes.iter().filter(|node| node.kind != Kind::Null).map(without_places).collect()
    };
    !faults.has_errors()
        && said(before) == said(&after)
        && super::layout::comments_of(text, before) == super::layout::comments_of(written, &after)
}

/// The tree without places, and its maps without their order.
fn without_places(node: &Node) -> Node {
    let span = Span::START;
    let kind = match &node.kind {
        Kind::List(list) => Kind::List(list.iter().map(without_places).collect()),
        Kind::Map(map) => {
            let mut map: Vec<_> = map
                .iter()
                .map(|entry| super::MapEntry {
                    key: entry.key.clone(),
                    key_span: span,
                    key_source: None,
                    value: without_places(&entry.value),
                })
                .collect();
            map.sort_by(|a, b| a.key.cmp(&b.key));
            Kind::Map(map)
        }
        kind => kind.clone(),
    };
    Node::new(span, kind)
}
