//! Reading one connection: every key of it, so that every fault is found.

use super::{auth, header, sign};
use crate::config::environment::Surroundings;
use crate::config::section::Section;
use crate::config::tree::{Entry, Value};
use crate::config::{codes, secret_reference};
use crate::delivery::{Connection, ConnectionError, ConnectionSpec, InvalidRate, Purpose, Rate, UrlText};
use crate::diag::Diagnostics;
use std::time::Duration;
use url::Url;

pub(in crate::config) const KEYS: [&str; 12] = [
    "url",
    "sign",
    "auth",
    "headers",
    "timeout",
    "concurrency",
    "rate",
    "purpose",
    "allow_private",
    "retry",
    "expires_after",
    "ports",
];

pub(in crate::config) const RETRY_KEYS: [&str; 2] = ["max_attempts", "max_age"];

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Reads one connection. A fault of its own values is reported where the value stands.
pub(in crate::config) fn read(entry: &Entry, around: &Surroundings, found: &mut Diagnostics) -> Option<Connection> {
    let name = format!("connections.{}", entry.key);
    let section = Section::open(&entry.value, name.clone(), found)?;
    section.allow_only(&KEYS, found);
    if section.get("url").is_none() {
        entry.key_place.error(found, codes::MISSING_KEY, format!("`{name}` has no `url`"));
    }
    let ports = section.wholes("ports", 1..=65_535, found).into_iter().filter_map(|port| u16::try_from(port).ok());
    let url = section.get("url").and_then(|value| address(value, &section, around, found));
    let headers = section.section("headers", found).map(|headers| header::read(&headers, around, found));
    let retry = section.section("retry", found);
    retry.iter().for_each(|retry| retry.allow_only(&RETRY_KEYS, found));
    let retry = retry.as_ref();
    let sign = section.section("sign", found).map(|section| sign::read(&section, around, found));
    let (scheme, keys) = sign.unwrap_or_default();
    let purpose = section.word("purpose", &Purpose::ALL.map(Purpose::as_str), Purpose::from_word, found);
    let spec = ConnectionSpec {
        name: entry.key.clone(),
        sign: keys,
        scheme,
        auth: section.section("auth", found).and_then(|section| auth::read(&section, around, found)),
        rate: rate(&section, found),
        purpose: purpose.unwrap_or_default(),
        headers: headers.unwrap_or_default(),
        timeout: section.duration("timeout", SECOND..=60 * SECOND, found),
        connect_timeout: None,
        concurrency: section.whole("concurrency", 1..=64, found).and_then(|number| usize::try_from(number).ok()),
        allow_private: section.boolean("allow_private", found).unwrap_or(false),
        ports: ports.collect(),
        max_attempts: retry
            .and_then(|retry| retry.whole("max_attempts", 1..=14, found))
            .and_then(|number| u32::try_from(number).ok()),
        max_age: retry.and_then(|retry| retry.duration("max_age", SECOND..=3 * DAY, found)),
        expires_after: section.duration("expires_after", SECOND..=30 * DAY, found),
        // Last, so that a connection without an address has its other faults found too.
        url: url?,
    };
    let connection = Connection::new(spec);
    connection.map_err(|faults| faults.iter().for_each(|fault| report(fault, entry, &section, found))).ok()
}

/// Places a fault of the connection as a whole where the value it names was set.
fn report(fault: &ConnectionError, entry: &Entry, section: &Section<'_>, found: &mut Diagnostics) {
    let place = match fault.key.split_once('.') {
        Some((outer, inner)) => section.section(outer, found).and_then(|section| section.place_of(inner)),
        None => section.place_of(&fault.key),
    };
    let place = place.unwrap_or(&entry.key_place);
    place.error(found, codes::INVALID, fault.to_string());
}

fn rate(section: &Section<'_>, found: &mut Diagnostics) -> Option<Rate> {
    let (text, value) = section.text("rate", found)?;
    let fault = |fault: InvalidRate| {
        value.place.error(found, codes::INVALID, format!("`{}`: {fault}", section.dotted("rate")));
    };
    Rate::parse(text).map_err(fault).ok()
}

fn address(value: &Value, section: &Section<'_>, around: &Surroundings, found: &mut Diagnostics) -> Option<UrlText> {
    if secret_reference::is_reference(value) {
        return Some(UrlText::Secret(secret_reference::read(value, &section.dotted("url"), around, found)?));
    }
    let (text, value) = section.text("url", found)?;
    if Url::parse(text).is_ok_and(|url| !url.username().is_empty() || url.password().is_some()) {
        let message = format!("`{}` must not hold credentials", section.dotted("url"));
        let fault = value.place.error(found, codes::LITERAL_SECRET, message);
        fault.help("put them into `headers`, as {authorization: {env: NAME}}");
        return None;
    }
    Some(UrlText::Plain(text.to_owned()))
}
