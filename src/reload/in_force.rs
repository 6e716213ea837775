//! The set in force: what puts another one in its place, keeps it, or goes back to an earlier one; each on record before it
//! decides.

use super::chronicle::{Chronicle, Why};
use super::report::{LastReload, RulesetReport};
use super::rollback::{RollbackFault, target};
use super::{Settings, codes};
use crate::clock::{SharedClock, Timestamp};
use crate::diag::{Diagnostic, Diagnostics, Level, Span};
use crate::digest::Digest;
use crate::filter::Policy;
use crate::playbook::Playbook;
use crate::ruleset::codes::{NO_MAIL_SERVER, UNCONFIGURED};
use crate::ruleset::{Diff, Live, Revision, Ruleset, Sources, breaches, build, unconfigured};
use crate::store::{Cause, RolledBack, RulesetChange, StoreError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The word for a look whose files were refused.
const REJECTED: &str = "rejected";

/// How a look at the files ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Another set decides now.
    Reloaded(Diff),
    /// The files say what they said. Their commit may be another; verdicts name it from now on.
    Unchanged,
    /// The old set stays. Every finding of the new files, warnings included.
    Rejected(Vec<Diagnostic>),
}

impl Outcome {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Reloaded(_) => "reloaded",
            Self::Unchanged => "unchanged",
            Self::Rejected(_) => REJECTED,
        }
    }
}

/// The set in force, and how it came to be.
pub(super) struct InForce {
    settings: Settings,
    live: Arc<Live>,
    chronicle: Chronicle,
    clock: SharedClock,
    /// Held while the set is changed, so that a look and a step back follow one another.
    turning: Mutex<()>,
    /// Held only to read or note; the set is swapped under it, so that a report is of one moment.
    standing: Mutex<Option<Standing>>,
}

#[derive(Clone)]
struct Standing {
    loaded_at: Timestamp,
    /// The generation of the last good look at the files; none if what decided before a restart goes on without any.
    files: Option<Digest>,
    /// Whether the set in force is not that of the files.
    rolled_back: Option<RolledBack>,
    last: LastReload,
}

impl InForce {
    pub fn new(settings: Settings, live: Arc<Live>, chronicle: Chronicle, clock: SharedClock) -> Self {
        Self { settings, live, chronicle, clock, turning: Mutex::default(), standing: Mutex::default() }
    }

    /// The set in force and how the last look ended; none before there is one.
    pub fn report(&self) -> Option<RulesetReport> {
        let standing = self.standing();
        let Standing { loaded_at, rolled_back, last, .. } = standing.as_ref()?.clone();
        Some(RulesetReport::new(&self.live.snapshot(), loaded_at, rolled_back, last))
    }

    /// The files are those of the last good look; their commit may be another.
    pub fn same_files(&self, revision: Option<Revision>, found: Diagnostics) -> Outcome {
        let _turn = self.turn();
        self.chronicle.catch_up();
        match self.rolled_back() {
            None => self.keep(self.live.snapshot().at_revision(revision), found),
            Some(_) => self.stay(found),
        }
    }

    /// The files hold this set, which is sound.
    pub fn files_hold(&self, ruleset: Ruleset, found: Diagnostics) -> Outcome {
        let _turn = self.turn();
        self.chronicle.catch_up();
        let generation = ruleset.generation();
        if self.standing().is_none() {
            return self.begin(ruleset, found);
        }
        if let Some(standing) = self.standing().as_mut() {
            standing.files = Some(generation);
        }
        // Tests have no say: if only they changed, the set did not.
        let is_same = generation == self.live.snapshot().generation();
        match self.rolled_back() {
            Some(back) if back.from == generation => self.stay(found),
            Some(_) if is_same && !self.release() => self.stay(found),
            _ if is_same => self.keep(ruleset, found),
            _ => {
                let diagnostics = self.warnings(&ruleset, found);
                let old = self.live.snapshot();
                self.install(
                    ruleset,
                    &old,
                    Why { cause: Cause::Files, by: None, rolled_back: None, is_first: false },
                    diagnostics,
                )
            }
        }
    }

