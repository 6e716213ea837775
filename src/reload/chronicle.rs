//! Writes down which set began to decide, and finds those that did before. Whoever calls is a thread that may wait.

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ruleset::{ChangeCounts, Comparison, Diff, KindCounts, Ruleset, SourceFile, Sources, build, compare};
use crate::store::{Cause, Generation, NewChange, RolledBack, RulesetChange, Store, StoreError};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;

/// What of a change is kept in words.
const MOST_TOLD: usize = 16 << 10;
/// Of a change of more rules than this only the numbers are kept.
const MOST_COMPARED: usize = 200;
/// Changes that wait for a store that takes no writes; of more the oldest are given up.
const MOST_OWED: usize = 100;

/// The store, as those see it who have no business with alerts.
pub(super) struct Chronicle {
    store: Arc<dyn Store>,
    runtime: Handle,
    /// Whether alerts tell of changes.
    tell: bool,
    /// What could not be written down yet.
    owed: Mutex<VecDeque<NewChange>>,
}

/// Which set began to decide, and why.
pub(super) struct Change<'r> {
    pub cause: Cause,
    pub by: Option<String>,
    pub rolled_back: Option<RolledBack>,
    pub old: &'r Ruleset,
    pub new: &'r Ruleset,
    pub at: Timestamp,
}

impl Chronicle {
    /// Call it where tasks run.
    pub fn new(store: Arc<dyn Store>, tell: bool) -> Self {
        Self { store, runtime: Handle::current(), tell, owed: Mutex::default() }
    }

    /// Keeps the content of a set that is about to decide. Its alerts wait for this again if it fails now.
    pub fn keep(&self, rules: &Ruleset, now: Timestamp) {
        if let Err(fault) = self.runtime.block_on(self.store.keep_generation(Generation::of(rules), now)) {
            tracing::warn!(%fault, "the content of the new rules is not kept yet");
        }
    }

    /// Writes a change down.
    pub fn changed(&self, change: &Change<'_>) {
        let Change { cause, by, rolled_back, old, new, at } = change;
        // Nothing was changed by a daemon's first rules.
        let is_first = *cause == Cause::Start && old.files().is_empty();
        let (counts, diff) = if is_first { first(new) } else { told(old, new) };
        let change = RulesetChange {
            at: *at,
            cause: *cause,
            by: by.clone(),
            generation: new.generation(),
            revision: new.revision().cloned(),
            filters: new.filters().len(),
            playbooks: new.playbooks().len(),
            counts,
            diff,
        };
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        if owed.len() == MOST_OWED {
            owed.pop_front();
        }
        owed.push_back(NewChange { change, tell: self.tell && !is_first, rolled_back: rolled_back.clone() });
        drop(owed);
        self.catch_up();
    }

    /// Writes down what could not be before.
    pub fn catch_up(&self) {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(next) = owed.front() {
            if let Err(fault) = self.runtime.block_on(self.store.record_change(next.clone())) {
                tracing::warn!(%fault, "a change of the rules is not on record yet");
                return;
            }
            owed.pop_front();
        }
    }

    /// What was in force last, before this daemon started; newest first what could be gone back to.
    pub fn generations(&self) -> Result<Vec<RulesetChange>, StoreError> {
        self.runtime.block_on(self.store.generations())
    }

    pub fn rolled_back(&self) -> Result<Option<RolledBack>, StoreError> {
        self.runtime.block_on(self.store.rolled_back())
    }

    /// The files decide again.
    pub fn released(&self) -> Result<(), StoreError> {
        self.runtime.block_on(self.store.set_rolled_back(None))
    }

    /// What a kept generation was made from; `home` says where each file would lie today.
    pub fn sources(
        &self,
        generation: &Digest,
        home: impl Fn(SourceFile) -> SourceFile,
    ) -> Result<Option<Sources>, StoreError> {
        let Some(kept) = self.runtime.block_on(self.store.generation(generation))? else { return Ok(None) };
        let files = kept.files.iter().cloned().map(home).collect();
        Ok(Some(Sources { files, revision: kept.revision }))
    }

    /// The set that was in force last, to compare with; an empty one where there is none or it compiles no more.
    pub fn last(&self, generation: &Digest) -> Ruleset {
        let sources = self.sources(generation, |file| file).ok().flatten();
        sources.and_then(|sources| build(&sources).ok()).unwrap_or_else(Ruleset::empty)
    }
}

fn first(new: &Ruleset) -> (ChangeCounts, String) {
    let added = |added| KindCounts { added, ..KindCounts::default() };
    let counts = ChangeCounts { filters: added(new.filters().len()), playbooks: added(new.playbooks().len()) };
    (counts, String::new())
}

fn told(old: &Ruleset, new: &Ruleset) -> (ChangeCounts, String) {
    let diff = new.diff_from(old);
    let concerned = diff.filters.total() + diff.playbooks.total();
    if concerned > MOST_COMPARED {
        return (counted(&diff), format!("{concerned} rules are concerned: too many to tell one by one\n"));
    }
    let comparison = compare(old, new);
    let told = if comparison.is_empty() { unchanged() } else { comparison.told(MOST_TOLD) };
    (Comparison::counts(&comparison), told)
}

fn unchanged() -> String {
    "only comments, layout or their order differ\n".to_owned()
}

fn counted(diff: &Diff) -> ChangeCounts {
    let counts = |changes: &crate::ruleset::Changes| KindCounts {
        added: changes.added.len(),
        removed: changes.removed.len(),
        renamed: 0,
        changed: changes.changed.len(),
    };
    ChangeCounts { filters: counts(&diff.filters), playbooks: counts(&diff.playbooks) }
}
