//! Where a part of a key or of a text stands in the file.

use crate::diag::{Position, Span};
use std::ops::Range;

/// The place of some bytes of a scalar that stands at `span` and reads `text`. Where the file writes the scalar
/// otherwise than it reads (escapes, folded lines), the whole scalar is named.
pub fn inside(span: Span, text: &str, range: Range<usize>) -> Span {
    let written = span.end.saturating_sub(span.start.offset);
    let quote = match written.checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return span,
    };
    let (Some(before), false) = (text.get(..range.start), text.contains('\n')) else { return span };
    let Position { line, column, offset } = span.start;
    let column = column + quote + u32::try_from(before.chars().count()).unwrap_or(0);
    let offset = offset + quote as usize;
    Span { start: Position { line, column, offset: offset + range.start }, end: offset + range.end.min(text.len()) }
}

/// A piece of a rule as a message shows it: hostile lengths are cut.
pub fn shown(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column_and_text(source: &str, key: &str, range: Range<usize>) -> (u32, String) {
        let start = Position { line: 3, column: 5, offset: 0 };
        let place = inside(Span { start, end: source.len() }, key, range);
        (place.start.column, source[place.start.offset..place.end].to_owned())
    }

    #[test]
    fn quotes_are_stepped_over_and_escapes_name_the_whole() {
        assert_eq!(column_and_text("ä|b", "ä|b", 3..4), (7, "b".into()));
        assert_eq!(column_and_text("'a|b'", "a|b", 2..3), (8, "b".into()));
        assert_eq!(column_and_text(r#""a\tb|c""#, "a\tb|c", 4..5), (5, r#""a\tb|c""#.into()));
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shown("ab"), "ab");
        assert_eq!(shown(&"é".repeat(500)).chars().count(), 81);
    }
}
