//! Text to nodes: drives the parser's events, refuses what Quell refuses, and reports every fault it can reach.

use super::node::{Kind, Map, MapEntry, Node};
use super::{codes, scalar, syntax};
use crate::diag::{Diagnostics, Position, Span};
use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// How large a text may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one text.
    pub bytes: usize,
    /// Levels of lists and maps inside each other.
    pub depth: usize,
    /// Values in one text.
    pub nodes: usize,
    /// Documents in one text.
    pub documents: usize,
}

impl Limits {
    /// A rule file: 256 KiB.
    pub const RULE_FILE: Self = Self { bytes: 256 * 1024, depth: 32, nodes: 200_000, documents: 10_000 };
}

/// Reads every document of a text. Faults go to `found`; the documents before a syntax error are returned.
pub fn parse(text: &str, file: &Arc<Path>, limits: Limits, found: &mut Diagnostics) -> Vec<Node> {
    parse_noting(text, file, limits, found, &mut BTreeMap::new())
}

/// The same, and every text of several lines after `|` or `>` is noted under the place where it begins.
pub(super) fn parse_noting(
    text: &str,
    file: &Arc<Path>,
    limits: Limits,
    found: &mut Diagnostics,
    blocks: &mut BTreeMap<usize, Block>,
) -> Vec<Node> {
    if text.len() > limits.bytes {
        let message = format!("the file is {} bytes; the limit is {}", text.len(), limits.bytes);
        found.error(file, Span::START, codes::LIMIT, message).help("split it into several files");
        return Vec::new();
    }
    report_invisible(text, file, found);
    let options = granit_parser::options! {
        disallow_directives: true,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    };
    let events = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { text, events, file, limits, nodes: 0, found, blocks };
    let mut documents = Vec::new();
    // `None` means a fault was reported and nothing after it can be trusted.
    while let Some(Some(document)) = reader.document() {
        if documents.len() == limits.documents {
            let message = format!("more than {} documents in one file", limits.documents);
            reader.found.error(file, document.span, codes::LIMIT, message);
            break;
        }
        documents.push(document);
    }
    documents
}

struct Reader<'a, 'text> {
    text: &'text str,
    events: Parser<'text, granit_parser::StrInput<'text>>,
    file: &'a Arc<Path>,
    limits: Limits,
    nodes: usize,
    found: &'a mut Diagnostics,
    blocks: &'a mut BTreeMap<usize, Block>,
}

/// How a text of several lines is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// After `|`.
    Literal,
    /// After `>`.
    Folded,
}

