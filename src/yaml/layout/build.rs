//! A text to its layout: every value, and every comment beside the value it speaks of.

use super::comments::{Found, Lines, find};
use super::shape::{Comment, Document, Part, Scalar, Shape, Style};
use crate::yaml::parse::Block;
use crate::yaml::{Kind, MapEntry, Node};
use std::collections::BTreeMap;

/// The layout of a text whose documents are these; none if its documents cannot be told apart.
pub fn read_layout(text: &str, nodes: &[Node], blocks: &BTreeMap<usize, Block>) -> Option<Vec<Document>> {
    let lines = Lines::new(text);
    let comments = find(text, nodes, &lines);
    let mut builder = Builder { text, lines, comments: comments.into_iter().peekable(), blocks };
    if nodes.is_empty() {
        return Some(vec![Document { head: builder.before(text.len()), ..Document::default() }]);
    }
    let starts = document_starts(text, nodes)?;
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let mut documents: Vec<Document> = nodes.iter().zip(ends).map(|(node, end)| builder.document(node, end)).collect();
    let holds = |document: &Document| document.value.is_some() || !document.head.is_empty();
    documents.retain(holds);
    Some(documents)
}

/// Where each document's lines begin.
fn document_starts(text: &str, nodes: &[Node]) -> Option<Vec<usize>> {
    let mut scalars = Vec::new();
    nodes.iter().for_each(|node| stretches(node, &mut scalars));
    let mut scalars = scalars.into_iter().peekable();
    let (mut starts, mut at, mut only_comments) = (vec![0], 0, true);
    for line in text.split_inclusive('\n') {
        while scalars.next_if(|(_, end)| *end <= at).is_some() {}
        let within = scalars.peek().is_some_and(|(start, _)| *start < at);
        let marker =
            line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        if marker && !within {
            if starts.len() == 1 && only_comments {
                starts = vec![0];
            } else {
                starts.push(at);
            }
            only_comments = false;
        } else {
            let trimmed = line.trim();
            only_comments &= trimmed.is_empty() || trimmed.starts_with('#') || trimmed == "\u{feff}";
        }
        at += line.len();
    }
    (starts.len() == nodes.len()).then_some(starts)
}

fn stretches(node: &Node, found: &mut Vec<(usize, usize)>) {
    match &node.kind {
        Kind::List(list) => list.iter().for_each(|node| stretches(node, found)),
        Kind::Map(map) => map.iter().for_each(|entry| stretches(&entry.value, found)),
        _ => found.push((node.span.start.offset, node.span.end)),
    }
}

struct Builder<'t> {
    text: &'t str,
    lines: Lines<'t>,
    comments: std::iter::Peekable<std::vec::IntoIter<Found>>,
    /// Where texts of several lines begin.
    blocks: &'t BTreeMap<usize, Block>,
}

