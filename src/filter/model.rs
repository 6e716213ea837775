//! The compiled filter.

use super::{FilterTest, Limit, Schedule};
use crate::alert::Severity;
use crate::clock::Timestamp;
use crate::diag::Span;
use crate::id::RuleId;
use crate::matcher::Condition;
use std::path::Path;
use std::sync::Arc;

/// A filter: dismisses the alerts that meet its condition, while it is in force, within its guard rail.
#[derive(Debug)]
pub struct Filter {
    /// Unique in the set.
    pub id: RuleId,
    /// What people read; the id where none is given.
    pub title: String,
    /// Why the alerts are dismissed: one of [`Filter::REASONS`].
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it was agreed.
    pub ticket: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// In force from this instant on.
    pub starts: Option<Timestamp>,
    /// No longer in force at this instant.
    pub expires: Option<Timestamp>,
    /// In force only while one of these windows is open.
    pub schedule: Option<Schedule>,
    /// How many of its alerts stay active in a window; none if it dismisses all of them.
    pub limit: Option<Limit>,
    /// Whether it dismisses, or only says that it would.
    pub mode: Mode,
    /// The guarded severities it may dismiss.
    pub allow: Vec<Severity>,
    /// What an alert must meet.
    pub condition: Arc<Condition>,
    /// The tests written beside it.
    pub tests: Vec<FilterTest>,
    /// Its file.
    pub file: Arc<Path>,
    /// Its document in that file.
    pub span: Span,
}

/// What a filter does with the alerts it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Dismisses them.
    Enforce,
    /// Records that it would, and dismisses nothing.
    Audit,
}

impl Filter {
    /// The reasons a filter can give.
    pub const REASONS: [&'static str; 8] = [
        "false_positive",
        "specific_entity_false_positive",
        "expected_activity",
        "test",
        "maintenance",
        "duplicate",
        "noise",
        "other",
    ];

    /// Whether it has begun and not yet expired, and a window of its schedule is open.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.starts.is_none_or(|starts| starts <= now)
            && self.expires.is_none_or(|expires| now < expires)
            && self.schedule.as_ref().is_none_or(|schedule| schedule.is_open(now))
    }

    /// When its schedule next opens a window while it has begun and not expired, after an instant; none without a schedule.
    pub fn opens_after(&self, now: Timestamp) -> Option<Timestamp> {
        let begun = self.starts.map_or(now, |starts| starts.max(now));
        let schedule = self.schedule.as_ref()?;
        // A window that is open as the filter begins opens then, for all that it does.
        let opens = if begun > now && schedule.is_open(begun) { Some(begun) } else { schedule.opens_after(begun) };
        opens.filter(|opens| self.expires.is_none_or(|expires| *opens < expires))
    }

    /// Whether it may dismiss an alert of this severity: high, critical and unknown ones only where `allow` names them,
    /// and an unknown word can be named by nobody.
    pub fn may_dismiss(&self, severity: &Severity) -> bool {
        !severity.is_guarded() || self.allow.contains(severity)
    }
}
