//! How a scalar is written on one line: without quotes where nothing but the same text can be read from it.

use super::shape::{Scalar, Style};
use crate::diag::is_hidden;
use crate::yaml::Kind;
use crate::yaml::scalar::plain;
use std::fmt::Write;

/// The scalar on one line; `in_flow` between brackets or braces.
pub(super) fn token(scalar: &Scalar, in_flow: bool) -> String {
    let Scalar { text, style } = scalar;
    match style {
        Style::Plain if text.is_empty() && in_flow => "null".to_owned(),
        Style::Plain if text.is_empty() || stands_plain(text, in_flow) => text.clone(),
        Style::Plain => quoted(text),
        // Between brackets some readers of YAML take a question mark for a sign.
        _ if stands_plain(text, in_flow) && !is_misread(text) && !(in_flow && text.contains('?')) => text.clone(),
        _ => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    if !text.chars().any(is_hidden) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a `String` cannot fail.
            c if is_hidden(c) => drop(match u32::from(c) {
                code @ ..=0xff => write!(out, "\\x{code:02x}"),
                code @ ..=0xffff => write!(out, "\\u{code:04x}"),
                code => write!(out, "\\U{code:08x}"),
            }),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether a text without quotes is a plain scalar of this very text.
fn stands_plain(text: &str, in_flow: bool) -> bool {
    let mut chars = text.chars();
    let (Some(first), second) = (chars.next(), chars.next()) else { return false };
    let flow_sign = |c: char| matches!(c, ',' | '[' | ']' | '{' | '}');
    let begins = match first {
        '-' | '?' | ':' => second.is_some_and(|c| !(c.is_whitespace() || in_flow && flow_sign(c))),
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => false,
        _ => true,
    };
    let marker = text.starts_with("---") || text.starts_with("...");
    let spaced = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    let odd = |c: char| is_hidden(c) || (c.is_whitespace() && c != ' ');
    let colon = text.contains(": ") || text.ends_with(':');
    let flow_colon = in_flow && (text.contains(flow_sign) || text.contains("::"));
    begins && !marker && !spaced && !colon && !flow_colon && !text.contains(" #") && !text.contains(odd)
}

/// Whether a quoted text without its quotes would be read as something else, by Quell or by another reader of YAML:
/// `no`, `012`, `02:00` and dates keep their quotes.
fn is_misread(text: &str) -> bool {
    if plain(text) != Kind::Text(text.to_owned()) || text == "<<" || text == "=" {
        return true;
    }
    let word = text.to_ascii_lowercase();
    if matches!(&*word, "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null" | "~") {
        return true;
    }
    let hexadecimal = word.starts_with("0x") && word.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, 'x' | '_'));
    let numeric =
        |c: char| c.is_ascii_digit() || matches!(c, '_' | ':' | '.' | '-' | '+' | 'e' | 'o' | 't' | 'z' | ' ');
    let begins = word.trim_start_matches(['-', '+', '.']).starts_with(|c: char| c.is_ascii_digit());
    hexadecimal || begins && word.chars().all(numeric) && word.matches('.').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_stand_only_where_they_are_needed() {
        for (text, block, flow) in [
            ("plain words", "plain words", "plain words"),
            ("c:\\users\\", "c:\\users\\", "c:\\users\\"),
            ("10.20.0.0/16", "10.20.0.0/16", "10.20.0.0/16"),
            ("a, b", "a, b", "'a, b'"),
            ("a]", "a]", "'a]'"),
            ("2001:db8::/32", "2001:db8::/32", "'2001:db8::/32'"),
            ("a: b", "'a: b'", "'a: b'"),
            ("a #b", "'a #b'", "'a #b'"),
            ("it's", "it's", "it's"),
            ("'x", "'''x'", "'''x'"),
            ("*.exe", "'*.exe'", "'*.exe'"),
            ("|all", "'|all'", "'|all'"),
            ("-x", "-x", "-x"),
            ("(?i)a", "(?i)a", "'(?i)a'"),
            ("-1:00", "'-1:00'", "'-1:00'"),
            ("- x", "'- x'", "'- x'"),
            ("no", "'no'", "'no'"),
            ("02:00", "'02:00'", "'02:00'"),
            ("012", "'012'", "'012'"),
            ("7", "'7'", "'7'"),
            ("0x1f", "'0x1f'", "'0x1f'"),
            ("6f3e2987-db24", "6f3e2987-db24", "6f3e2987-db24"),
            ("1.2.3.4", "1.2.3.4", "1.2.3.4"),
            ("2027-03-31", "'2027-03-31'", "'2027-03-31'"),
            ("", "''", "''"),
            (" x", "' x'", "' x'"),
            ("a\nb\"", "\"a\\nb\\\"\"", "\"a\\nb\\\"\""),
            ("a\u{202e}b", "\"a\\u202eb\"", "\"a\\u202eb\""),
            ("---", "'---'", "'---'"),
        ] {
            let scalar = Scalar { text: text.into(), style: Style::Quoted };
            assert_eq!((token(&scalar, false).as_str(), token(&scalar, true).as_str()), (block, flow), "{text:?}");
        }
    }
}