    /// Notes that the files were refused. The set in force is not touched.
    pub fn note_rejected(&self, diagnostics: Vec<Diagnostic>) -> Outcome {
        let outcome = Outcome::Rejected(diagnostics.clone());
        let last = self.ending(&outcome, diagnostics);
        // Before there is a set there is nothing to report on: whoever starts the daemon says why it does not.
        if let Some(standing) = self.standing().as_mut() {
            if standing.last.diagnostics != last.diagnostics {
                let (errors, first) = errors(&last.diagnostics);
                tracing::warn!(errors, first, "ruleset rejected, the old one stays");
            }
            standing.last = last;
        }
        outcome
    }

    /// The files were refused and there is no set yet: what decided when the last process ended goes on. False if there is
    /// none that compiles.
    pub fn resume(&self, diagnostics: Vec<Diagnostic>) -> bool {
        let _turn = self.turn();
        let kept = self.chronicle.generations().unwrap_or_default();
        let Some(last) = kept.first() else { return false };
        let Ok(ruleset) = self.earlier(last, &Policy::default()) else { return false };
        let Ok(rolled_back) = self.chronicle.rolled_back() else { return false };
        let (count, first) = errors(&diagnostics);
        tracing::error!(errors = count, first, generation = %ruleset.generation().short(),
            "ruleset rejected; the one that decided before the start goes on");
        let rolled_back = rolled_back.filter(|back| back.to == ruleset.generation());
        let last_reload = self.ending(&Outcome::Rejected(diagnostics.clone()), diagnostics);
        let mut standing = self.standing();
        self.live.swap(ruleset);
        *standing = Some(Standing { loaded_at: last.at, files: None, rolled_back, last: last_reload });
        true
    }

    /// Puts an earlier set in force, until the files hold something else than they do now. `wish` is what somebody asked
    /// for, as of this moment. Blocks while the set is compiled, and for no checkout.
    pub fn roll_back(&self, wish: Option<&str>, by: &str) -> Result<(), RollbackFault> {
        let in_force = self.live.snapshot().generation();
        let change = target(wish, &self.chronicle.generations()?, &in_force, self.rolled_back().is_some())?;
        let earlier = self.earlier(&change, &self.settings.policy)?;
        let _turn = self.turn();
        let old = self.live.snapshot();
        let to = earlier.generation();
        if old.generation() == to {
            return Err(RollbackFault::InForce(to));
        }
        let Some(standing) = self.standing().clone() else { return Err(RollbackFault::Nowhere) };
        let from = standing.files.unwrap_or_else(|| old.generation());
        // Going to what the files hold is no step back any more.
        let rolled_back = (to != from).then(|| RolledBack { to, from, by: by.to_owned(), at: self.clock.now() });
        let why = Why { cause: Cause::Rollback, by: Some(by.to_owned()), rolled_back, is_first: false };
        let diagnostics = self.warnings(&earlier, Diagnostics::new());
        // Whoever is told that it is done finds it so after a restart: what cannot be written down is not done.
        let at = self.clock.now();
        self.chronicle.keep_now(&earlier, at)?;
        self.chronicle.changed_now(&old, &earlier, why.clone(), at)?;
        self.announce(&earlier, &old, &diagnostics);
        let mut now = self.standing();
        let replaced = self.live.swap(earlier);
        *now = Some(Standing { loaded_at: at, rolled_back: why.rolled_back, ..standing });
        drop(now);
        drop(replaced);
        Ok(())
    }

    /// The first good look: if somebody went back from just these files, what they went back to decides on, whatever is
    /// asked of filters by now.
    fn begin(&self, ruleset: Ruleset, found: Diagnostics) -> Outcome {
        let known = self.chronicle.generations().and_then(|kept| Ok((kept, self.chronicle.rolled_back()?)));
        let (kept, rolled_back) = match known {
            Ok(known) => known,
            Err(fault) => return Outcome::Rejected(self.unreadable(&fault)),
        };
        let files = ruleset.generation();
        if let Some(back) = rolled_back.clone().filter(|back| back.from == files) {
            let earlier = kept.iter().find(|change| change.generation == back.to);
            match earlier.map(|change| self.earlier(change, &Policy::default())) {
                Some(Ok(earlier)) => {
                    tracing::warn!(generation = %earlier.generation().short(), by = back.by,
                        "the rules stay rolled back until the files change");
                    let diagnostics = self.warnings(&ruleset, found);
                    return self.settle((earlier, files), Some(back), kept.first(), diagnostics);
                }
                Some(Err(fault)) => tracing::error!(%fault, "the rules cannot stay rolled back"),
                None => tracing::error!("the rules cannot stay rolled back: what they were is not kept"),
            }
        }
        if rolled_back.is_some() {
            self.release();
        }
        let diagnostics = self.warnings(&ruleset, found);
        self.settle((ruleset, files), None, kept.first(), diagnostics)
    }

