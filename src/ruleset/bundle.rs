//! The immutable bundle of one generation, and its decision on an alert.

use super::{Diff, Revision, Verdict};
use crate::alert::{Alert, Status};
use crate::clock::Timestamp;
use crate::diag::Diagnostic;
use crate::digest::Digest;
use crate::filter::{Filter, Mode};
use crate::id::RuleId;
use crate::matcher::{AlertView, Index};
use crate::playbook::{Playbook, Trigger};
use std::collections::HashMap;
use std::sync::Arc;

/// All filters and playbooks of one generation, compiled. Cloning is cheap and shares them.
#[derive(Clone)]
pub struct Ruleset {
    content: Arc<Content>,
    revision: Option<Revision>,
}

/// What the files say, apart from the commit they stood on.
pub(super) struct Content {
    generation: Digest,
    /// In the order of file names and places.
    filters: Vec<Arc<Filter>>,
    /// In the order of file names.
    playbooks: Vec<Arc<Playbook>>,
    filter_index: Index<usize>,
    playbook_index: Index<usize>,
    /// Playbooks that every alert meets.
    unconditional: Vec<usize>,
    filter_texts: HashMap<RuleId, Digest>,
    warnings: Vec<Diagnostic>,
}

/// What a ruleset says about one alert.
#[derive(Clone)]
pub struct Decision {
    /// The verdict, for the record.
    pub verdict: Verdict,
    /// The playbooks to run, in the order of `verdict.triggered`.
    pub runs: Vec<Arc<Playbook>>,
}

impl Content {
    pub(super) fn new(
        generation: Digest,
        filters: Vec<Arc<Filter>>,
        playbooks: Vec<Arc<Playbook>>,
        filter_texts: HashMap<RuleId, Digest>,
        warnings: Vec<Diagnostic>,
    ) -> Self {
        let filter_index = Index::build(filters.iter().map(|f| f.condition.clone()).enumerate().collect());
        let conditions = playbooks.iter().enumerate().filter_map(|(at, p)| Some((at, p.condition.clone()?)));
        let playbook_index = Index::build(conditions.collect());
        let unconditional = (0..playbooks.len()).filter(|&at| playbooks[at].condition.is_none()).collect();
        Self { generation, filters, playbooks, filter_index, playbook_index, unconditional, filter_texts, warnings }
    }

    /// The filters whose conditions the alert meets, in the set's order.
    fn matching_filters(&self, view: &AlertView<'_>) -> impl Iterator<Item = &Arc<Filter>> {
        let mut places: Vec<usize> = self.filter_index.matching(view).into_iter().copied().collect();
        places.sort_unstable();
        places.into_iter().map(|at| &self.filters[at])
    }

    /// The playbooks whose conditions the alert meets, in the set's order.
    fn matching_playbooks(&self, view: &AlertView<'_>) -> impl Iterator<Item = &Arc<Playbook>> {
        let mut places = self.unconditional.clone();
        places.extend(self.playbook_index.matching(view));
        places.sort_unstable();
        places.into_iter().map(|at| &self.playbooks[at])
    }
}

impl Ruleset {
    pub(super) fn new(content: Content, revision: Option<Revision>) -> Self {
        Self { content: Arc::new(content), revision }
    }

    /// A set without filters and playbooks.
    pub fn empty() -> Self {
        let generation = super::Sources::default().generation();
        let content = Content::new(generation, Vec::new(), Vec::new(), HashMap::new(), Vec::new());
        Self::new(content, None)
    }

    /// The same content, known to stand on another commit.
    #[must_use]
    pub fn at_revision(&self, revision: Option<Revision>) -> Self {
        Self { content: self.content.clone(), revision }
    }

    /// Digest of everything in the set that has a say in decisions.
    pub fn generation(&self) -> Digest {
        self.content.generation
    }

    /// The commit the files stood on, where that is known.
    pub fn revision(&self) -> Option<&Revision> {
        self.revision.as_ref()
    }

    /// Every filter, in the order of file names and places; also those expired or not yet begun.
    pub fn filters(&self) -> &[Arc<Filter>] {
        &self.content.filters
    }

    /// Every playbook, in the order of file names.
    pub fn playbooks(&self) -> &[Arc<Playbook>] {
        &self.content.playbooks
    }

    /// What somebody should look at although the set loads.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.content.warnings
    }

    /// What this set has that `old` had not, the other way round, and what both have but not alike.
    pub fn diff_from(&self, old: &Self) -> Diff {
        Diff::between(old, self)
    }

    /// Digest of each filter's own text.
    pub(super) fn filter_texts(&self) -> &HashMap<RuleId, Digest> {
        &self.content.filter_texts
    }

    /// Decides on one alert: the same alert, instant and generation give the same decision, anywhere.
    pub fn decide(&self, alert: &Alert, now: Timestamp) -> Decision {
        let view = AlertView::new(alert);
        let (mut dismissed_by, mut would_dismiss, mut reason) = (Vec::new(), Vec::new(), None);
        for filter in self.content.matching_filters(&view).filter(|filter| filter.is_in_force(now)) {
            if filter.mode == Mode::Enforce && filter.may_dismiss(&alert.severity) {
                reason.get_or_insert_with(|| filter.reason.clone());
                dismissed_by.push(filter.id.clone());
            } else {
                would_dismiss.push(filter.id.clone());
            }
        }
        let (status, trigger) = if dismissed_by.is_empty() {
            (Status::Active, Trigger::Alert)
        } else {
            (Status::Dismissed, Trigger::Dismissed)
        };
        let triggered = self.content.matching_playbooks(&view).filter(|playbook| playbook.trigger == trigger);
        let runs: Vec<Arc<Playbook>> = triggered.cloned().collect();
        let verdict = Verdict {
            status,
            dismissed_by,
            would_dismiss,
            reason,
            triggered: runs.iter().map(|playbook| playbook.id.clone()).collect(),
            generation: self.generation(),
            commit: self.revision().map(|revision| revision.commit.clone()),
            dirty: self.revision().is_some_and(|revision| revision.dirty),
            decided_time: now,
        };
        Decision { verdict, runs }
    }
}

impl std::fmt::Debug for Ruleset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ruleset")
            .field("generation", &self.generation())
            .field("filters", &self.filters().len())
            .field("playbooks", &self.playbooks().len())
            .field("revision", &self.revision)
            .finish()
    }
}
