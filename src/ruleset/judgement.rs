//! What a set makes of an alert, in its own rules: all of a decision, before any of it is written down.

use super::Ruleset;
use super::bundle::Met;
use crate::alert::field::Column;
use crate::alert::{Alert, AlertText, OWN_SOURCE, Severity, plain};
use crate::clock::Timestamp;
use crate::filter::{Filter, Mode};
use crate::matcher::AlertView;
use crate::playbook::{Playbook, Trigger};
use std::sync::Arc;

/// The rules that have a say about an alert, each kind in the set's order.
#[derive(Debug, Default)]
pub struct Judgement<'r> {
    /// Filters that dismiss it.
    pub dismissed_by: Vec<&'r Arc<Filter>>,
    /// Filters that are met and do not dismiss it, those with a limit among them.
    pub would_dismiss: Vec<&'r Arc<Filter>>,
    /// Of those the ones that dismiss it if it exceeds their limit.
    pub limited: Vec<&'r Arc<Filter>>,
    /// Playbooks whose condition it meets, whatever triggers them.
    playbooks: Vec<&'r Arc<Playbook>>,
}

impl<'r> Judgement<'r> {
    /// Of the rules an alert meets. A filter that is held only records, and every one does of what Quell itself says: that is
    /// not for filters to hide.
    pub(super) fn of(met: Met<'r>, severity: &Severity, now: Timestamp, is_held: impl Fn(&Filter) -> bool) -> Self {
        let mut judgement = Self { playbooks: met.playbooks, ..Self::default() };
        for filter in met.filters.into_iter().filter(|filter| filter.is_in_force(now)) {
            let dismisses = filter.mode == Mode::Enforce && filter.may_dismiss(severity) && !is_held(filter);
            if dismisses && filter.limit.is_none() {
                judgement.dismissed_by.push(filter);
                continue;
            }
            judgement.would_dismiss.push(filter);
            if dismisses {
                judgement.limited.push(filter);
            }
        }
        judgement
    }

    /// Whether a filter dismisses the alert.
    pub fn is_dismissed(&self) -> bool {
        !self.dismissed_by.is_empty()
    }

    /// The playbooks it triggers.
    pub fn triggered(&self) -> impl Iterator<Item = &'r Arc<Playbook>> {
        self.triggered_by(if self.is_dismissed() { Trigger::Dismissed } else { Trigger::Alert })
    }

    /// The playbooks that are triggered this way.
    pub fn triggered_by(&self, by: Trigger) -> impl Iterator<Item = &'r Arc<Playbook>> {
        self.playbooks.iter().copied().filter(move |playbook| playbook.trigger == by)
    }
}

impl Ruleset {
    /// What [`Ruleset::decide`] decides, for those who only count it.
    pub fn judge(&self, alert: &Alert, now: Timestamp) -> Judgement<'_> {
        let is_own = alert.source == OWN_SOURCE;
        Judgement::of(self.met_by(&AlertView::new(alert)), &alert.severity, now, |_| is_own)
    }

    /// The same of a stored alert in its text; none if the alert has to be made to tell.
    pub fn judge_text(&self, alert: &AlertText<'_>, now: Timestamp) -> Option<Judgement<'_>> {
        let is_own = alert.column(Column::Source).and_then(plain) == Some(OWN_SOURCE);
        Some(Judgement::of(self.met_by_text(alert)?, alert.severity(), now, |_| is_own))
    }
}
