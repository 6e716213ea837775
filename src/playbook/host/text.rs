//! Pure functions over texts: encodings, digests, patterns, defanging.

use super::argument;
use crate::digest::Digest;
use crate::playbook::engine::meter;
use crate::playbook::step::Answer;
use crate::playbook::value::{VALUE_BYTES, thaw};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use regex::{Regex, RegexBuilder};
use rhai::{Dynamic, NativeCallContext};
use serde_json::Value;

/// Most bytes a compiled pattern may take: enough for a rule, too little for a bomb.
const PATTERN_BYTES: usize = 256 * 1024;

/// What compiling a pattern costs, in operations.
const PATTERN_COST: u64 = 500;

/// `sha256(text)`.
pub fn sha256(context: &NativeCallContext, text: Dynamic) -> Answer {
    let text = read(context, &text)?;
    Ok(Digest::of(text.as_bytes()).to_string().into())
}

/// `base64_encode(text)`.
pub fn base64_encode(context: &NativeCallContext, text: Dynamic) -> Answer {
    let text = read(context, &text)?;
    Ok(STANDARD.encode(text.as_bytes()).into())
}

/// `base64_decode(text)`: standard or URL alphabet, padded or not.
pub fn base64_decode(context: &NativeCallContext, text: Dynamic) -> Answer {
    let text = read(context, &text)?;
    let bare = text.trim().trim_end_matches('=');
    let decoded = STANDARD_NO_PAD.decode(bare).or_else(|_| URL_SAFE_NO_PAD.decode(bare));
    let bytes = decoded.map_err(|_| "`base64_decode` was given a text that is not Base64")?;
    let text = String::from_utf8(bytes).map_err(|_| "`base64_decode` found bytes that are not UTF-8 text")?;
    Ok(text.into())
}

/// `json_encode(value)`.
pub fn json_encode(context: &NativeCallContext, value: Dynamic) -> Answer {
    let value = argument::json(context, &value, VALUE_BYTES)?.to_string();
    meter::charge(value.len() as u64 / 256);
    Ok(value.into())
}

/// `json_decode(text)`.
pub fn json_decode(context: &NativeCallContext, text: Dynamic) -> Answer {
    let text = read(context, &text)?;
    let value: Value =
        serde_json::from_str(&text).map_err(|fault| format!("`json_decode` was given what is not JSON: {fault}"))?;
    Ok(thaw(&value))
}

/// `regex_test(pattern, text)`: searches anywhere, as `re` does in conditions.
pub fn regex_test(context: &NativeCallContext, pattern: Dynamic, text: Dynamic) -> Answer {
    meter::charge(PATTERN_COST);
    let pattern = argument::text(context, &pattern, "a pattern")?;
    let text = read(context, &text)?;
    let pattern = compile_pattern(&pattern)?;
    Ok(pattern.is_match(&text).into())
}

/// A pattern, if it is one and of reasonable size.
pub fn compile_pattern(pattern: &str) -> Result<Regex, String> {
    let compiled = RegexBuilder::new(pattern).size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES).build();
    compiled.map_err(|fault| match fault {
        regex::Error::CompiledTooBig(limit) => format!("the pattern compiles to more than {limit} bytes"),
        // The last line says what is wrong; those before it draw the pattern.
        fault => {
            let text = fault.to_string();
            let reason = text.lines().last().unwrap_or("").trim_start_matches("error: ");
            format!("not a pattern: {reason}")
        }
    })
}

/// `defang(text)`: `https://evil.example` becomes `hxxps://evil[.]example`.
pub fn defang(context: &NativeCallContext, text: Dynamic) -> Answer {
    let text = read(context, &text)?;
    let mut safe = String::with_capacity(text.len() + 16);
    for word in text.split_inclusive(char::is_whitespace) {
        let word = word.replace("http://", "hxxp://").replace("https://", "hxxps://").replace("ftp://", "fxp://");
        let mut chars = word.chars().peekable();
        while let Some(c) = chars.next() {
            // A dot or an at sign between two parts of a name; one that ends a sentence stays.
            let inner = chars.peek().is_some_and(|next| next.is_alphanumeric());
            match c {
                '.' if inner => safe.push_str("[.]"),
                '@' if inner => safe.push_str("[@]"),
                c => safe.push(c),
            }
        }
    }
    Ok(safe.into())
}

/// A text that a function goes through once.
fn read(context: &NativeCallContext, text: &Dynamic) -> Result<rhai::ImmutableString, crate::playbook::step::Fault> {
    let text = argument::text(context, text, "a text")?;
    meter::charge(text.len() as u64 / 256);
    Ok(text)
}
