//! The comments of a text: every `#` outside of a scalar that begins a line or follows a space.

use super::shape::Comment;
use crate::yaml::{Kind, Node};

/// One comment where it stands.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Byte offset of its `#`.
    pub start: usize,
    /// Line, from 0.
    pub line: usize,
    /// Columns before it.
    pub column: usize,
    /// Whether nothing but spaces stands before it on its line.
    pub alone: bool,
    pub comment: Comment,
}

/// The lines of a text, to tell which one an offset is on.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    pub fn of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    pub fn start(&self, line: usize) -> usize {
        self.starts[line]
    }

    pub fn text(&self, line: usize) -> &'t str {
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        &self.text[self.starts[line]..end]
    }

    pub fn column(&self, offset: usize) -> usize {
        offset - self.starts[self.of(offset)]
    }

    /// Whether a blank line stands above this one.
    pub fn gap_above(&self, line: usize) -> bool {
        line > 0 && self.text(line - 1).trim().is_empty()
    }

    /// Whether the line above is one between two documents.
    fn mark_above(&self, line: usize) -> bool {
        line > 0 && self.text(line - 1).starts_with("---")
    }
}

/// Every comment, in order.
pub(super) fn find(text: &str, documents: &[Node], lines: &Lines<'_>) -> Vec<Found> {
    let mut scalars = Vec::new();
    documents.iter().for_each(|document| spans(document, &mut scalars));
    let mut scalars = scalars.into_iter().peekable();
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        while scalars.next_if(|(_, end)| *end <= at).is_some() {}
        if let Some((_, end)) = scalars.next_if(|(start, end)| *start <= at && at < *end) {
            at = end;
            continue;
        }
        if *byte != b'#' || !(at == 0 || bytes[at - 1].is_ascii_whitespace()) {
            at += 1;
            continue;
        }
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let line = lines.of(at);
        let column = lines.column(at);
        let alone = text[at - column..at].trim().is_empty();
        let gap = lines.gap_above(line) || lines.mark_above(line);
        let comment = Comment { gap, text: text[at..end].trim_end().to_owned() };
        found.push(Found { start: at, line, column, alone, comment });
        at = end;
    }
    found
}

/// Where scalars stand, keys included, in order. A text after `|` or `>` begins below that sign.
fn spans(node: &Node, found: &mut Vec<(usize, usize)>) {
    match &node.kind {
        Kind::List(list) => list.iter().for_each(|node| spans(node, found)),
        Kind::Map(map) => {
            for entry in map {
                found.push((entry.key_span.start.offset, entry.key_span.end));
                spans(&entry.value, found);
            }
        }
        _ => found.push((node.span.start.offset, node.span.end)),
    }
}

/// The texts of all comments, in no order: what two texts are compared by.
pub fn comments_of(text: &str, documents: &[Node]) -> Vec<String> {
    let mut texts: Vec<String> =
        find(text, documents, &Lines::new(text)).into_iter().map(|found| found.comment.text).collect();
    texts.sort();
    texts
}
