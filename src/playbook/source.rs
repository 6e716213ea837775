//! A script's text as it was read: bounded, without a byte-order mark, with a place for every line and column.

use super::codes;
use crate::diag::{Diagnostics, Position, Span};
use std::path::Path;
use std::sync::Arc;

/// Most bytes of a script. Parsing has no budget of its own, and some constructs take quadratic time.
pub const SOURCE_BYTES: usize = 64 * 1024;

/// The text without a byte-order mark; none if it is too large to be looked at. Invisible characters from byte
/// `from` on are reported.
pub fn admit<'t>(text: &'t str, file: &Arc<Path>, found: &mut Diagnostics) -> Option<&'t str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > SOURCE_BYTES {
        let message = format!("the script is {} bytes; the limit is {SOURCE_BYTES}", text.len());
        found.error(file, Span::START, codes::LIMIT, message).help("move parts of it into modules in `playbooks/lib`");
        return None;
    }
    Some(text)
}

/// Reports characters that hide or reorder text, from byte `from` on: they make a review worthless.
pub fn report_invisible(text: &str, from: usize, file: &Arc<Path>, found: &mut Diagnostics) {
    let hidden = |c: char| match c {
        '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => true,
        c => c.is_control() && !matches!(c, '\n' | '\r' | '\t'),
    };
    for (offset, c) in text.char_indices().filter(|&(at, c)| at >= from && hidden(c)).take(16) {
        let span = Span { start: Position::from(&text[..offset]), end: offset + c.len_utf8() };
        let message = format!("invisible character U+{:04X}", c as u32);
        found.error(file, span, codes::INVISIBLE, message).help("remove it, or write it as an escape in a text");
    }
}

/// A place with text at it: where only blank follows, or no place is known, the last character that is not blank.
pub fn on_text(text: &str, place: rhai::Position) -> rhai::Position {
    let written = text.trim_end();
    let line = written.lines().count();
    let column = written.lines().last().map_or(0, |line| line.chars().count());
    let at = |line: usize, column: usize| match (u16::try_from(line), u16::try_from(column)) {
        (Ok(line @ 1..), Ok(column)) => rhai::Position::new(line, column),
        _ => place,
    };
    match (place.line(), place.position()) {
        (Some(own), own_column) if (own, own_column.unwrap_or(1)) <= (line, column) => place,
        _ => at(line, column),
    }
}

/// Line and column of a place, from 1; 0 where there is none.
pub fn line_and_column(place: rhai::Position) -> (u32, u32) {
    let number = |part: Option<usize>| part.and_then(|part| u32::try_from(part).ok()).unwrap_or(0);
    (number(place.line()), number(place.position()))
}

/// The span of the word at a place the script engine names; the file's start where it names none.
pub fn span(text: &str, place: rhai::Position) -> Span {
    let (Some(line), column) = (place.line(), place.position().unwrap_or(1)) else { return Span::START };
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(before..).unwrap_or("");
    let to_column: usize = rest.chars().take(column - 1).take_while(|&c| c != '\n').map(char::len_utf8).sum();
    let offset = before + to_column;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let tail = &text[offset.min(text.len())..];
    let word = tail.len() - tail.trim_start_matches(is_word).len();
    let number = |part: usize| u32::try_from(part).unwrap_or(u32::MAX);
    Span { start: Position { line: number(line), column: number(column), offset }, end: offset + word }
}
