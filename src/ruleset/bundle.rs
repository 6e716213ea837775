//! The immutable bundle of one generation, and its decision on an alert.

use super::{Diff, Judgement, Revision, SourceFile, Verdict, overlap};
use crate::alert::{Alert, AlertText, OWN_SOURCE, Status};
use crate::clock::Timestamp;
use crate::diag::{Diagnostic, Diagnostics};
use crate::digest::Digest;
use crate::filter::{Filter, LimitKey};
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
    /// Every condition of both, asked together.
    index: Index<Rule>,
    /// Playbooks that every alert meets.
    unconditional: Vec<usize>,
    filter_texts: HashMap<RuleId, Digest>,
    /// What it was made from, as far as it has a say.
    files: Arc<[SourceFile]>,
    warnings: Vec<Diagnostic>,
}

/// What a condition belongs to, by its place in the set.
#[derive(Debug, Clone, Copy)]
enum Rule {
    Filter(usize),
    Playbook(usize),
}

/// The rules an alert meets, each kind in the set's order.
pub(super) struct Met<'c> {
    pub filters: Vec<&'c Arc<Filter>>,
    pub playbooks: Vec<&'c Arc<Playbook>>,
}

/// What a ruleset says about one alert.
#[derive(Clone)]
pub struct Decision {
    /// The verdict, for the record.
    pub verdict: Verdict,
    /// The playbooks to run, in the order of `verdict.triggered`.
    pub runs: Vec<Arc<Playbook>>,
    /// What dismisses the alert after all if it exceeds one of these; none if a filter dismisses it anyway.
    pub limits: Vec<Limited>,
    /// The playbooks to run in that case.
    pub runs_if_over: Vec<Arc<Playbook>>,
}

/// A filter that is met and dismisses what exceeds its limit.
#[derive(Debug, Clone)]
pub struct Limited {
    /// The filter, which has a limit.
    pub filter: Arc<Filter>,
    /// What the alert is counted by.
    pub key: LimitKey,
}

impl Content {
    pub(super) fn new(
        generation: Digest,
        filters: Vec<Arc<Filter>>,
        playbooks: Vec<Arc<Playbook>>,
        filter_texts: HashMap<RuleId, Digest>,
        files: Arc<[SourceFile]>,
        mut found: Diagnostics,
    ) -> Self {
        let of_filters = filters.iter().enumerate().map(|(at, filter)| (Rule::Filter(at), filter.condition.clone()));
        let of_playbooks = playbooks
            .iter()
            .enumerate()
            .filter_map(|(at, playbook)| Some((Rule::Playbook(at), playbook.condition.clone()?)));
        let index = Index::build(of_filters.chain(of_playbooks).collect());
        let unconditional = (0..playbooks.len()).filter(|&at| playbooks[at].condition.is_none()).collect();
        let mut content =
            Self { generation, filters, playbooks, index, unconditional, filter_texts, files, warnings: Vec::new() };
        overlap::report(&content.filters, &content.overlaps(), &mut found);
        content.warnings = found.sorted();
        content
    }

    /// Filters that another one makes idle, as far as their conditions tell: each with the other one, and whether both
    /// say the same.
    fn overlaps(&self) -> Vec<(usize, usize, bool)> {
        let conditions: Vec<_> = self.filters.iter().map(|filter| &*filter.condition).collect();
        let mut overlaps = Vec::new();
        self.index.covered(&conditions, |covered, by, same| {
            if let (Rule::Filter(covered), Rule::Filter(by)) = (covered, by) {
                overlaps.push((*covered, *by, same));
            }
        });
        overlaps
    }

    /// The rules with these conditions, and those without any.
    fn with_conditions(&self, rules: Vec<&Rule>) -> Met<'_> {
        let (mut filters, mut playbooks) = (Vec::new(), self.unconditional.clone());
        for rule in rules {
            match rule {
                Rule::Filter(at) => filters.push(&self.filters[*at]),
                Rule::Playbook(at) => playbooks.push(*at),
            }
        }
        playbooks.sort_unstable();
        Met { filters, playbooks: playbooks.into_iter().map(|at| &self.playbooks[at]).collect() }
    }
}

impl Ruleset {
    pub(super) fn new(content: Content, revision: Option<Revision>) -> Self {
        Self { content: Arc::new(content), revision }
    }

    /// A set without filters and playbooks.
    pub fn empty() -> Self {
        let generation = super::Sources::default().generation();
        let content =
            Content::new(generation, Vec::new(), Vec::new(), HashMap::new(), Arc::default(), Diagnostics::new());
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

    /// The files it was made from, those that have a say: with them it can be made again.
    pub fn files(&self) -> Arc<[SourceFile]> {
        self.content.files.clone()
    }

    /// What somebody should look at although the set loads.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.content.warnings
    }

