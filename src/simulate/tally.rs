//! What one thread has seen so far. Tallies of several threads are put together to what one would have seen.

use super::count::Count;
use super::events::Unread;
use crate::alert::{Severity, Status};
use crate::filter::Filter;
use crate::id::RuleId;
use crate::ruleset::{Judgement, Verdict};
use foldhash::fast::RandomState;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;

/// Examples kept of each severity.
pub const SAMPLES: usize = 5;
/// Unreadable alerts that are named.
pub const NAMED: usize = 10;
/// Guarded alerts that are listed when they would vanish; a set that dismisses more is refused by any reader.
pub const LISTED: usize = 100_000;

/// An alert that moved, as far as reports show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its place among all.
    #[serde(skip)]
    pub place: u64,
    /// Its id; of an alert from a file the source's own.
    pub id: String,
    /// How grave it is.
    pub severity: String,
    /// Its type.
    pub alert_type: String,
    /// Its title.
    pub title: String,
    /// The filters that dismiss it, or did.
    pub filters: Vec<RuleId>,
}

/// Alerts that moved one way.
#[derive(Debug, Default)]
pub struct Movement {
    pub count: Count,
    /// The first of each severity.
    pub samples: HashMap<String, Vec<Shown>>,
    /// Those of guarded severities.
    pub guarded: Vec<Shown>,
}

/// What happened to a filter's alerts.
#[derive(Debug, Clone, Copy, Default)]
pub struct FilterTally {
    pub before: u64,
    pub dismissed: u64,
    pub would_dismiss: u64,
}

/// What happened to a playbook's.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlaybookTally {
    pub before: u64,
    pub after: u64,
    pub starts: u64,
    pub stops: u64,
}

/// Something for each rule.
pub type ByRule<T> = HashMap<RuleId, T, RandomState>;

/// Everything one thread has seen.
#[derive(Debug, Default)]
pub struct Tally {
    pub alerts: Count,
    pub dismissed_before: Count,
    pub dismissed_after: Count,
    pub unread: u64,
    pub first_unread: Vec<(u64, Unread)>,
    pub newly_dismissed: Movement,
    pub newly_shown: Movement,
    pub filters: ByRule<FilterTally>,
    pub playbooks: ByRule<PlaybookTally>,
}

/// A decision, as far as it is compared.
#[derive(Debug, Default)]
pub struct Outcome<'v> {
    pub is_dismissed: bool,
    pub dismissed_by: Vec<&'v RuleId>,
    pub would_dismiss: Vec<&'v RuleId>,
    pub triggered: Vec<&'v RuleId>,
}

impl<'v> From<&'v Verdict> for Outcome<'v> {
    fn from(verdict: &'v Verdict) -> Self {
        Self {
            is_dismissed: verdict.status == Status::Dismissed,
            dismissed_by: verdict.dismissed_by.iter().collect(),
            would_dismiss: verdict.would_dismiss.iter().collect(),
            triggered: verdict.triggered.iter().collect(),
        }
    }
}

impl<'r> From<Judgement<'r>> for Outcome<'r> {
    fn from(judgement: Judgement<'r>) -> Self {
        let ids = |filters: &[&'r Arc<Filter>]| filters.iter().map(|filter| &filter.id).collect();
        Self {
            is_dismissed: judgement.is_dismissed(),
            dismissed_by: ids(&judgement.dismissed_by),
            would_dismiss: ids(&judgement.would_dismiss),
            triggered: judgement.triggered().map(|playbook| &playbook.id).collect(),
        }
    }
}

/// An alert as far as reports show it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    pub place: u64,
    pub id: &'a str,
    pub severity: &'a Severity,
    pub alert_type: &'a str,
    pub title: &'a str,
}

impl Tally {
    pub fn unread(&mut self, place: u64, unread: Unread) {
        self.unread += 1;
        if self.first_unread.len() < NAMED {
            self.first_unread.push((place, unread));
        }
    }

