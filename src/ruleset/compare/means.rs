//! What a change means, in words that filters and playbooks share.

use crate::clock::Timestamp;
use crate::matcher::{Change, Condition};

/// An instant; of one at midnight the day alone, as rules mostly write them.
pub fn instant(at: Timestamp) -> String {
    let text = at.to_string();
    text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
}

/// An instant of a rule that moved; `without` says what holds where there is none.
pub fn moved(what: &str, old: Option<Timestamp>, new: Option<Timestamp>, without: &str) -> Option<String> {
    let shown = |at: Option<Timestamp>| at.map_or_else(|| without.to_owned(), instant);
    let how = match (old, new) {
        (old, new) if old == new => return None,
        (Some(old), Some(new)) if old < new => "later",
        (Some(_), Some(_)) => "earlier",
        (None, _) | (_, None) => "otherwise",
    };
    Some(format!("{what} {how}: {} → {}", shown(old), shown(new)))
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