    /// Puts the first set in force; it may be what decided when the last process ended.
    fn settle(
        &self,
        (ruleset, files): (Ruleset, Digest),
        rolled_back: Option<RolledBack>,
        last: Option<&RulesetChange>,
        diagnostics: Vec<Diagnostic>,
    ) -> Outcome {
        let nothing = Ruleset::empty();
        let Some(last) = last else {
            let why = Why { cause: Cause::Start, by: None, rolled_back, is_first: true };
            return self.install(ruleset, &nothing, why, diagnostics);
        };
        if last.generation != ruleset.generation() {
            let why = Why { cause: Cause::Start, by: None, rolled_back, is_first: false };
            let outcome = self.install(ruleset, &self.chronicle.last(&last.generation), why, diagnostics);
            if let Some(standing) = self.standing().as_mut() {
                standing.files = Some(files);
            }
            return outcome;
        }
        self.announce(&ruleset, &nothing, &diagnostics);
        self.stands(ruleset.revision() != last.revision.as_ref(), &ruleset);
        let outcome = Outcome::Reloaded(ruleset.diff_from(&nothing));
        let reload = self.ending(&outcome, diagnostics);
        let mut standing = self.standing();
        self.live.swap(ruleset);
        *standing = Some(Standing { loaded_at: last.at, files: Some(files), rolled_back, last: reload });
        outcome
    }

    /// The files say what they said, and what decides is an earlier set.
    fn stay(&self, found: Diagnostics) -> Outcome {
        let last = self.ending(&Outcome::Unchanged, found.sorted());
        if let Some(standing) = self.standing().as_mut() {
            standing.last = last;
        }
        Outcome::Unchanged
    }

    /// The files decide again. False if that cannot be written down: then it is tried again at the next look.
    fn release(&self) -> bool {
        if let Err(fault) = self.chronicle.released() {
            tracing::warn!(%fault, "that the files decide again is not on record yet");
            return false;
        }
        if let Some(standing) = self.standing().as_mut() {
            standing.rolled_back = None;
        }
        true
    }

    fn rolled_back(&self) -> Option<RolledBack> {
        self.standing().as_ref()?.rolled_back.clone()
    }

    /// An earlier set, compiled anew and held to a policy.
    fn earlier(&self, change: &RulesetChange, policy: &Policy) -> Result<Ruleset, RollbackFault> {
        let sources = self.chronicle.sources(&change.generation, |file| self.settings.at_home(file))?;
        let sources = sources.ok_or_else(|| RollbackFault::Unknown(change.generation.short()))?;
        let sources = Sources { revision: change.revision.clone(), ..sources };
        let mut broken = Diagnostics::new();
        breaches(&sources, policy, self.clock.now(), &mut broken);
        match build(&sources) {
            Ok(ruleset) if !broken.has_errors() => Ok(ruleset),
            built => {
                let faults = built.map_or_else(|refusal| refusal.diagnostics, |_| Vec::new());
                Err(RollbackFault::Refused(merged(broken, faults)))
            }
        }
    }

    /// The content is that of the set in force; the commit may have moved on.
    fn keep(&self, ruleset: Ruleset, found: Diagnostics) -> Outcome {
        let diagnostics = self.warnings(&ruleset, found);
        let has_moved = self.live.snapshot().revision() != ruleset.revision();
        if has_moved {
            let Stand { commit, author, commit_time, dirty } = Stand::of(&ruleset);
            tracing::info!(commit, dirty, author, commit_time, "the ruleset is unchanged and stands on another commit");
        }
        self.stands(has_moved, &ruleset);
        let last = self.ending(&Outcome::Unchanged, diagnostics);
        let mut standing = self.standing();
        self.live.swap(ruleset);
        if let Some(standing) = standing.as_mut() {
            if standing.last.outcome == REJECTED {
                tracing::info!("the files are again those of the ruleset in force");
            }
            standing.last = last;
        }
        Outcome::Unchanged
    }

    /// What is on record of a set names the commit that it stands on now: going back to it names that one.
    fn stands(&self, has_moved: bool, ruleset: &Ruleset) {
        if has_moved && let Err(fault) = self.chronicle.stands(ruleset) {
            tracing::warn!(%fault, "the commit that the rules stand on now is not on record");
        }
    }