    /// One alert, what was decided before, and what the candidate decides.
    pub fn add(&mut self, alert: Seen<'_>, before: &Outcome<'_>, after: &Outcome<'_>) {
        self.alerts.add(alert.severity);
        if before.is_dismissed {
            self.dismissed_before.add(alert.severity);
        }
        if after.is_dismissed {
            self.dismissed_after.add(alert.severity);
        }
        match (before.is_dismissed, after.is_dismissed) {
            (false, true) => self.newly_dismissed.add(alert, &after.dismissed_by),
            (true, false) => self.newly_shown.add(alert, &before.dismissed_by),
            (true, true) | (false, false) => {}
        }
        before.dismissed_by.iter().for_each(|filter| entry(&mut self.filters, filter).before += 1);
        after.dismissed_by.iter().for_each(|filter| entry(&mut self.filters, filter).dismissed += 1);
        after.would_dismiss.iter().for_each(|filter| entry(&mut self.filters, filter).would_dismiss += 1);
        for playbook in &before.triggered {
            let tally = entry(&mut self.playbooks, playbook);
            tally.before += 1;
            tally.stops += u64::from(!after.triggered.contains(playbook));
        }
        for playbook in &after.triggered {
            let tally = entry(&mut self.playbooks, playbook);
            tally.after += 1;
            tally.starts += u64::from(!before.triggered.contains(playbook));
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.alerts.merge(&other.alerts);
        self.dismissed_before.merge(&other.dismissed_before);
        self.dismissed_after.merge(&other.dismissed_after);
        self.unread += other.unread;
        self.first_unread.extend(other.first_unread);
        self.first_unread.sort_by_key(|(place, _)| *place);
        self.first_unread.truncate(NAMED);
        self.newly_dismissed.merge(other.newly_dismissed);
        self.newly_shown.merge(other.newly_shown);
        for (id, filter) in other.filters {
            let FilterTally { before, dismissed, would_dismiss } = entry(&mut self.filters, &id);
            *before += filter.before;
            *dismissed += filter.dismissed;
            *would_dismiss += filter.would_dismiss;
        }
        for (id, playbook) in other.playbooks {
            let PlaybookTally { before, after, starts, stops } = entry(&mut self.playbooks, &id);
            *before += playbook.before;
            *after += playbook.after;
            *starts += playbook.starts;
            *stops += playbook.stops;
        }
    }
}

impl Movement {
    fn add(&mut self, alert: Seen<'_>, filters: &[&RuleId]) {
        let severity = alert.severity;
        let shown = || shown(alert, filters);
        self.count.add(severity);
        if severity.is_guarded() && self.guarded.len() < LISTED {
            self.guarded.push(shown());
        }
        let kinds = self.samples.len();
        match self.samples.get_mut(severity.as_str()) {
            Some(samples) if samples.len() == SAMPLES => {}
            Some(samples) => samples.push(shown()),
            // Unknown words are the source's to make up.
            None if kinds > 20 => {}
            None => drop(self.samples.insert(severity.as_str().to_owned(), vec![shown()])),
        }
    }

    fn merge(&mut self, other: Self) {
        self.count.merge(&other.count);
        self.guarded.extend(other.guarded);
        self.guarded.sort_by_key(|shown| shown.place);
        self.guarded.truncate(LISTED);
        for (severity, samples) in other.samples {
            let own = self.samples.entry(severity).or_default();
            own.extend(samples);
            own.sort_by_key(|shown| shown.place);
            own.truncate(SAMPLES);
        }
    }
}

fn entry<'m, T: Default>(map: &'m mut ByRule<T>, id: &RuleId) -> &'m mut T {
    // Found nearly always: no copy of the id is made for asking.
    if !map.contains_key(id) {
        map.insert(id.clone(), T::default());
    }
    map.get_mut(id).expect("it was just put there")
}

/// Texts are cut: a report may list very many.
fn shown(alert: Seen<'_>, filters: &[&RuleId]) -> Shown {
    let cut = |text: &str| text[..text.floor_char_boundary(160)].to_owned();
    Shown {
        place: alert.place,
        id: alert.id.to_owned(),
        severity: cut(alert.severity.as_str()),
        alert_type: cut(alert.alert_type),
        title: cut(alert.title),
        filters: filters.iter().take(20).copied().cloned().collect(),
    }
}
