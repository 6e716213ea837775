//! What a person changes of an alert.

use crate::alert::{Severity, Status};

/// The new values; what is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlertPatch {
    /// Where it stands.
    pub status: Option<Status>,
    /// How grave it is.
    pub severity: Option<Severity>,
    /// Who takes it up; `Some(None)` is nobody.
    pub assignee: Option<Option<String>>,
    /// All of its tags.
    pub tags: Option<Vec<String>>,
    /// Something to say about it; the reason, where something else is changed as well.
    pub comment: Option<String>,
}

impl AlertPatch {
    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What became of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patched {
    /// It is made, as far as it was not so before; and it has called for so many runs.
    Made {
        /// Runs that are new.
        started: usize,
    },
    /// There is no such alert.
    NoAlert,
}