    /// Puts another set in force and has it on record, why and since when. That it cannot be written down now does not keep
    /// it from deciding: it is made up for.
    fn install(&self, ruleset: Ruleset, old: &Ruleset, why: Why, diagnostics: Vec<Diagnostic>) -> Outcome {
        let diff = self.announce(&ruleset, &self.live.snapshot(), &diagnostics);
        let at = self.clock.now();
        self.chronicle.keep(&ruleset, at);
        self.chronicle.changed(old, &ruleset, why.clone(), at);
        let outcome = Outcome::Reloaded(diff);
        let last = self.ending(&outcome, diagnostics);
        let files = Some(ruleset.generation());
        let mut standing = self.standing();
        let replaced = self.live.swap(ruleset);
        *standing = Some(Standing { loaded_at: at, files, rolled_back: why.rolled_back, last });
        drop(standing);
        // If nobody else holds the old set any more, it is taken apart here and not by a thread that answers alerts.
        drop(replaced);
        outcome
    }

    fn announce(&self, ruleset: &Ruleset, old: &Ruleset, diagnostics: &[Diagnostic]) -> Diff {
        let diff = ruleset.diff_from(old);
        let Stand { commit, author, commit_time, dirty } = Stand::of(ruleset);
        let generation = ruleset.generation().short();
        let (filters, playbooks) = (ruleset.filters().len(), ruleset.playbooks().len());
        let warnings = diagnostics.len();
        tracing::info!(%generation, commit, dirty, author, commit_time, filters, playbooks,
            changed_filters = %diff.filters, changed_playbooks = %diff.playbooks, warnings, "ruleset reloaded");
        for unconfigured in diagnostics.iter().filter(|warning| [UNCONFIGURED, NO_MAIL_SERVER].contains(&warning.code))
        {
            tracing::warn!("{}", unconfigured.headline());
        }
        diff
    }

    /// Everything to look at in a set that loads.
    fn warnings(&self, ruleset: &Ruleset, found: Diagnostics) -> Vec<Diagnostic> {
        let mut more = ruleset.warnings().to_vec();
        more.extend(self.unconfigured(ruleset.playbooks()));
        merged(found, more)
    }

    fn unconfigured(&self, playbooks: &[Arc<Playbook>]) -> Vec<Diagnostic> {
        unconfigured(playbooks, &self.settings.outlets)
    }

    fn unreadable(&self, fault: &StoreError) -> Vec<Diagnostic> {
        let mut found = Diagnostics::new();
        let message = format!("which rules decided last cannot be read from the store: {fault}");
        found.error(&self.settings.rules.as_path().into(), Span::START, codes::UNREADABLE, message);
        found.sorted()
    }

    fn ending(&self, outcome: &Outcome, diagnostics: Vec<Diagnostic>) -> LastReload {
        LastReload { outcome: outcome.as_str(), at: self.clock.now(), diagnostics }
    }

    // Who panicked here left both as usable as before: one says nothing, and the other what was noted last.
    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turning.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn standing(&self) -> MutexGuard<'_, Option<Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The commit of a set as the log shows it.
struct Stand<'r> {
    commit: &'r str,
    author: &'r str,
    commit_time: String,
    dirty: bool,
}

impl<'r> Stand<'r> {
    fn of(ruleset: &'r Ruleset) -> Self {
        let revision = ruleset.revision();
        Self {
            commit: revision.map(|revision| revision.commit.as_str()).unwrap_or_default(),
            author: revision.and_then(|revision| revision.author.as_deref()).unwrap_or_default(),
            commit_time: revision
                .and_then(|revision| revision.commit_time)
                .map(|at| at.to_string())
                .unwrap_or_default(),
            dirty: revision.is_some_and(|revision| revision.dirty),
        }
    }
}

/// How many errors there are, and the first of them.
fn errors(diagnostics: &[Diagnostic]) -> (usize, String) {
    let errors = || diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error);
    (errors().count(), errors().next().map(Diagnostic::headline).unwrap_or_default())
}

/// Findings of two origins as one list.
pub(super) fn merged(mut found: Diagnostics, more: Vec<Diagnostic>) -> Vec<Diagnostic> {
    more.into_iter().for_each(|diagnostic| found.push(diagnostic));
    found.sorted()
}
