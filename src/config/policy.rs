//! What the operator asks of filters. What it means is `filter`'s to say; what is asked of them while they run is read in
//! `guard`.

use super::codes;
use super::section::{Section, wrong_kind};
use super::tree::{Shape, Value};
use crate::diag::{Diagnostics, Level, closest};
use crate::filter::{Demand, Policy};
use std::time::Duration;

pub(super) const KEYS: [&str; 7] =
    ["level", "longest_life", "required", "banned_values", "budget", "expiry_alerts", "change_alerts"];
/// The long form of a demand.
pub(super) const DEMAND_KEYS: [&str; 2] = ["value", "level"];
pub(super) const LEVELS: [&str; 2] = ["error", "warning"];

const HOUR: Duration = Duration::from_secs(3600);
const LONGEST: Duration = Duration::from_secs(3660 * 24 * 3600);

/// Reads the section.
pub(super) fn read(section: &Section<'_>, found: &mut Diagnostics) -> Policy {
    section.allow_only(&KEYS, found);
    let usual = level(section, found).unwrap_or(Level::Error);
    let longest_life =
        demand(section, "longest_life", usual, found, |at, key, found| at.duration(key, HOUR..=LONGEST, found));
    let required = demand(section, "required", usual, found, keys);
    let banned_values = demand(section, "banned_values", usual, found, |at, key, found| {
        let texts: Vec<String> = at.texts(key, found).into_iter().map(|(text, _)| text.trim().to_owned()).collect();
        (!texts.is_empty()).then_some(texts)
    });
    Policy { longest_life, required, banned_values }
}

/// A demand: its value alone, or `{value, level}`.
fn demand<T>(
    section: &Section<'_>,
    key: &str,
    usual: Level,
    found: &mut Diagnostics,
    read: impl Fn(&Section<'_>, &str, &mut Diagnostics) -> Option<T>,
) -> Option<Demand<T>> {
    if let Some(Value { shape: Shape::Map(_), .. }) = section.get(key) {
        let long = section.section(key, found)?;
        long.allow_only(&DEMAND_KEYS, found);
        if long.get("value").is_none() {
            long.place().error(found, codes::MISSING_KEY, format!("`{}` is missing", long.dotted("value")));
        }
        let level = level(&long, found).unwrap_or(usual);
        return read(&long, "value", found).map(|what| Demand { what, level });
    }
    read(section, key, found).map(|what| Demand { what, level: usual })
}

fn level(section: &Section<'_>, found: &mut Diagnostics) -> Option<Level> {
    let meaning = |word: &str| match word {
        "error" => Some(Level::Error),
        "warning" => Some(Level::Warning),
        _ => None,
    };
    section.word("level", &LEVELS, meaning, found)
}

/// A list of a filter's keys.
fn keys(section: &Section<'_>, key: &str, found: &mut Diagnostics) -> Option<Vec<String>> {
    if section.get(key).is_some_and(|value| matches!(value.shape, Shape::Map(_))) {
        wrong_kind(section.get(key)?, &section.dotted(key), "a list of keys", found);
        return None;
    }
    let mut keys = Vec::new();
    for (text, value) in section.texts(key, found) {
        if Policy::KEYS.contains(&text) {
            keys.push(text.to_owned());
            continue;
        }
        let message = format!("`{}`: a filter has no key `{text}` to ask for", section.dotted(key));
        value.place.error(found, codes::INVALID, message).help(match closest(text, Policy::KEYS) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", Policy::KEYS.join(", ")),
        });
    }
    (!keys.is_empty()).then_some(keys)
}
