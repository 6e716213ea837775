//! Where an alert stands in triage.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Status of an alert. Every change between them is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has taken it up.
    Active,
    /// Somebody is on it.
    InProgress,
    /// Dealt with.
    Resolved,
    /// Not relevant: by a filter or by a person.
    Dismissed,
}

impl Status {
    /// Every status, in the order of triage.
    pub const ALL: [Self; 4] = [Self::Active, Self::InProgress, Self::Resolved, Self::Dismissed];

    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::InProgress => "in_progress",
            Self::Resolved => "resolved",
            Self::Dismissed => "dismissed",
        }
    }

    /// Reads a word as sources spell it: case, spaces, hyphens and underscores do not count.
    pub fn from_word(word: &str) -> Option<Self> {
        let plain: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        match plain.as_str() {
            "active" | "new" | "open" | "firing" | "notified" => Some(Self::Active),
            "inprogress" | "acknowledged" => Some(Self::InProgress),
            "resolved" | "closed" | "inactive" | "archived" => Some(Self::Resolved),
            "dismissed" | "suppressed" => Some(Self::Dismissed),
            _ => None,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
