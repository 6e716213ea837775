//! How often rules are met, as a store tells it.

use crate::clock::Timestamp;
use crate::id::RuleId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How often every filter and playbook was met that ever was, by its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleHits {
    /// Of filters.
    pub filters: HashMap<RuleId, RuleHit>,
    /// Of playbooks that alerts have triggered as they came in.
    pub playbooks: HashMap<RuleId, RuleHit>,
}

/// How often one rule was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleHit {
    /// Alerts that met it while it was in force, those it dismissed included.
    pub hits: u64,
    /// Alerts it dismissed.
    pub dismissed: u64,
    /// When last.
    pub last: Timestamp,
}

/// A type of alerts that no filter and no playbook has ever been met by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlindSpot {
    /// The type.
    pub alert_type: String,
    /// How many alerts there were.
    pub alerts: u64,
    /// When the last of them came in.
    pub last_time: Timestamp,
}

/// What happened in the hour of the clock that it is, and in the one before: `[before, now]` each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentHours {
    /// Alerts accepted.
    pub accepted: [u64; 2],
    /// Alerts that each filter dismissed, of those that dismissed any.
    pub dismissed: Vec<(RuleId, [u64; 2])>,
}
