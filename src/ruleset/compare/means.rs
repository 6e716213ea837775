//! What a change means, in words that filters and playbooks share.

use crate::clock::Timestamp;
use crate::matcher::{Change, Condition};

/// An instant; of one at midnight the day alone, as rules mostly write them.
pub fn instant(at: Timestamp) -> String {
    let text = at.to_string();
    text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
}

/// A start that moved, came or went.
pub fn starts(old: Option<Timestamp>, new: Option<Timestamp>) -> Option<String> {
    match (old, new) {
        (None, Some(new)) => Some(format!("starts only on {}, it was in force from the beginning", instant(new))),
        (Some(old), None) => Some(format!("in force at once, it did not start before {}", instant(old))),
        (old, new) => moved("starts", old?, new?),
    }
}

/// An end that moved, came or went.
pub fn expires(old: Option<Timestamp>, new: Option<Timestamp>) -> Option<String> {
    match (old, new) {
        (None, Some(new)) => Some(format!("expires on {}, it never did", instant(new))),
        (Some(old), None) => Some(format!("never expires, it did on {}", instant(old))),
        (old, new) => moved("expires", old?, new?),
    }
}

fn moved(what: &str, old: Timestamp, new: Timestamp) -> Option<String> {
    let how = if old < new { "later" } else { "earlier" };
    (old != new).then(|| format!("{what} {how}: {} → {}", instant(old), instant(new)))
}

/// What another condition means; none stands for every alert.
pub fn condition(old: Option<&Condition>, new: Option<&Condition>) -> Option<String> {
    let change = match (old, new) {
        (None, None) => Change::Same,
        (None, Some(_)) => Change::Narrower,
        (Some(_), None) => Change::Wider,
        (Some(old), Some(new)) => new.change_from(old),
    };
    let said = match change {
        Change::Same => return None,
        Change::Wider => "matches more: all it matched before, and others",
        Change::Narrower => "matches less: a part of what it matched before",
        Change::Other => "matches other alerts than before",
    };
    Some(said.to_owned())
}
