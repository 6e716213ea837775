//! The rules that decided, kept for as long as what they decided.

use crate::alert::Alert;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ruleset::{Revision, Ruleset, SourceFile, Verdict};
use std::sync::Arc;

/// A generation of rules: every file that had a say.
#[derive(Debug, Clone)]
pub struct Generation {
    /// Digest of the content.
    pub digest: Digest,
    /// The commit it stood on, where that was known.
    pub revision: Option<Revision>,
    /// The files.
    pub files: Arc<[SourceFile]>,
}

impl Generation {
    /// That of a set.
    pub fn of(rules: &Ruleset) -> Self {
        Self { digest: rules.generation(), revision: rules.revision().cloned(), files: rules.files() }
    }
}

/// An alert as it was decided on, before anybody changed it.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The alert.
    pub alert: Alert,
    /// The decision.
    pub verdict: Verdict,
}

impl Decided {
    /// From what is stored.
    pub fn new(mut alert: Alert, verdict: Verdict) -> Self {
        alert.status = verdict.status_before(alert.status);
        Self { alert, verdict }
    }

    /// The instant it was decided as of.
    pub fn at(&self) -> Timestamp {
        self.verdict.decided_time
    }
}
