//! Filters that do nothing because of others: another one says the same, or dismisses all their alerts anyway.

use super::codes;
use crate::diag::Diagnostics;
use crate::filter::{Filter, Mode};
use std::sync::Arc;

/// Reports each filter that another one makes idle, once. `overlaps` holds pairs of places: the condition of the first
/// holds only where that of the second does, and the flag says whether both say the same.
pub fn report(filters: &[Arc<Filter>], overlaps: &[(usize, usize, bool)], found: &mut Diagnostics) {
    let mut told = None;
    for (covered, by, same) in overlaps {
        let (idle, other) = (&filters[*covered], &filters[*by]);
        // Of two that make each other idle the later one is told; it would be odd to hear it of both.
        if told == Some(*covered) || !outlasts(other, idle) || *same && outlasts(idle, other) && by > covered {
            continue;
        }
        told = Some(*covered);
        let (code, message) = if *same {
            (codes::DUPLICATE, format!("`{}` says the same as `{}`", idle.id, other.id))
        } else {
            (codes::SHADOWED, format!("`{}` dismisses every alert that `{}` would", other.id, idle.id))
        };
        let place = format!("{}:{}", other.file.display(), other.span.start.line);
        let fault = found.warning(&idle.file, idle.span, code, message);
        fault.help(format!("remove it, or narrow the other one at {place}"));
    }
}

/// Whether a filter dismisses, whenever and whatever the other one may.
fn outlasts(filter: &Filter, other: &Filter) -> bool {
    filter.mode == Mode::Enforce
        && filter.limit.is_none()
        && other.mode == Mode::Enforce
        && filter.starts.is_none_or(|starts| other.starts.is_some_and(|other| starts <= other))
        && filter.expires.is_none_or(|expires| other.expires.is_some_and(|other| other <= expires))
        && filter
            .schedule
            .as_ref()
            .is_none_or(|schedule| other.schedule.as_ref().is_some_and(|other| schedule.covers(other)))
        && other.allow.iter().all(|severity| filter.allow.contains(severity))
}