impl<'text> Reader<'_, 'text> {
    /// The next document; `Some(None)` at the end of the text, `None` after a fault.
    fn document(&mut self) -> Option<Option<Node>> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Some(None),
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                event => return self.node(event, span).map(Some),
            }
        }
    }

    fn next(&mut self) -> Option<(Event<'text>, Span)> {
        match self.events.next_event()? {
            Ok((event, span)) => Some((event, range(span))),
            Err(fault) => {
                let place = Span::at(position(fault.marker()));
                // The headline has the place; the parser's own sentence would tell it again.
                let (code, message, help) = syntax::told(fault.kind(), self.limits);
                self.found.error(self.file, place, code, message).help = help.map(str::to_owned);
                None
            }
        }
    }

    fn node(&mut self, event: Event<'text>, span: Span) -> Option<Node> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let message = format!("more than {} values in one file", self.limits.nodes);
            self.found.error(self.file, span, codes::LIMIT, message);
            return None;
        }
        if event.anchor_id().is_some() || event.is_alias() {
            let fault = self.found.error(self.file, span, codes::ALIAS, syntax::NO_ALIASES);
            fault.help(syntax::WITHOUT_ALIASES);
        }
        if let Some(tag) = event.tag() {
            let message = format!("tags are not allowed: `{}`", shown(&tag.to_string()));
            self.found
                .error(self.file, span, codes::TAG, message)
                .help("remove the tag; quote the value if it is a text");
        }
        let block = match &event {
            Event::Scalar(_, ScalarStyle::Literal, ..) => Some(Block::Literal),
            Event::Scalar(_, ScalarStyle::Folded, ..) => Some(Block::Folded),
            _ => None,
        };
        self.blocks.extend(block.map(|block| (span.start.offset, block)));
        let source = match &event {
            Event::Scalar(text, ..) => {
                self.text.get(span.start.offset..span.end).and_then(|source| written_otherwise(source, text))
            }
            _ => None,
        };
        let (kind, end) = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => (scalar::plain(&text), span.end),
            Event::Scalar(text, ..) => (Kind::Text(text.into_owned()), span.end),
            Event::SequenceStart(..) => self.list()?,
            Event::MappingStart(..) => self.map()?,
            _ => (Kind::Null, span.end),
        };
        Some(Node { span: Span { start: span.start, end: end.max(span.start.offset) }, kind, source })
    }

    fn list(&mut self) -> Option<(Kind, usize)> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, span) => return Some((Kind::List(list), span.end)),
                (event, span) => list.push(self.node(event, span)?),
            }
        }
    }

    fn map(&mut self) -> Option<(Kind, usize)> {
        let mut map: Map = Vec::new();
        let mut seen = std::collections::HashMap::new();
        loop {
            let (event, span) = self.next()?;
            if let Event::MappingEnd = event {
                return Some((Kind::Map(map), span.end));
            }
            let key_node = self.node(event, span)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span)?;
            let key_span = key_node.span;
            let Some(key) = key_node.written().map(str::to_owned) else {
                let message = format!("a key must be a text, not {}", key_node.kind_name());
                self.found.error(self.file, key_span, codes::KEY, message);
                continue;
            };
            if key == "<<" {
                let fault = self.found.error(self.file, key_span, codes::MERGE, "merge keys are not allowed");
                fault.help("write the entries out");
                continue;
            }
            if let Some(first) = seen.insert(key.clone(), key_span.start.line) {
                let message = format!("`{}` stands twice in this map, first in line {first}", shown(&key));
                let fault = self.found.error(self.file, key_span, codes::DUPLICATE_KEY, message);
                fault.help("remove one of them, or make one list of both values");
                continue;
            }
            map.push(MapEntry { key, key_span, key_source: key_node.source, value });
        }
    }
}

/// How a scalar is written that reads otherwise.
fn written_otherwise(source: &str, text: &str) -> Option<Box<str>> {
    let quoted = || ['"', '\''].iter().find_map(|quote| source.strip_prefix(*quote)?.strip_suffix(*quote));
    (source != text && quoted() != Some(text)).then(|| source.into())
}

