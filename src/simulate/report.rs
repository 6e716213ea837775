//! What a simulation found, ready to be shown.

use super::count::Count;
pub use super::tally::Shown;
use super::tally::{LISTED, Movement, Tally};
use crate::id::RuleId;
use crate::ruleset::Ruleset;
use serde::Serialize;

/// Everything a simulation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The alerts that were put to the set.
    pub alerts: Count,
    /// Those that could not be read.
    pub unreadable: Unreadable,
    /// Where they stood before.
    pub before: Standing,
    /// Where they would stand.
    pub after: Standing,
    /// Alerts that would vanish.
    pub newly_dismissed: Moved,
    /// Alerts that would appear.
    pub newly_shown: Moved,
    /// Every alert that would vanish although its severity is one that filters need `allow` for: high, critical, unknown.
    pub guarded_newly_dismissed: Vec<Shown>,
    /// How many more of those there are than are listed.
    pub guarded_not_listed: u64,
    /// Playbooks that alerts call for, or called for.
    pub playbooks: Vec<PlaybookReport>,
    /// Filters that meet alerts, or did, and those of the candidate that meet none.
    pub filters: Vec<FilterReport>,
}

/// Alerts that are no JSON, no alert, or damaged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unreadable {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<UnreadableAlert>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnreadableAlert {
    /// Where it stands.
    pub place: String,
    /// What is wrong with it.
    pub why: String,
}

/// Where alerts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// How many are shown.
    pub shown: u64,
    /// How many are dismissed.
    pub dismissed: u64,
}

/// Alerts that moved one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// How many, by severity.
    pub count: Count,
    /// The first of each severity, the gravest first.
    pub samples: Vec<Shown>,
}

/// One playbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaybookReport {
    /// Which.
    pub playbook: RuleId,
    /// Alerts that called for it before.
    pub before: u64,
    /// Alerts that would.
    pub after: u64,
    /// Alerts that would and did not.
    pub would_fire: u64,
    /// Alerts that did and would not.
    pub no_longer_fires: u64,
}

/// One filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilterReport {
    /// Which.
    pub filter: RuleId,
    /// Alerts it dismissed before, alone or with others.
    pub before: u64,
    /// Alerts it would dismiss.
    pub dismisses: u64,
    /// Alerts it meets and does not dismiss: in audit mode, or without `allow`.
    pub would_dismiss: u64,
}

impl Report {
    pub(super) fn new(tally: Tally, candidate: &Ruleset) -> Self {
        let all = tally.alerts.total();
        let standing = |dismissed: &Count| Standing { shown: all - dismissed.total(), dismissed: dismissed.total() };
        let (before, after) = (standing(&tally.dismissed_before), standing(&tally.dismissed_after));
        let listed = tally.newly_dismissed.guarded.len() as u64;
        let guarded_not_listed = tally.newly_dismissed.count.guarded() - listed;
        debug_assert!(guarded_not_listed == 0 || listed == LISTED as u64);
        let mut filters: Vec<FilterReport> = Vec::new();
        let mut tallies = tally.filters;
        for filter in candidate.filters() {
            tallies.entry(filter.id.clone()).or_default();
        }
        for (filter, tally) in tallies {
            let (before, dismisses, would_dismiss) = (tally.before, tally.dismissed, tally.would_dismiss);
            filters.push(FilterReport { filter, before, dismisses, would_dismiss });
        }
        filters.sort_by(|a, b| b.dismisses.cmp(&a.dismisses).then_with(|| a.filter.cmp(&b.filter)));
        let playbook = |(playbook, tally): (RuleId, super::tally::PlaybookTally)| PlaybookReport {
            playbook,
            before: tally.before,
            after: tally.after,
            would_fire: tally.starts,
            no_longer_fires: tally.stops,
        };
        let mut playbooks: Vec<PlaybookReport> = tally.playbooks.into_iter().map(playbook).collect();
        playbooks.sort_by(|a, b| a.playbook.cmp(&b.playbook));
        let unread = tally.first_unread.into_iter();
        let first = unread.map(|(_, unread)| UnreadableAlert { place: unread.place, why: unread.why }).collect();
        let mut guarded = tally.newly_dismissed.guarded.clone();
        guarded.sort_by_key(|shown| (std::cmp::Reverse(rank(&shown.severity)), shown.place));
        Self {
            alerts: tally.alerts,
            unreadable: Unreadable { count: tally.unread, first },
            before,
            after,
            newly_dismissed: moved(tally.newly_dismissed),
            newly_shown: moved(tally.newly_shown),
            guarded_newly_dismissed: guarded,
            guarded_not_listed,
            playbooks,
            filters,
        }
    }

    /// Whether any decision would be another.
    pub fn is_same(&self) -> bool {
        let moved = self.newly_dismissed.count.total() + self.newly_shown.count.total();
        moved == 0
            && self.playbooks.iter().all(|playbook| playbook.would_fire == 0 && playbook.no_longer_fires == 0)
            && self.filters.iter().all(|filter| filter.before == filter.dismisses)
    }
}

fn moved(movement: Movement) -> Moved {
    let mut samples: Vec<Shown> = movement.samples.into_values().flatten().collect();
    samples.sort_by_key(|shown| (std::cmp::Reverse(rank(&shown.severity)), shown.place));
    Moved { count: movement.count, samples }
}

fn rank(severity: &str) -> u8 {
    crate::alert::Severity::from_word(severity).rank().unwrap_or(3)
}
