//! What filters with a limit dismiss: counted in the order in which alerts came in, by whoever sees all of them.

use super::tally::Outcome;
use crate::alert::Alert;
use crate::clock::Timestamp;
use crate::filter::Tallies;
use crate::playbook::Trigger;
use crate::ruleset::{Judgement, Ruleset};

/// The windows of both sets, as one thread counts them.
#[derive(Debug, Default)]
pub struct Windows {
    pub before: Tallies,
    pub after: Tallies,
}

/// Whether a set counts at all: then its alerts have to be put to it one after the other.
pub fn counts(set: &Ruleset) -> bool {
    set.filters().iter().any(|filter| filter.limit.is_some())
}

/// Whether limits have a say about an alert.
pub fn are_asked(judgement: &Judgement<'_>) -> bool {
    !judgement.limited.is_empty() && !judgement.is_dismissed()
}

/// A decision with what exceeds limits dismissed.
pub fn decided<'r>(judgement: Judgement<'r>, alert: &Alert, windows: &mut Tallies, at: Timestamp) -> Outcome<'r> {
    if !are_asked(&judgement) {
        return Outcome::from(judgement);
    }
    let limits = judgement.limited.iter().filter_map(|filter| Some((&filter.id, filter.limit.as_ref()?)));
    let exceeded = windows.count(limits, alert, at);
    if exceeded.is_empty() {
        return Outcome::from(judgement);
    }
    let triggered = judgement.triggered_by(Trigger::Dismissed).map(|playbook| &playbook.id).collect();
    let Outcome { would_dismiss, .. } = Outcome::from(judgement);
    let would_dismiss = would_dismiss.into_iter().filter(|id| !exceeded.contains(id)).collect();
    Outcome { is_dismissed: true, dismissed_by: exceeded, would_dismiss, triggered }
}