    /// The filters whose conditions an alert meets, in the set's order.
    pub(super) fn filters_met(&self, view: &AlertView<'_>) -> Vec<&Arc<Filter>> {
        self.met_by(view).filters
    }

    /// The rules an alert meets.
    pub(super) fn met_by(&self, view: &AlertView<'_>) -> Met<'_> {
        self.content.with_conditions(self.content.index.matching(view))
    }

    /// The rules a stored alert meets, in its text; none if the alert has to be made to tell.
    pub(super) fn met_by_text(&self, alert: &AlertText<'_>) -> Option<Met<'_>> {
        self.content.index.matching_text(alert).map(|rules| self.content.with_conditions(rules))
    }

    /// What this set has that `old` had not, the other way round, and what both have but not alike.
    pub fn diff_from(&self, old: &Self) -> Diff {
        Diff::between(old, self)
    }

    /// Digest of each filter's own text.
    pub fn filter_texts(&self) -> &HashMap<RuleId, Digest> {
        &self.content.filter_texts
    }

    /// Whether any playbook answers updates of alerts.
    pub fn answers_updates(&self) -> bool {
        self.playbooks().iter().any(|playbook| playbook.trigger == Trigger::Updated)
    }

    /// The playbooks that an update calls for, in the set's order, with the alert as the update leaves it.
    pub fn called_by_update(&self, alert: &Alert) -> Vec<&Arc<Playbook>> {
        let view = AlertView::new(alert);
        let meets = |playbook: &&Arc<Playbook>| playbook.condition.as_ref().is_none_or(|met| met.matches(&view));
        self.playbooks().iter().filter(|playbook| playbook.trigger == Trigger::Updated).filter(meets).collect()
    }

    /// Whether a filter's text is the one that is held.
    pub fn is_held(&self, filter: &Filter, held: &HashMap<RuleId, Digest>) -> bool {
        held.get(&filter.id).is_some_and(|text| self.filter_texts().get(&filter.id) == Some(text))
    }

    /// Decides on one alert: the same alert, instant and generation give the same decision, anywhere.
    pub fn decide(&self, alert: &Alert, now: Timestamp) -> Decision {
        self.decide_holding(alert, now, &HashMap::new())
    }

    /// Decides on one alert while some filters only record: those whose text is the one that is `held`, and all of them if
    /// the alert is Quell's own.
    pub fn decide_holding(&self, alert: &Alert, now: Timestamp, held: &HashMap<RuleId, Digest>) -> Decision {
        let is_held = |filter: &Filter| alert.source == OWN_SOURCE || self.is_held(filter, held);
        let view = AlertView::new(alert);
        let judgement = Judgement::of(self.met_by(&view), &alert.severity, now, is_held);
        let ids = |filters: &[&Arc<Filter>]| filters.iter().map(|filter| filter.id.clone()).collect();
        let owned = |playbooks: &mut dyn Iterator<Item = &Arc<Playbook>>| playbooks.cloned().collect::<Vec<_>>();
        let status = if judgement.is_dismissed() { Status::Dismissed } else { Status::Active };
        let runs = owned(&mut judgement.triggered());
        // What is dismissed anyway stays active by no limit, so none of them counts it.
        let limited = if judgement.is_dismissed() { &[][..] } else { &judgement.limited };
        let limit_of = |filter: &&Arc<Filter>| {
            let key = filter.limit.as_ref()?.key(&view);
            Some(Limited { filter: (*filter).clone(), key })
        };
        let limits: Vec<Limited> = limited.iter().filter_map(limit_of).collect();
        let runs_if_over =
            if limits.is_empty() { Vec::new() } else { owned(&mut judgement.triggered_by(Trigger::Dismissed)) };
        let verdict = Verdict {
            status,
            dismissed_by: ids(&judgement.dismissed_by),
            would_dismiss: ids(&judgement.would_dismiss),
            reason: judgement.dismissed_by.first().map(|filter| filter.reason.clone()),
            triggered: runs.iter().map(|playbook| playbook.id.clone()).collect(),
            generation: self.generation(),
            commit: self.revision().map(|revision| revision.commit.clone()),
            dirty: self.revision().is_some_and(|revision| revision.dirty),
            author: self.revision().and_then(|revision| revision.author.clone()),
            commit_time: self.revision().and_then(|revision| revision.commit_time),
            given_status: Some(alert.status).filter(|given| status == Status::Dismissed && *given != Status::Active),
            decided_time: now,
        };
        Decision { verdict, runs, limits, runs_if_over }
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
