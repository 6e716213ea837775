//! A decoding error: code, message and place; and how a place in an item becomes a place in the body.

use super::codes;
use std::fmt;

/// Why a body or one of its items is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// Stable and in snake case: one of [`codes`].
    pub code: &'static str,
    /// What is wrong and what to do, for a person.
    pub message: String,
    /// Line in the body, from 1.
    pub line: Option<usize>,
    /// Column in that line, in bytes from 1.
    pub column: Option<usize>,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, " (line {line}, column {column})"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for DecodeError {}

impl DecodeError {
    /// An error without a place of its own; inside an item it gets the item's.
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), line: None, column: None }
    }

    /// The same error at a place counted from 1.
    pub(super) fn at(self, line: usize, column: usize) -> Self {
        Self { line: Some(line.max(1)), column: Some(column.max(1)), ..self }
    }

    /// The same error without its story: code and place are enough after a thousand of them.
    pub(super) fn in_short(self) -> Self {
        Self { message: "see the code".to_owned(), ..self }
    }

    /// What the JSON parser found, in its own words and with its place.
    pub(super) fn of_parser(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let words = text.split(" at line ").next().unwrap_or(&text);
        let fault = if words.contains("surrogate") || words.contains("hex escape") {
            Self::new(codes::INVALID_UTF8, format!("not a character: {words}"))
        } else if words.contains("trailing characters") {
            let advice = "send several alerts as a JSON array, or as lines of application/x-ndjson";
            Self::new(codes::INVALID_JSON, format!("text goes on after the JSON value; {advice}"))
        } else {
            Self::new(codes::INVALID_JSON, format!("not JSON: {words}"))
        };
        fault.at(error.line(), error.column())
    }

    /// Bytes that are no text, with their place.
    pub(super) fn not_utf8(bytes: &[u8], valid: usize) -> Self {
        let mut cursor = Cursor::new(bytes);
        cursor.advance(valid);
        Self::new(codes::INVALID_UTF8, "not UTF-8").at(cursor.line, cursor.column)
    }

    /// An item's error with its place in the body, given where the item begins.
    pub(super) fn moved(self, start: &Cursor<'_>) -> Self {
        match (self.line, self.column) {
            (Some(1), Some(column)) => self.at(start.line, start.column + column - 1),
            (Some(line), Some(column)) => self.at(start.line + line - 1, column),
            _ => self.at(start.line, start.column),
        }
    }
}

/// Counts lines while moving forward through a body, so that the places of ten thousand bad items cost one pass.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    body: &'a [u8],
    offset: usize,
    line: usize,
    column: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        Self { body, offset: 0, line: 1, column: 1 }
    }

    /// Moves forward to `offset`.
    pub(super) fn advance(&mut self, offset: usize) {
        let passed = &self.body[self.offset..offset];
        match passed.iter().rposition(|&byte| byte == b'\n') {
            Some(last) => {
                self.line += passed.iter().filter(|&&byte| byte == b'\n').count();
                self.column = passed.len() - last;
            }
            None => self.column += passed.len(),
        }
        self.offset = offset;
    }
}
