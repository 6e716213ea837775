//! Filters that do nothing because of others: another one says the same, or dismisses all their alerts anyway.

use super::codes;
use crate::diag::Diagnostics;
use crate::filter::{Filter, Mode};
use std::collections::HashMap;
use std::sync::Arc;

/// With how many filters that say the same each of them is compared; those with no term and no schedule first, which
/// make most others idle.
const MOST_TWINS: usize = 64;

/// Reports each filter that another one makes idle, once. `overlaps` holds pairs of places: the condition of the first
/// holds only where that of the second does, and the flag says whether both say the same.
pub fn report(filters: &[Arc<Filter>], overlaps: &[(usize, usize, bool)], found: &mut Diagnostics) {
    let mut idle: HashMap<usize, (usize, bool)> = HashMap::new();
    for (covered, by, same) in with_twins(filters, overlaps) {
        let makes_idle = if same {
            // Of two that make each other idle the later one is told; it would be odd to hear it of both.
            let each_other = stands_in(&filters[covered], &filters[by]) && by > covered;
            stands_in(&filters[by], &filters[covered]) && !each_other
        } else {
            outlasts(&filters[by], &filters[covered])
        };
        if makes_idle {
            idle.entry(covered).or_insert((by, same));
        }
    }
    // Found are sorted by their places before anybody reads them; here only one set must always be told the same way.
    let mut idle: Vec<_> = idle.into_iter().collect();
    idle.sort_unstable();
    for (covered, (by, same)) in idle {
        tell(&filters[covered], &filters[by], same, found);
    }
}

fn tell(idle: &Filter, other: &Filter, same: bool, found: &mut Diagnostics) {
    let (code, message) = if same {
        (codes::DUPLICATE, format!("`{}` says the same as `{}`", idle.id, other.id))
    } else {
        (codes::SHADOWED, format!("`{}` dismisses every alert that `{}` would", other.id, idle.id))
    };
    let place = format!("{}:{}", other.file.display(), other.span.start.line);
    let fault = found.warning(&idle.file, idle.span, code, message);
    fault.help(format!("remove it, or narrow the other one at {place}"));
}

/// The pairs, and those of filters that say the same as a third one: the index pairs each of them with the first only,
/// and another one may be what makes it idle, or makes the first one idle.
fn with_twins(filters: &[Arc<Filter>], overlaps: &[(usize, usize, bool)]) -> Vec<(usize, usize, bool)> {
    let mut groups: HashMap<usize, Vec<usize>> = HashMap::new();
    for (covered, by, _) in overlaps.iter().filter(|(_, _, same)| *same) {
        groups.entry(*by).or_insert_with(|| vec![*by]).push(*covered);
    }
    let mut pairs = overlaps.to_vec();
    for group in groups.into_values() {
        let mut others = group.clone();
        others.retain(|at| filters[*at].mode == Mode::Enforce && filters[*at].limit.is_none());
        others.sort_unstable_by_key(|at| {
            let filter = &filters[*at];
            (filter.schedule.is_some(), filter.expires.is_some(), filter.starts.is_some(), *at)
        });
        others.truncate(MOST_TWINS);
        let of = |covered: usize| others.iter().filter(move |by| **by != covered).map(move |by| (covered, *by, true));
        pairs.extend(group.iter().flat_map(|covered| of(*covered)));
    }
    pairs
}

/// Whether a filter dismisses, whenever and whatever one that says the same may dismiss or record.
fn stands_in(filter: &Filter, other: &Filter) -> bool {
    filter.mode == Mode::Enforce && lasts(filter, other)
}

/// Whether a filter dismisses, whenever and whatever the other one may. One that only records is being tried out: that a
/// wider one dismisses its alerts for the time being is no news.
fn outlasts(filter: &Filter, other: &Filter) -> bool {
    other.mode == Mode::Enforce && stands_in(filter, other)
}

fn lasts(filter: &Filter, other: &Filter) -> bool {
    filter.limit.is_none()
        && filter.starts.is_none_or(|starts| other.starts.is_some_and(|other| starts <= other))
        && filter.expires.is_none_or(|expires| other.expires.is_some_and(|other| other <= expires))
        && filter
            .schedule
            .as_ref()
            .is_none_or(|schedule| other.schedule.as_ref().is_some_and(|other| schedule.covers(other)))
        && other.allow.iter().all(|severity| filter.allow.contains(severity))
}
