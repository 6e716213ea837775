//! What an option will be refused for, said of values that are written out, in the words a run would be told.

use super::{approval, email, request, state, wait};
use crate::playbook::duration;
use std::time::Duration;

/// A value as it stands in a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written<'a> {
    /// A text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A value of another kind.
    Other,
}

/// Whether a function will accept what is written for one of its options; what is not told here, it will.
pub fn check_option(function: &str, option: &str, value: Written<'_>) -> Result<(), String> {
    match (function, option) {
        ("wait_for_approval", "within") => {
            span(option, value, approval::LONGEST).map_err(|_| approval::wrong_within(text_of(value)))
        }
        ("wait_for_approval", "otherwise") => match value {
            Written::Text(word) => approval::read_otherwise(word).map(drop),
            _ => Err(approval::OTHERWISE.to_owned()),
        },
        ("wait_for_approval", "ask" | "to") | ("email", "subject" | "body") | ("send", "path") => match value {
            Written::Text(text) if option == "path" => request::check_path(text).map_err(|bad| bad.to_string()),
            Written::Text(text) if text.trim().is_empty() => Err(format!("`{option}` is empty")),
            Written::Text(_) => Ok(()),
            _ => Err(format!("`{option}` of `{function}` is a text")),
        },
        ("email", "to") => match value {
            Written::Text(address) if email::is_address(address) => Ok(()),
            Written::Text(address) => Err(format!("`{}` is not a mail address", address.escape_debug())),
            _ => Err("`to` is an address or a list of them".to_owned()),
        },
        ("send", "method") => match value {
            Written::Text(method) => request::check_method(method),
            _ => request::check_method(""),
        },
        ("send", "timeout" | "expires_after") | ("retry", "max_age") => span(option, value, Duration::MAX),
        ("retry", "max_attempts") => match value {
            Written::Integer(attempts) => request::check_attempts(attempts),
            _ => request::check_attempts(0),
        },
        _ => Ok(()),
    }
}

/// Whether `state_put` will accept what is written for how long it keeps a value.
pub fn check_ttl(value: Written<'_>) -> Result<(), String> {
    span("ttl", value, state::LONGEST).map_err(|_| state::wrong_ttl(text_of(value)))
}

/// Whether `sleep` will wait for as long as is written.
pub fn check_sleep(text: &str) -> Result<(), String> {
    match duration::parse(text) {
        Some(span) if span > wait::LONGEST => Err(wait::TOO_LONG.to_owned()),
        _ => Ok(()),
    }
}

fn text_of(value: Written<'_>) -> Option<&str> {
    match value {
        Written::Text(text) => Some(text),
        Written::Integer(_) | Written::Other => None,
    }
}

fn span(name: &str, value: Written<'_>, longest: Duration) -> Result<(), String> {
    let read = text_of(value).and_then(duration::parse).filter(|span| *span <= longest);
    read.map(drop).ok_or_else(|| format!("`{name}` is {}", duration::SHAPE))
}
