//! Where a part of a scalar stands in the file.

use crate::diag::{Position, Span};
use std::ops::Range;

/// The place of some bytes of a scalar that stands at `span` and reads `text`; `source` is how the file writes it, where that
/// is otherwise than it reads (escapes, several lines). Where that cannot be told, it is the whole scalar.
pub(super) fn part(span: Span, text: &str, source: Option<&str>, range: Range<usize>) -> Span {
    let place = match source {
        Some(source) => among_letters(source, text, &range).map(|place| advanced(span.start, source, place)),
        None => as_it_reads(span, text, &range),
    };
    place.unwrap_or(span)
}

/// In a scalar that is written as it reads, but for quotes.
fn as_it_reads(span: Span, text: &str, range: &Range<usize>) -> Option<Span> {
    let written = span.end.saturating_sub(span.start.offset);
    let quote = match written.checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return None,
    };
    let Position { line, column, offset } = span.start;
    let start = Position { line, column: column + quote, offset: offset + quote as usize };
    text.get(range.start..).map(|_| advanced(start, text, range.start..range.end.min(text.len())))
}

/// The place of some bytes of what is written from a position on.
fn advanced(from: Position, written: &str, range: Range<usize>) -> Span {
    let before = Position::from(&written[..range.start]);
    let column = if before.line == 1 { from.column + before.column - 1 } else { before.column };
    let start = Position { line: from.line + before.line - 1, column, offset: from.offset + range.start };
    Span { start, end: from.offset + range.end }
}

/// In a scalar that is written otherwise: the characters that are not blank stand in the file in the same order.
fn among_letters(source: &str, text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let mut written = letters(source)?.into_iter();
    let mut place: Option<Range<usize>> = None;
    let mut before = None;
    for (at, letter) in text.char_indices().filter(|(_, letter)| !letter.is_whitespace()) {
        let (stands, as_written) = written.next()?;
        if letter != as_written {
            return None;
        }
        if at < range.start {
            before = Some(stands.end);
        } else if at < range.end {
            place = Some(place.map_or(stands.start, |place| place.start)..stands.end);
        }
    }
    place.or(before.map(|end| end..end))
}

/// The characters of a scalar that are not blank, and where each is written.
fn letters(source: &str) -> Option<Vec<(Range<usize>, char)>> {
    let mut chars = source.char_indices().peekable();
    let quote = chars.next_if(|(_, first)| matches!(first, '"' | '\'')).map(|(_, quote)| quote);
    if source.starts_with(['|', '>']) {
        // The rest of that line says how the text is read.
        chars.by_ref().find(|(_, letter)| *letter == '\n')?;
    }
    let mut letters = Vec::new();
    while let Some((start, letter)) = chars.next() {
        let letter = match (quote, letter) {
            (Some('\''), '\'') if chars.next_if(|(_, next)| *next == '\'').is_none() => break,
            (Some('"'), '"') => break,
            (Some('"'), '\\') => escaped(&mut chars)?,
            (_, letter) => letter,
        };
        let end = chars.peek().map_or(source.len(), |(end, _)| *end);
        if !letter.is_whitespace() {
            letters.push((start..end, letter));
        }
    }
    Some(letters)
}

/// The character that an escape stands for, behind its backslash.
fn escaped(chars: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    let (_, letter) = chars.next()?;
    let digits = match letter {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '0' => return Some('\0'),
        'a' => return Some('\u{7}'),
        'b' => return Some('\u{8}'),
        'e' => return Some('\u{1b}'),
        // Blanks, all of them.
        't' | 'n' | 'v' | 'f' | 'r' | 'N' | '_' | 'L' | 'P' => return Some(' '),
        letter => return Some(letter),
    };
    let code = chars.take(digits).try_fold(0, |code, (_, digit)| Some(code * 16 + digit.to_digit(16)?))?;
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use crate::diag::Diagnostics;
    use crate::yaml::{Limits, parse};
    use std::path::Path;

    /// A map of one entry, and where pieces of its key and of its value are said to stand.
    #[track_caller]
    fn check(file: &str, key: &[(&str, u32, u32, &str)], value: &[(&str, u32, u32, &str)]) {
        let mut found = Diagnostics::new();
        let nodes = parse(file, &Path::new("f.yaml").into(), Limits::RULE_FILE, &mut found);
        let entry = &nodes[0].as_map().unwrap()[0];
        let text = entry.value.written().unwrap();
        for (of, part, places) in [(entry.key.as_str(), true, key), (text, false, value)] {
            for (piece, line, column, written) in places {
                let start = of.rfind(piece).unwrap_or_else(|| panic!("no {piece:?} in {of:?}"));
                let range = start..start + piece.len();
                let span = if part { entry.key_part(range) } else { entry.value.part(range) };
                let found = (span.start.line, span.start.column, &file[span.start.offset..span.end]);
                assert_eq!(found, (*line, *column, *written), "{piece:?} in {file:?}");
            }
        }
    }

    #[test]
    fn what_is_written_as_it_reads() {
        check("é|b: x y", &[("b", 1, 3, "b")], &[("y", 1, 8, "y")]);
        check("'a|b': 'é y'", &[("b", 1, 4, "b")], &[("y", 1, 11, "y"), ("", 1, 12, "")]);
        check("\"a|b\": \"x y\"", &[("a|b", 1, 2, "a|b")], &[("y", 1, 11, "y")]);
    }

    #[test]
    fn texts_of_several_lines() {
        for head in [">", ">-", "|", "|+ # why", ">2-"] {
            let file = format!("c: {head}\n  a and é\n\n    or bc\n  d\n");
            check(&file, &[], &[("a and", 2, 3, "a and"), ("é", 2, 9, "é"), ("bc", 4, 8, "bc"), ("d", 5, 3, "d")]);
            check(&file, &[], &[("or bc", 4, 5, "or bc"), ("nd", 2, 6, "nd")]);
        }
        check("c: a and\n   bc\n", &[], &[("and bc", 1, 6, "and\n   bc"), ("bc", 2, 4, "bc")]);
        check("c: 'a and\n   bc'\n", &[], &[("bc", 2, 4, "bc"), ("", 2, 6, "")]);
        check("c: \"a \\\n   bc\"\n", &[], &[("bc", 2, 4, "bc")]);
        check("c: >\r\n  a\r\n  bc\r\n", &[], &[("bc", 3, 3, "bc")]);
    }

    #[test]
    fn escapes_and_doubled_quotes() {
        check("'it''s|b': x", &[("b", 1, 8, "b"), ("'", 1, 4, "''")], &[]);
        let key = r#""a\"b\u00e9\x63\t\_d|e": x"#;
        check(key, &[("\"", 1, 3, "\\\""), ("é", 1, 6, "\\u00e9"), ("d", 1, 20, "d"), ("e", 1, 22, "e")], &[]);
        check(key, &[("éc", 1, 6, "\\u00e9\\x63")], &[]);
    }
}
