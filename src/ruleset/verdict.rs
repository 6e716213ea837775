//! What one generation decided for one alert.

use crate::alert::Status;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::RuleId;
use serde::{Deserialize, Serialize};

/// A decision, complete enough to be explained years later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// `active` or `dismissed`.
    pub status: Status,
    /// Every enforcing filter that matched and was allowed to dismiss.
    pub dismissed_by: Vec<RuleId>,
    /// Filters that matched but did not dismiss: in audit mode, without `allow` for this severity, with a `limit` that the
    /// alert did not exceed, or held because they went beyond the operator's budget.
    pub would_dismiss: Vec<RuleId>,
    /// The first dismissing filter's reason, such as `expected_activity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Playbooks whose trigger the alert met.
    pub triggered: Vec<RuleId>,
    /// Digest of the rules that decided.
    pub generation: Digest,
    /// The commit they stood on, if the folder was a checkout.
    pub commit: Option<String>,
    /// Whether the folder held something else than that commit.
    #[serde(default)]
    pub dirty: bool,
    /// Who made the commit, as `Name <email>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When it was committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_time: Option<Timestamp>,
    /// What the alert said of its own status, where dismissing it has written over something else than `active`: a
    /// condition may have asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_status: Option<Status>,
    /// When the decision was made.
    pub decided_time: Timestamp,
}

impl Verdict {
    /// The status an alert had that is stored in this one: dismissing an alert writes over its own.
    pub fn status_before(&self, stored: Status) -> Status {
        if self.status == Status::Dismissed { self.given_status.unwrap_or(Status::Active) } else { stored }
    }

    /// The verdict after the alert has exceeded the limits of these filters, which dismiss it, so that these playbooks are
    /// triggered instead.
    #[must_use]
    pub fn over(&self, filters: &[(RuleId, String)], triggered: Vec<RuleId>) -> Self {
        let is_over = |id: &RuleId| filters.iter().any(|(over, _)| over == id);
        Self {
            status: Status::Dismissed,
            dismissed_by: filters.iter().map(|(id, _)| id.clone()).collect(),
            would_dismiss: self.would_dismiss.iter().filter(|id| !is_over(id)).cloned().collect(),
            reason: filters.first().map(|(_, reason)| reason.clone()),
            triggered,
            ..self.clone()
        }
    }
}