/// A key as a message shows it: hostile lengths are cut.
fn shown(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn position(marker: &granit_parser::Marker) -> Position {
    Position {
        line: u32::try_from(marker.line()).unwrap_or(u32::MAX).max(1),
        column: u32::try_from(marker.col()).unwrap_or(u32::MAX - 1) + 1,
        offset: marker.byte_offset().unwrap_or(0),
    }
}

fn range(span: granit_parser::Span) -> Span {
    let start = position(&span.start);
    Span { start, end: position(&span.end).offset.max(start.offset) }
}

/// Characters that hide or reorder text make a review worthless (the "Trojan Source" attack).
fn report_invisible(text: &str, file: &Arc<Path>, found: &mut Diagnostics) {
    let hidden = |c: char| match c {
        '\u{feff}' => true,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => true,
        c => c.is_control() && !matches!(c, '\n' | '\r' | '\t'),
    };
    let first_at = usize::from(text.starts_with('\u{feff}')) * '\u{feff}'.len_utf8();
    for (offset, c) in text.char_indices().filter(|&(at, c)| at >= first_at && hidden(c)).take(16) {
        let span = Span { start: Position::from(&text[..offset]), end: offset + c.len_utf8() };
        let message = format!("invisible character U+{:04X}", c as u32);
        found.error(file, span, codes::INVISIBLE, message).help("remove it; it hides what the file says");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Node>, Vec<String>) {
        let mut found = Diagnostics::new();
        let nodes = parse(text, &Path::new("r.yaml").into(), Limits::RULE_FILE, &mut found);
        (nodes, found.sorted().iter().map(|d| d.headline()).collect())
    }

    #[test]
    fn every_value_knows_its_place() {
        let text = "id: one\nmatch:\n  \"a b\": [1, 'x']\n---\nid: two\n";
        let (nodes, faults) = read(text);
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(nodes.len(), 2);
        let entry = &nodes[0].get("match").unwrap().value.get("a b").unwrap();
        assert_eq!((entry.key_span.start.line, entry.key_span.start.column), (3, 3));
        let list = entry.value.as_list().unwrap();
        assert_eq!((list[1].span.start.line, list[1].span.start.column), (3, 14));
        assert_eq!(&text[list[1].span.start.offset..list[1].span.end], "'x'");
        assert_eq!(nodes[1].get("id").unwrap().key_span.start.line, 5);
    }

    #[test]
    fn faults_are_named_where_they_stand() {
        let (_, faults) = read("a: 1\na: 2\nb: &x 1\nc: *x\nd: !!str 3\n<<: {e: 1}\n");
        assert_eq!(
            faults,
            [
                "r.yaml:2:1: error[Y002]: `a` stands twice in this map, first in line 1",
                "r.yaml:3:7: error[Y003]: anchors and aliases are not allowed",
                "r.yaml:4:4: error[Y003]: anchors and aliases are not allowed",
                "r.yaml:5:10: error[Y004]: tags are not allowed: `tag:yaml.org,2002:str`",
                "r.yaml:6:1: error[Y005]: merge keys are not allowed",
            ]
        );
    }

    #[test]
    fn a_broken_text_is_told_without_its_place_and_with_what_to_do() {
        let colon = "write `key: value`, with a space after the colon";
        for (text, headline, help) in [
            ("a: [1, 2", "1:4: error[Y001]: unclosed bracket '['", Some("add the bracket that closes it")),
            (
                "a: {b: 1\nc: 2\n",
                "2:2: error[Y001]: while parsing a flow mapping, did not find expected ',' or '}'",
                Some("add the bracket that closes it, or quote a key or value that holds a bracket or a comma"),
            ),
            (
                "a: [1, 2\nb: 3\n",
                "2:2: error[Y001]: illegal placement of ':' indicator",
                Some("close the bracket before it, or quote a value that holds `: `"),
            ),
            ("a: 'x", "1:4: error[Y001]: unclosed quote", Some("add the closing quote, of the same kind")),
            (
                "a:\n\tb: 1\n",
                "2:2: error[Y001]: tabs disallowed within this context (block indentation)",
                Some("indent with spaces; YAML takes no tabs there"),
            ),
            ("a: 1\nb:2\n", "2:1: error[Y001]: simple key expected ':'", Some(colon)),
            (
                "a: b: c\n",
                "1:5: error[Y001]: mapping values are not allowed in this context",
                Some("quote a value that holds `: `"),
            ),
            ("a: @x\n", "1:4: error[Y001]: unexpected character: `@'", Some("put the value in quotes")),
            (
                "a: *x\n",
                "1:4: error[Y003]: anchors and aliases are not allowed",
                Some("put a text that begins with `*` or `&` in quotes, or write the value out where it is used"),
            ),
            ("a: 'x' y\n", "1:8: error[Y001]: invalid trailing content after single-quoted scalar", None),
        ] {
            let mut found = Diagnostics::new();
            parse(text, &Path::new("r.yaml").into(), Limits::RULE_FILE, &mut found);
            let found = found.sorted();
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!((found[0].headline(), found[0].help.as_deref()), (format!("r.yaml:{headline}"), help), "{text}");
        }
    }

    #[test]
    fn long_keys_are_shown_short() {
        let key = "k".repeat(5000);
        let (_, faults) = read(&format!("? {key}\n: 1\n? {key}\n: 2\n"));
        assert_eq!(
            faults,
            [format!("r.yaml:3:3: error[Y002]: `{}…` stands twice in this map, first in line 1", "k".repeat(80))]
        );
    }

    #[test]
    fn bombs_end_at_a_limit() {
        let (_, faults) = read(&"[".repeat(20_000));
        assert!(faults[0].contains("error[Y007]"), "{faults:?}");
        let (_, faults) = read(&"a".repeat(300_000));
        assert!(faults[0].contains("the limit is 262144"), "{faults:?}");
        let (_, faults) = read("id: a\u{202e}b\n");
        assert!(faults[0].contains("r.yaml:1:6: error[Y008]: invisible character U+202E"), "{faults:?}");
    }
}
