//! The journal as replay reads it: entries by key, each taken out as the script arrives at it.

use crate::playbook::{Entry, StepKey};
use std::collections::BTreeMap;

/// A run's recorded steps that the script has not asked for again yet.
#[derive(Debug)]
pub struct JournalView {
    ahead: BTreeMap<StepKey, Entry>,
    recorded: usize,
}

impl JournalView {
    /// Indexes the entries.
    pub fn new(entries: &[Entry]) -> Self {
        let ahead: BTreeMap<_, _> = entries.iter().map(|entry| (entry.key.clone(), entry.clone())).collect();
        Self { recorded: ahead.len(), ahead }
    }

    /// How many steps are recorded in all.
    pub fn recorded(&self) -> usize {
        self.recorded
    }

    /// How many of them the script has not asked for again.
    pub fn ahead(&self) -> usize {
        self.ahead.len()
    }

    /// The entry at a key, where the script has now arrived.
    pub fn replay(&mut self, key: &StepKey) -> Option<Entry> {
        self.ahead.remove(key)
    }
}
