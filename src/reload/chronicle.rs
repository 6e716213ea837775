//! Writes down which set began to decide, and finds those that did before. Whoever calls is a thread that may wait.

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ruleset::{ChangeCounts, Changes, Diff, KindCounts, Ruleset, SourceFile, Sources, build, compare};
use crate::store::{Cause, Generation, NewChange, RolledBack, RulesetChange, Store, StoreError};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;

/// What of a change is kept in words.
const MOST_TOLD: usize = 16 << 10;
/// Of a change of more rules than this, or of more bytes in files that differ, only the numbers are kept: the set waits for it.
const MOST_COMPARED: usize = 200;
const MOST_BYTES: usize = 256 << 10;
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

/// Why another set begins to decide.
#[derive(Debug, Clone)]
pub(super) struct Why {
    pub cause: Cause,
    pub by: Option<String>,
    /// Whether it decides although the files hold another.
    pub rolled_back: Option<RolledBack>,
    /// Whether no set has decided before: then nothing was changed.
    pub is_first: bool,
}

impl Chronicle {
    /// Call it where tasks run.
    pub fn new(store: Arc<dyn Store>, tell: bool) -> Self {
        Self { store, runtime: Handle::current(), tell, owed: Mutex::default() }
    }

    /// Keeps the content of a set that is about to decide. If it fails now, the first alert it decides on waits for it.
    pub fn keep(&self, rules: &Ruleset, now: Timestamp) {
        if let Err(fault) = self.keep_now(rules, now) {
            tracing::warn!(%fault, "the content of the new rules is not kept yet");
        }
    }

    /// Keeps it or fails.
    pub fn keep_now(&self, rules: &Ruleset, now: Timestamp) -> Result<(), StoreError> {
        self.runtime.block_on(self.store.keep_generation(Generation::of(rules), now))
    }

    /// Writes a change down, later if not now.
    pub fn changed(&self, old: &Ruleset, new: &Ruleset, why: Why, at: Timestamp) {
        let change = self.change(old, new, why, at);
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        if owed.len() == MOST_OWED {
            owed.pop_front();
        }
        owed.push_back(change);
        drop(owed);
        self.catch_up();
    }

    /// Writes a change down or fails; also if an earlier one is not on record yet.
    pub fn changed_now(&self, old: &Ruleset, new: &Ruleset, why: Why, at: Timestamp) -> Result<(), StoreError> {
        self.settle_up()?;
        self.runtime.block_on(self.store.record_change(self.change(old, new, why, at)))
    }

    /// Writes down what could not be before.
    pub fn catch_up(&self) {
        if let Err(fault) = self.settle_up() {
            tracing::warn!(%fault, "a change of the rules is not on record yet");
        }
    }

    fn settle_up(&self) -> Result<(), StoreError> {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(next) = owed.front() {
            self.runtime.block_on(self.store.record_change(next.clone()))?;
            owed.pop_front();
        }
        Ok(())
    }

    fn change(&self, old: &Ruleset, new: &Ruleset, why: Why, at: Timestamp) -> NewChange {
        let Why { cause, by, rolled_back, is_first } = why;
        let (counts, diff) = if is_first { first(new) } else { told(old, new) };
        let change = RulesetChange {
            at,
            cause,
            by,
            generation: new.generation(),
            revision: new.revision().cloned(),
            filters: new.filters().len(),
            playbooks: new.playbooks().len(),
            counts,
            diff,
        };
        NewChange { change, tell: self.tell && !is_first, rolled_back }
    }

    /// The changes that began what can be gone back to, newest first: the first one is what is, or was, in force.
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

    /// A set stands on another commit now.
    pub fn stands(&self, rules: &Ruleset) -> Result<(), StoreError> {
        let revision = rules.revision().cloned();
        self.runtime.block_on(self.store.stand_generation(&rules.generation(), revision))
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

    /// The set that was in force last, to compare with; an empty one where it compiles no more.
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
    if concerned > MOST_COMPARED || differing_bytes(old, new) > MOST_BYTES {
        return (counted(&diff), format!("{concerned} rules are concerned: too much to tell one by one\n"));
    }
    let comparison = compare(old, new);
    let told = match comparison.is_empty() {
        true => "only comments, layout or their order differ\n".to_owned(),
        false => comparison.told(MOST_TOLD),
    };
    (comparison.counts(), told)
}

/// How much there is in files that differ.
fn differing_bytes(old: &Ruleset, new: &Ruleset) -> usize {
    let (old, new) = (old.files(), new.files());
    let mut rest: HashMap<&str, &[u8]> = old.iter().map(|file| (&*file.name, &*file.bytes)).collect();
    let changed = new.iter().map(|file| match rest.remove(&*file.name) {
        Some(before) if before == file.bytes => 0,
        before => before.map_or(0, <[u8]>::len) + file.bytes.len(),
    });
    changed.sum::<usize>() + rest.values().map(|bytes| bytes.len()).sum::<usize>()
}

fn counted(diff: &Diff) -> ChangeCounts {
    let counts = |changes: &Changes| KindCounts {
        added: changes.added.len(),
        removed: changes.removed.len(),
        renamed: 0,
        changed: changes.changed.len(),
    };
    ChangeCounts { filters: counts(&diff.filters), playbooks: counts(&diff.playbooks) }
}
