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
    /// Filters that matched but did not dismiss: in audit mode, or without `allow` for this severity.
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
    /// What the alert said of its own status, where dismissing it has written over something else than `active`: a
    /// condition may have asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_status: Option<Status>,
    /// When the decision was made.
    pub decided_time: Timestamp,
}
