//! A syntax error in the author's terms: what is meant where words of other languages stand, and which bracket is open.

use super::{brackets, codes, source};
use crate::diag::{Code, Diagnostics};
use rhai::{LexError, ParseError, ParseErrorType};
use std::path::Path;
use std::sync::Arc;

/// Words of other languages, and what is written here.
const FOREIGN: &[(&[&str], &str)] = &[
    (&["elif", "elsif", "elseif"], "write `else if`"),
    (&["null", "nil", "None", "undefined"], "write `()`: that is the value of what is missing"),
    (&["def", "function", "func"], "write `fn`"),
    (&["var"], "write `let`"),
    (&["True"], "write `true`"),
    (&["False"], "write `false`"),
    (&["match", "case"], "write `switch`"),
    (&["async", "await"], "leave it out: a step waits for its result by itself"),
    (&["and", "or", "not"], "Rhai has no `and`, `or` and `not`: write `&&`, `||` and `!`"),
    (&["#"], "a comment begins with `//`, and a map with `#{`"),
    (&["==="], "write `==`"),
    (&["!=="], "write `!=`"),
    (&["++"], "write `+= 1`"),
    (&["--"], "write `-= 1`"),
    (&["?"], "write `if a { b } else { c }`, which has a value"),
];

const MAP: &str = "a map is written `#{ name: value }`; without the `#` this is a block";

/// Reports a syntax error.
pub fn report(text: &str, file: &Arc<Path>, error: &ParseError, found: &mut Diagnostics) {
    let at = source::on_text(text, error.1);
    if let Some(span) = unclosed(text, error) {
        let bracket = text.get(span.start.offset..span.end).unwrap_or_default();
        let message = format!("this `{bracket}` is never closed");
        found.error(file, span, codes::SYNTAX, message).help(format!("the script ends, or goes wrong, at {at}"));
        return;
    }
    let span = source::span(text, at);
    let (code, message, help) = told(text, span.start.offset, error);
    found.error(file, span, code, message).help(help);
}

/// The bracket that is open where the parser missed an end.
fn unclosed(text: &str, error: &ParseError) -> Option<crate::diag::Span> {
    let misses_an_end = match &*error.0 {
        ParseErrorType::UnexpectedEOF | ParseErrorType::WrongFnDefinition => true,
        ParseErrorType::MissingToken(token, _) => ["}", ")", "]", ","].contains(&token.as_str()),
        _ => false,
    };
    misses_an_end.then(|| brackets::unclosed(text)).flatten()
}

/// The code, what is wrong, and what to write.
fn told(text: &str, offset: usize, error: &ParseError) -> (Code, String, String) {
    let said = error.0.to_string();
    let word = word_at(text, offset);
    let before = text.get(..offset).unwrap_or_default().trim_end();
    let follows = |at: usize| text.get(at..).unwrap_or_default().trim_start();
    // As a key of a map, or as a field, a word is a name like others.
    let is_limit = matches!(
        &*error.0,
        ParseErrorType::ExprTooDeep | ParseErrorType::TooManyFunctions | ParseErrorType::LiteralTooLarge(..)
    );
    let is_name = before.ends_with('.') || follows(offset + word.len()).starts_with(':');
    if let Some((_, help)) = FOREIGN.iter().find(|(words, _)| words.contains(&word) && !is_name && !is_limit) {
        return (codes::SYNTAX, format!("`{word}` is not of this language"), (*help).to_owned());
    }
    let is_map = |at: usize| brackets::is_in_block(text, at);
    let begins = before.is_empty() || before.ends_with([';', '{', '}']);
    let (code, help) = match &*error.0 {
        ParseErrorType::Reserved(word) => {
            let help = format!(
                "`{word}` is a reserved word: write `\"{word}\"` as a key of a map, and `[\"{word}\"]` for `.{word}`"
            );
            return (codes::SYNTAX, said, help);
        }
        ParseErrorType::ExprTooDeep => (codes::LIMIT, "split the expression into steps"),
        ParseErrorType::TooManyFunctions => (codes::LIMIT, "move some of them into modules in `playbooks/lib`"),
        ParseErrorType::LiteralTooLarge(..) => (codes::LIMIT, "split it into smaller ones"),
        ParseErrorType::VariableUndefined(name) if follows(offset + name.len()).starts_with(':') && is_map(offset) => {
            (codes::SYNTAX, MAP)
        }
        ParseErrorType::VariableUndefined(name) if begins && starts_assignment(follows(offset + name.len())) => {
            (codes::SYNTAX, "a variable begins with `let`; a function sees its parameters and its own variables only")
        }
        ParseErrorType::VariableUndefined(_) => {
            (codes::SYNTAX, "a function sees its parameters and its own variables only")
        }
        ParseErrorType::UnexpectedEOF => (codes::SYNTAX, "something is not closed: look for a missing `}`, `)` or `]`"),
        ParseErrorType::MissingToken(token, _) if token == ";" && word_at(text, offset) == ":" && is_map(offset) => {
            (codes::SYNTAX, MAP)
        }
        ParseErrorType::MissingToken(token, _) if token == ";" => (codes::SYNTAX, "end the statement before with `;`"),
        ParseErrorType::MissingToken(token, _) if token == "{" => (codes::SYNTAX, "a block stands in `{` and `}`"),
        ParseErrorType::MissingToken(token, _) if ["}", ")", "]"].contains(&token.as_str()) => {
            (codes::SYNTAX, "a bracket opened before this is not closed, or a comma is missing")
        }
        ParseErrorType::AssignmentToConstant(_) => (codes::SYNTAX, "declare it with `let` to change it"),
        ParseErrorType::WrongFnDefinition => (codes::SYNTAX, "functions stand outside other functions"),
        ParseErrorType::BadInput(LexError::MalformedChar(_)) => {
            (codes::SYNTAX, "a text stands in double quotes; single quotes hold one character")
        }
        ParseErrorType::BadInput(LexError::UnterminatedString) => (codes::SYNTAX, "close the text with its quote"),
        ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, _)) if symbol == "eval" => {
            (codes::SYNTAX, "a script runs only what a review can read")
        }
        ParseErrorType::VariableExpected => (codes::SYNTAX, "a loop is written `for item in list { … }`"),
        _ => (codes::SYNTAX, "look at this word and what stands just before it"),
    };
    (code, said, help.to_owned())
}

/// The word or the run of signs at a place.
fn word_at(text: &str, offset: usize) -> &str {
    let rest = text.get(offset..).unwrap_or_default();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_sign = |c: char| !is_word(c) && !c.is_whitespace() && !"{}()[]\"'`;".contains(c);
    let kind: &dyn Fn(char) -> bool = if rest.starts_with(is_word) { &is_word } else { &is_sign };
    let end = rest.find(|c| !kind(c)).unwrap_or(rest.len());
    &rest[..end]
}

/// Whether `= …` follows, and not `== …`.
fn starts_assignment(rest: &str) -> bool {
    rest.starts_with('=') && !rest.starts_with("==")
}
