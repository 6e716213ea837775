//! Changes of the rules in force: which generation began to decide, when and why, and what is different with it.

use super::query::Cursor;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ruleset::{ChangeCounts, Revision};
use serde::{Deserialize, Serialize};

/// How many generations can be gone back to, those that decided last.
pub const KEPT_GENERATIONS: usize = 20;

/// Why another set began to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The daemon started over files that are not those it stopped with.
    Start,
    /// The files changed.
    Files,
    /// Somebody went back to an earlier set.
    Rollback,
}

impl Cause {
    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Files => "files",
            Self::Rollback => "rollback",
        }
    }
}

/// Another set began to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesetChange {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// Who went back.
    pub by: Option<String>,
    /// What decides from then on.
    pub generation: Digest,
    /// The commit it stood on, where that was known.
    pub revision: Option<Revision>,
    /// How many filters it has.
    pub filters: usize,
    /// How many playbooks it has.
    pub playbooks: usize,
    /// How many rules came, went and changed.
    pub counts: ChangeCounts,
    /// The same in words and lines, cut where it is long.
    pub diff: String,
}

/// A change to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// The change.
    pub change: RulesetChange,
    /// Whether an alert is to tell of it.
    pub tell: bool,
    /// Whether it decides although the files say something else.
    pub rolled_back: Option<RolledBack>,
}

/// A change that no alert has told of yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UntoldChange {
    /// What the store knows it by.
    pub number: i64,
    /// The change.
    pub change: RulesetChange,
}

/// A set decides that is not the one the files hold: somebody went back to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolledBack {
    /// What decides.
    pub to: Digest,
    /// What the files held when somebody went back. As long as they hold it, it is not loaded.
    pub from: Digest,
    /// Who went back.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Which changes, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeQuery {
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
    /// Items in a page, 1 to 1,000.
    pub limit: usize,
}
