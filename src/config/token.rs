//! Access tokens: the digest of each, and what it may do. The token itself is never in the configuration.

use super::codes;
use super::section::Section;
use super::tree::Value;
use crate::diag::{Diagnostics, closest};
use crate::digest::Digest;
use crate::http::{Scope, Token};
use std::collections::BTreeMap;

pub(super) const KEYS: [&str; 3] = ["name", "sha256", "scopes"];

/// Reads the list of tokens.
pub(super) fn read(list: &[Value], found: &mut Diagnostics) -> Vec<Token> {
    let mut names = BTreeMap::new();
    let mut digests = BTreeMap::new();
    let mut tokens = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let Some(section) = Section::open(value, format!("tokens[{index}]"), found) else { continue };
        section.allow_only(&KEYS, found);
        let name = name(&section, found);
        let sha256 = digest(&section, found);
        let scopes = scopes(&section, found);
        let (Some(name), Some(sha256)) = (name, sha256) else { continue };
        if let Some(first) = names.insert(name.clone(), index) {
            let message = format!("`tokens[{index}]` has the name of `tokens[{first}]`: `{name}`");
            value
                .place
                .error(found, codes::DUPLICATE, message)
                .help("activity is recorded under the name: give each its own");
        }
        if let Some(first) = digests.insert(sha256, index) {
            let message = format!("`tokens[{index}]` is the same token as `tokens[{first}]`");
            value.place.error(found, codes::DUPLICATE, message).help("make a token of its own for each holder");
        }
        tokens.push(Token { name, sha256, scopes });
    }
    tokens
}

fn name(section: &Section<'_>, found: &mut Diagnostics) -> Option<String> {
    let (text, value) = needed(section, "name", found)?;
    let shaped = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@');
    if text.len() > 64 || !text.bytes().all(shaped) {
        let message = format!("`{}`: `{text}` is not a name", section.dotted("name"));
        value.place.error(found, codes::INVALID, message).help("at most 64 letters, digits, `-`, `_`, `.` and `@`");
        return None;
    }
    Some(text.to_owned())
}

fn digest(section: &Section<'_>, found: &mut Diagnostics) -> Option<Digest> {
    let (text, value) = needed(section, "sha256", found)?;
    let digest = text.parse().ok();
    if digest.is_none() {
        // What was given may be the token itself, so it is not repeated.
        let message = format!("`{}` is not a SHA-256 digest: 64 hexadecimal digits", section.dotted("sha256"));
        let fault = value.place.error(found, codes::LITERAL_SECRET, message);
        fault.help("write the digest, never the token: printf %s \"$TOKEN\" | sha256sum");
    }
    digest
}

fn scopes(section: &Section<'_>, found: &mut Diagnostics) -> Vec<Scope> {
    let mut scopes = Vec::new();
    let words = Scope::ALL.map(Scope::as_str);
    let texts = section.texts("scopes", found);
    if texts.is_empty() && section.get("scopes").is_none_or(|value| value.kind_name() == "a list") {
        let message = format!("`{}` is missing: the token could do nothing", section.dotted("scopes"));
        section.place().error(found, codes::MISSING_KEY, message).help(format!("one or more of {}", words.join(", ")));
    }
    for (text, value) in texts {
        match Scope::ALL.into_iter().find(|scope| scope.as_str() == text) {
            Some(scope) => scopes.push(scope),
            None => {
                let message = format!("`{}`: unknown scope `{text}`", section.dotted("scopes"));
                value.place.error(found, codes::INVALID, message).help(match closest(text, words) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("scopes are {}", words.join(", ")),
                });
            }
        }
    }
    scopes
}

fn needed<'a>(section: &Section<'a>, key: &str, found: &mut Diagnostics) -> Option<(&'a str, &'a Value)> {
    if section.get(key).is_none() {
        let message = format!("`{}` is missing", section.dotted(key));
        section.place().error(found, codes::MISSING_KEY, message);
    }
    section.text(key, found)
}
