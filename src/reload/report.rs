//! What the interface shows of the ruleset and of the last attempt at replacing it.

use crate::clock::Timestamp;
use crate::diag::Diagnostic;
use crate::digest::Digest;
use crate::ruleset::Ruleset;
use crate::store::RolledBack;
use serde::Serialize;

/// The ruleset in force, as `GET /api/v1/ruleset` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulesetReport {
    /// Digest of the content.
    pub generation: Digest,
    /// The commit it stands on, where that is known.
    pub commit: Option<String>,
    /// Whether the files are something else than that commit's.
    pub dirty: bool,
    /// The commit's author, as `Name <email>`.
    pub author: Option<String>,
    /// When it was committed.
    pub commit_time: Option<Timestamp>,
    /// Since when this content decides.
    pub loaded_at: Timestamp,
    /// How many filters it has.
    pub filters: usize,
    /// How many playbooks it has.
    pub playbooks: usize,
    /// Whether this set decides although the files hold another: somebody went back to it.
    pub rolled_back: Option<RolledBackReport>,
    /// How the last look at the files ended.
    pub last_reload: LastReload,
}

/// Somebody went back to an earlier set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RolledBackReport {
    /// What the files hold. Once they hold something else, that is loaded.
    pub from: Digest,
    /// Who went back.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl From<RolledBack> for RolledBackReport {
    fn from(RolledBack { from, by, at, .. }: RolledBack) -> Self {
        Self { from, by, at }
    }
}

/// How one look at the files ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastReload {
    /// `reloaded`, `unchanged` or `rejected`.
    pub outcome: &'static str,
    /// When it ended.
    pub at: Timestamp,
    /// Everything found: of the rejected files, or the warnings of those in force.
    pub diagnostics: Vec<Diagnostic>,
}

impl RulesetReport {
    pub(super) fn new(
        ruleset: &Ruleset,
        loaded_at: Timestamp,
        rolled_back: Option<RolledBack>,
        last_reload: LastReload,
    ) -> Self {
        let revision = ruleset.revision();
        Self {
            generation: ruleset.generation(),
            commit: revision.map(|revision| revision.commit.clone()),
            dirty: revision.is_some_and(|revision| revision.dirty),
            author: revision.and_then(|revision| revision.author.clone()),
            commit_time: revision.and_then(|revision| revision.commit_time),
            loaded_at,
            filters: ruleset.filters().len(),
            playbooks: ruleset.playbooks().len(),
            rolled_back: rolled_back.map(RolledBackReport::from),
            last_reload,
        }
    }
}