impl Builder<'_> {
    fn document(&mut self, node: &Node, end: usize) -> Document {
        if node.kind == Kind::Null {
            return Document { head: self.before(end), ..Document::default() };
        }
        let start = node.span.start.offset;
        let head = self.before(start);
        let gap = self.lines.gap_above(self.lines.of(start));
        let (value, beside) = self.value(node, end, None);
        Document { head, gap, value: Some(value), beside, tail: self.before(end) }
    }

    /// Every comment that begins before `limit`.
    fn before(&mut self, limit: usize) -> Vec<Comment> {
        std::iter::from_fn(|| self.comments.next_if(|found| found.start < limit)).map(|found| found.comment).collect()
    }

    /// The comment that follows something on this line, before the next value or the bracket around it.
    fn beside(&mut self, line: usize, limit: usize) -> Option<String> {
        let belongs = |found: &Found| !found.alone && found.line == line && found.start < limit;
        self.comments.next_if(belongs).map(|found| found.comment.text)
    }

    /// A value and the comment on its own line. `limit` is where the next value begins, `around` the column of the
    /// list or map it stands in.
    fn value(&mut self, node: &Node, limit: usize, around: Option<usize>) -> (Shape, Option<String>) {
        let (start, end) = (node.span.start.offset, node.span.end);
        let flow = self.text[start..].starts_with(['[', '{']);
        let last_line = |builder: &Self| builder.lines.of(start + builder.text[start..end].trim_end().len().max(1) - 1);
        match &node.kind {
            Kind::List(list) => {
                let next =
                    list.iter().skip(1).map(|node| node.span.start.offset).chain([if flow { end } else { limit }]);
                let column = self.lines.column(self.dash(start));
                let items = list.iter().zip(next.collect::<Vec<_>>());
                let items = items.map(|(node, limit)| self.item(node, limit, column)).collect();
                let (tail, beside) = self.after(flow, end, limit, around);
                (Shape::List { items, flow, tail }, beside)
            }
            Kind::Map(map) => {
                let next = map.iter().skip(1).map(|entry| entry.key_span.start.offset);
                let next = next.chain([if flow { end } else { limit }]);
                let column = self.lines.column(start);
                let entries = map.iter().zip(next.collect::<Vec<_>>());
                let entries = entries.map(|(entry, limit)| self.entry(entry, limit, column)).collect();
                let (tail, beside) = self.after(flow, end, limit, around);
                (Shape::Map { entries, flow, tail }, beside)
            }
            _ => {
                let scalar = match self.blocks.get(&start) {
                    Some(block) => self.block(node, *block),
                    None => scalar(node, &self.text[start..end]),
                };
                let line = match self.blocks.contains_key(&start) {
                    true => self.lines.of(self.header(start)),
                    false if start == end => self.lines.of(start),
                    false => last_line(self),
                };
                (Shape::Scalar(scalar), self.beside(line, limit))
            }
        }
    }

    /// What follows the last part of a list or map: comments that belong to it still, and one beside its bracket.
    fn after(&mut self, flow: bool, end: usize, limit: usize, around: Option<usize>) -> (Vec<Comment>, Option<String>) {
        if flow {
            let tail = self.before(end);
            return (tail, self.beside(self.lines.of(end - 1), limit));
        }
        let belongs =
            |found: &Found| found.start < limit && around.is_none_or(|around| found.alone && found.column > around);
        let tail = std::iter::from_fn(|| self.comments.next_if(belongs)).map(|found| found.comment);
        (tail.collect(), None)
    }

    /// Where the first dash of the list that begins here stands: some lists begin at their first element.
    fn dash(&self, start: usize) -> usize {
        let mut here = self.text[start..].chars();
        let is_dash = here.next() == Some('-') && here.next().is_none_or(char::is_whitespace);
        let before = self.text[..start].trim_end_matches(' ');
        if !is_dash && before.ends_with('-') { before.len() - 1 } else { start }
    }

    /// Where the `|` or `>` of the text that begins here stands.
    fn header(&self, start: usize) -> usize {
        if self.text[start..].starts_with(['|', '>']) && self.text[..start].trim_end().len() + 1 >= start {
            return start;
        }
        let line = self.lines.of(self.text[..start].trim_end().len().max(1) - 1);
        let (from, line) = (self.lines.start(line), self.lines.text(line));
        // Neither sign can stand in a comment before it, and a key that holds one ends with its colon.
        let written = line.find(" #").map_or(line, |end| &line[..end]);
        from + written.rfind(['|', '>']).unwrap_or_default()
    }

    fn block(&self, node: &Node, block: Block) -> Scalar {
        let text = node.as_text().unwrap_or_default().to_owned();
        let (start, end) = (node.span.start.offset, node.span.end);
        let style = match block {
            Block::Literal => None,
            Block::Folded => folded(&text, &self.text[self.header(start)..end]),
        };
        Scalar { text, style: style.unwrap_or(Style::Literal) }
    }

    fn item(&mut self, node: &Node, limit: usize, column: usize) -> Part {
        let start = node.span.start.offset;
        let start = if self.blocks.contains_key(&start) { self.header(start) } else { start };
        let before = if is_empty(node) { Vec::new() } else { self.before(start) };
        let gap = self.lines.gap_above(self.lines.of(start));
        let (value, beside) = self.value(node, limit, Some(column));
        Part { before, gap, key: None, value, beside }
    }

    fn entry(&mut self, entry: &MapEntry, limit: usize, column: usize) -> Part {
        let start = entry.key_span.start.offset;
        let mut before = self.before(start);
        let gap = self.lines.gap_above(self.lines.of(start));
        let key_line = self.lines.of(entry.key_span.end.max(start + 1) - 1);
        let value_start = entry.value.span.start.offset;
        let value_start = if self.blocks.contains_key(&value_start) { self.header(value_start) } else { value_start };
        let is_block = matches!(entry.value.kind, Kind::List(_) | Kind::Map(_))
            && !self.text[value_start..].starts_with(['[', '{']);
        let mut beside = None;
        if is_block || is_empty(&entry.value) {
            beside = self.beside(key_line, limit);
        } else {
            before.extend(self.before(value_start));
        }
        let (value, own) = self.value(&entry.value, limit, Some(column));
        let written = &self.text[start..entry.key_span.end];
        let style = if written.starts_with(['\'', '"']) { Style::Quoted } else { Style::Plain };
        let key = Some(Scalar { text: entry.key.clone(), style });
        Part { before, gap, key, value, beside: beside.or(own) }
    }
}

fn is_empty(node: &Node) -> bool {
    node.kind == Kind::Null && node.span.start.offset >= node.span.end
}

/// A scalar from what it says and how it is written.
fn scalar(node: &Node, written: &str) -> Scalar {
    let Some(text) = node.as_text() else {
        let text = if node.kind == Kind::Null { written.trim() } else { node.written().unwrap_or_default() };
        // Booleans are kept as they are written.
        let text = if matches!(node.kind, Kind::Bool(_)) { written.trim() } else { text };
        return Scalar { text: text.to_owned(), style: Style::Plain };
    };
    let style = if written.starts_with(['\'', '"']) { Style::Quoted } else { Style::Plain };
    Scalar { text: text.to_owned(), style }
}

/// The lines of a folded text without their indent; none where they cannot be told from it.
fn folded(text: &str, written: &str) -> Option<Style> {
    let mut lines = written.lines();
    let header = lines.next()?[1..].split('#').next()?.trim().to_owned();
    let lines: Vec<&str> = lines.collect();
    let first = lines.iter().find(|line| !line.trim().is_empty())?;
    let indent = first.len() - first.trim_start().len();
    let odd = |line: &&str| line.trim().is_empty() && line.len() > indent;
    if header.contains(|c: char| c.is_ascii_digit()) || lines.iter().any(odd) {
        return None;
    }
    let mut lines: Vec<String> = lines.iter().map(|line| line.get(indent..).unwrap_or_default().to_owned()).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    if header == "+" {
        let kept = text.len() - text.trim_end_matches('\n').len();
        lines.extend(std::iter::repeat_n(String::new(), kept.saturating_sub(1)));
    }
    Some(Style::Folded(header, lines))
}
