//! A playbook's run as it is created: what it runs, until when, and what it is counted by.

use crate::alert::Alert;
use crate::clock::Timestamp;
use crate::id::RunId;
use crate::playbook::Playbook;
use crate::store::{NewRun, RateLimit};

/// A run of a playbook for an alert.
pub(super) fn new_run(playbook: &Playbook, alert: &Alert, now: Timestamp) -> NewRun {
    NewRun {
        id: RunId::generate(now),
        program: playbook.program.clone(),
        digest: playbook.digest,
        deadline: now.checked_add(playbook.timeout).unwrap_or(Timestamp::MAX),
        rate: playbook.limits.as_ref().map(|limits| RateLimit {
            runs: limits.runs,
            window_ms: u64::try_from(limits.window.as_millis()).unwrap_or(u64::MAX),
            key: limits.key(alert),
        }),
    }
}
