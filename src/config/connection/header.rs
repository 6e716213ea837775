//! Headers of every request over a connection: no name twice, and credentials only by reference.

use crate::config::environment::Surroundings;
use crate::config::section::{Section, wrong_kind};
use crate::config::tree::Entry;
use crate::config::{codes, secret_reference};
use crate::delivery::HeaderText;
use crate::diag::Diagnostics;

/// Parts of a header's name that say its value is a credential.
const CREDENTIALS: [&str; 8] = ["auth", "token", "secret", "key", "password", "credential", "cookie", "session"];

/// Beginnings of a header's value that say the rest is a credential.
const SCHEMES: [&str; 4] = ["basic ", "bearer ", "digest ", "token "];

/// Reads the headers; those with faults are left out.
pub(super) fn read(section: &Section<'_>, around: &Surroundings, found: &mut Diagnostics) -> Vec<(String, HeaderText)> {
    let mut headers: Vec<(String, HeaderText)> = Vec::new();
    for entry in section.entries() {
        let full = section.dotted(&entry.key);
        let name = entry.key.to_ascii_lowercase();
        let Some(value) = value(entry, &full, around, found) else { continue };
        if headers.iter().any(|(other, _)| *other == name) {
            entry.key_place.error(found, codes::DUPLICATE, format!("`{full}` is set twice; case does not count"));
            continue;
        }
        headers.push((name, value));
    }
    headers
}

/// A credential must be a reference; anything else, such as `accept`, may be written out.
fn value(entry: &Entry, full: &str, around: &Surroundings, found: &mut Diagnostics) -> Option<HeaderText> {
    let name = entry.key.to_ascii_lowercase();
    match entry.value.written() {
        Some(written) if !CREDENTIALS.iter().any(|part| name.contains(part)) && !looks_secret(written) => {
            Some(HeaderText::Plain(written.to_owned()))
        }
        None if !secret_reference::is_reference(&entry.value) => {
            wrong_kind(&entry.value, full, "a text, {env: NAME} or {file: PATH}", found);
            None
        }
        _ => secret_reference::read(&entry.value, full, around, found).map(HeaderText::Secret),
    }
}

fn looks_secret(text: &str) -> bool {
    let start = text.trim_start().to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| start.starts_with(scheme))
}
