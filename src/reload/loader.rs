//! One look at the files: read, compile, swap; or the old set stays as it was. And the step back to an earlier set.

use super::checkout::Patience;
use super::chronicle::{Change, Chronicle};
use super::read::read_watched;
use super::report::{LastReload, RulesetReport};
use super::rollback::{RollbackFault, target};
use super::watch::Watch;
use super::{Settings, codes};
use crate::clock::{SharedClock, Timestamp};
use crate::diag::{Diagnostic, Diagnostics, Level, Span};
use crate::digest::Digest;
use crate::playbook::Playbook;
use crate::ruleset::codes::{NO_MAIL_SERVER, UNCONFIGURED};
use crate::ruleset::{Diff, Live, Ruleset, Sources, breaches, build, unconfigured};
use crate::shutdown::Shutdown;
use crate::store::{Cause, RolledBack, RulesetChange};
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

/// Looks at the files and remembers what came of it.
pub(super) struct Loader {
    settings: Settings,
    live: Arc<Live>,
    chronicle: Chronicle,
    clock: SharedClock,
    shutdown: Shutdown,
    /// Held for the length of a look, so that there is one at a time.
    looking: Mutex<Looking>,
    /// Held only to read or note an ending; the set is swapped under it, so that a report is of one moment.
    endings: Mutex<Option<Endings>>,
}

struct Looking {
    watch: Watch,
    patience: Patience,
    /// The files of the last good look.
    loaded: Option<Loaded>,
    /// Breaches of the operator's policy in those: warnings.
    breaches: Diagnostics,
    /// The last set that was refused: looking at it again every minute need not compile it again.
    refused: Option<Refused>,
}

#[derive(Clone, Copy)]
struct Loaded {
    /// Of every file.
    content: Digest,
    /// Of those that have a say.
    generation: Digest,
}

struct Refused {
    content: Digest,
    read_faults: Diagnostics,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Clone)]
struct Endings {
    loaded_at: Timestamp,
    /// Whether the set in force is not that of the files.
    rolled_back: Option<RolledBack>,
    last: LastReload,
}

impl Loader {
    pub fn new(
        settings: Settings,
        live: Arc<Live>,
        chronicle: Chronicle,
        clock: SharedClock,
        watch: Watch,
        shutdown: Shutdown,
    ) -> Self {
        let looking = Looking {
            watch,
            patience: Patience::at_start(shutdown.clone()),
            loaded: None,
            breaches: Diagnostics::new(),
            refused: None,
        };
        let looking = Mutex::new(looking);
        Self { settings, live, chronicle, clock, shutdown, looking, endings: Mutex::new(None) }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether changes go unnoticed unless somebody looks.
    pub fn is_blind(&self) -> bool {
        self.looking().watch.is_blind()
    }

    /// The set in force and how the last look ended; none before the first good look.
    pub fn report(&self) -> Option<RulesetReport> {
        let endings = self.endings();
        let Endings { loaded_at, rolled_back, last } = endings.as_ref()?.clone();
        Some(RulesetReport::new(&self.live.snapshot(), loaded_at, rolled_back, last))
    }

    /// Looks at the files once. Blocks; needs a deep stack, since the compilers recurse.
    pub fn look(&self) -> Outcome {
        let mut looking = self.looking();
        let Looking { watch, patience, .. } = &mut *looking;
        let mut found = Diagnostics::new();
        let sources = read_watched(&self.settings, patience, &mut found, &mut |places| watch.arm(places));
        if self.shutdown.is_stopping() {
            // What was read may be nothing: a stop ends the wait for a checkout.
            return Outcome::Rejected(self.stopping());
        }
        self.chronicle.catch_up();
        let content = sources.digest();
        let is_loaded = looking.loaded.is_some_and(|loaded| loaded.content == content);
        let mut broken = Diagnostics::new();
        if is_loaded {
            // What was fine stays so: the end of a filter comes nearer and never goes away.
            broken = looking.breaches.clone();
        } else {
            breaches(&sources, &self.settings.policy, self.clock.now(), &mut broken);
        }
        found.extend(broken.clone());
        let is_clean = !found.has_errors();
        if is_clean && is_loaded {
            looking.refused = None;
            return match self.rolled_back() {
                None => self.keep(self.live.snapshot().at_revision(sources.revision), found),
                Some(_) => self.stay(found),
            };
        }
        if let Some(refused) = &looking.refused
            && refused.content == content
            && refused.read_faults == found
        {
            return self.note_rejected(refused.diagnostics.clone());
        }
        match build(&sources) {
            Ok(ruleset) if is_clean => {
                looking.refused = None;
                looking.breaches = broken;
                let loaded = Loaded { content, generation: ruleset.generation() };
                if looking.loaded.replace(loaded).is_none() {
                    looking.patience = Patience::while_running(self.shutdown.clone());
                    return self.begin(ruleset, found);
                }
                // Tests have no say: if only they changed, the set did not.
                let is_same = ruleset.generation() == self.live.snapshot().generation();
                match self.rolled_back() {
                    Some(rolled_back) if rolled_back.from == ruleset.generation() => self.stay(found),
                    Some(_) if is_same => {
                        self.release();
                        self.keep(ruleset, found)
                    }
                    _ if is_same => self.keep(ruleset, found),
                    _ => self.replace(ruleset, Cause::Files, found),
                }
            }
            built => {
                let diagnostics =
                    merged(found.clone(), built.map_or_else(|refusal| refusal.diagnostics, |_| Vec::new()));
                let refused = Refused { content, read_faults: found, diagnostics: diagnostics.clone() };
                looking.refused = Some(refused);
                self.note_rejected(diagnostics)
            }
        }
    }

    /// The first good look: if somebody went back from just these files, what they went back to decides on.
    fn begin(&self, ruleset: Ruleset, found: Diagnostics) -> Outcome {
        let kept = self.chronicle.generations().unwrap_or_default();
        let rolled_back = self.chronicle.rolled_back().ok().flatten();
        let is_of_these = |back: &RolledBack| back.from == ruleset.generation();
        if let Some(rolled_back) = rolled_back.clone().filter(is_of_these) {
            let earlier = kept.iter().find(|change| change.generation == rolled_back.to);
            match earlier.map(|change| self.earlier(change)) {
                Some(Ok(earlier)) => {
                    tracing::warn!(generation = %earlier.generation().short(), by = rolled_back.by,
                        "the rules stay rolled back until the files change");
                    let diagnostics = self.warnings(&ruleset, found);
                    return self.settle(earlier, Some(rolled_back), kept.first(), diagnostics);
                }
                Some(Err(fault)) => tracing::error!(%fault, "the rules cannot stay rolled back"),
                None => tracing::error!("the rules cannot stay rolled back: what they were is not kept"),
            }
        }
        if rolled_back.is_some() {
            self.release();
        }
        let diagnostics = self.warnings(&ruleset, found);
        self.settle(ruleset, None, kept.first(), diagnostics)
    }

    /// Puts the first set in force; it may be what decided when the last process ended.
    fn settle(
        &self,
        ruleset: Ruleset,
        rolled_back: Option<RolledBack>,
        last: Option<&RulesetChange>,
        diagnostics: Vec<Diagnostic>,
    ) -> Outcome {
        match last.filter(|last| last.generation == ruleset.generation()) {
            Some(last) => {
                let outcome = Outcome::Reloaded(ruleset.diff_from(&self.live.snapshot()));
                self.announce(&ruleset, &outcome, &diagnostics);
                let mut endings = self.endings();
                self.live.swap(ruleset);
                let reload = self.ending(&outcome, diagnostics);
                *endings = Some(Endings { loaded_at: last.at, rolled_back, last: reload });
                outcome
            }
            None => {
                let old = last.map_or_else(Ruleset::empty, |last| self.chronicle.last(&last.generation));
                self.install(ruleset, &old, (Cause::Start, None, rolled_back), diagnostics)
            }
        }
    }

    /// The files say what they said, and what decides is an earlier set.
    fn stay(&self, found: Diagnostics) -> Outcome {
        let diagnostics = found.sorted();
        if let Some(endings) = self.endings().as_mut() {
            endings.last = self.ending(&Outcome::Unchanged, diagnostics);
        }
        Outcome::Unchanged
    }

    /// The files hold what was gone back to.
    fn release(&self) {
        if let Err(fault) = self.chronicle.released() {
            tracing::warn!(%fault, "that the files decide again is not on record yet");
        }
        if let Some(endings) = self.endings().as_mut() {
            endings.rolled_back = None;
        }
    }

    fn rolled_back(&self) -> Option<RolledBack> {
        self.endings().as_ref()?.rolled_back.clone()
    }

    /// Puts an earlier set in force, until the files hold something else than they do now. Blocks like a look.
    pub fn roll_back(&self, wish: Option<&str>, by: &str) -> Result<(), RollbackFault> {
        let looking = self.looking();
        let Some(loaded) = looking.loaded else { return Err(RollbackFault::Nowhere) };
        self.chronicle.catch_up();
        let old = self.live.snapshot();
        let is_rolled_back = self.rolled_back().is_some();
        let change = target(wish, &self.chronicle.generations()?, &old.generation(), is_rolled_back)?;
        let earlier = self.earlier(&change)?;
        let (to, from) = (earlier.generation(), loaded.generation);
        // Going to what the files hold is no step back any more.
        let rolled_back = (to != from).then(|| RolledBack { to, from, by: by.to_owned(), at: self.clock.now() });
        let diagnostics = self.warnings(&earlier, Diagnostics::new());
        let last = self.endings().as_ref().map(|endings| endings.last.clone());
        self.install(earlier, &old, (Cause::Rollback, Some(by.to_owned()), rolled_back), diagnostics);
        // How the last look at the files ended is what it was.
        if let (Some(endings), Some(last)) = (self.endings().as_mut(), last) {
            endings.last = last;
        }
        Ok(())
    }

    /// An earlier set, compiled anew and held to today's policy.
    fn earlier(&self, change: &RulesetChange) -> Result<Ruleset, RollbackFault> {
        let sources = self.chronicle.sources(&change.generation, |file| self.settings.at_home(file))?;
        let sources = sources.ok_or_else(|| RollbackFault::Unknown(change.generation.short()))?;
        let sources = Sources { revision: change.revision.clone(), ..sources };
        let mut broken = Diagnostics::new();
        breaches(&sources, &self.settings.policy, self.clock.now(), &mut broken);
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
        let mut endings = self.endings();
        if self.live.snapshot().revision() != ruleset.revision() {
            let Stand { commit, author, commit_time, dirty } = Stand::of(&ruleset);
            tracing::info!(commit, dirty, author, commit_time, "the ruleset is unchanged and stands on another commit");
        }
        if endings.as_ref().is_some_and(|endings| endings.last.outcome == REJECTED) {
            tracing::info!("the files are again those of the ruleset in force");
        }
        self.live.swap(ruleset);
        let loaded_at = endings.as_ref().map_or_else(|| self.clock.now(), |endings| endings.loaded_at);
        *endings = Some(Endings { loaded_at, rolled_back: None, last: self.ending(&Outcome::Unchanged, diagnostics) });
        Outcome::Unchanged
    }

    fn replace(&self, ruleset: Ruleset, cause: Cause, found: Diagnostics) -> Outcome {
        let diagnostics = self.warnings(&ruleset, found);
        self.install(ruleset, &self.live.snapshot(), (cause, None, None), diagnostics)
    }

    /// Puts another set in force and has it on record, why and since when.
    fn install(
        &self,
        ruleset: Ruleset,
        old: &Ruleset,
        (cause, by, rolled_back): (Cause, Option<String>, Option<RolledBack>),
        diagnostics: Vec<Diagnostic>,
    ) -> Outcome {
        let outcome = Outcome::Reloaded(ruleset.diff_from(&self.live.snapshot()));
        self.announce(&ruleset, &outcome, &diagnostics);
        self.chronicle.keep(&ruleset, self.clock.now());
        let mut endings = self.endings();
        let new = ruleset.clone();
        let replaced = self.live.swap(ruleset);
        let last = self.ending(&outcome, diagnostics);
        let at = last.at;
        *endings = Some(Endings { loaded_at: at, rolled_back: rolled_back.clone(), last });
        drop(endings);
        self.chronicle.changed(&Change { cause, by, rolled_back, old, new: &new, at });
        // If nobody else holds the old set any more, it is taken apart here and not by a thread that answers alerts.
        drop(replaced);
        outcome
    }

    fn announce(&self, ruleset: &Ruleset, outcome: &Outcome, diagnostics: &[Diagnostic]) {
        let Outcome::Reloaded(diff) = outcome else { return };
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

    /// Notes that the files were refused. The set in force is not touched.
    pub fn note_rejected(&self, diagnostics: Vec<Diagnostic>) -> Outcome {
        let outcome = Outcome::Rejected(diagnostics.clone());
        let last = self.ending(&outcome, diagnostics);
        // Before the first good look there is nothing to report on: the daemon does not start, and says why itself.
        if let Some(endings) = self.endings().as_mut() {
            if endings.last.diagnostics != last.diagnostics {
                let errors = || last.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error);
                let first = errors().next().map(Diagnostic::headline).unwrap_or_default();
                tracing::warn!(errors = errors().count(), first, "ruleset rejected, the old one stays");
            }
            endings.last = last;
        }
        outcome
    }

    /// The diagnostic of a fault that is no file's.
    fn internal(&self, code: crate::diag::Code, message: &str) -> Vec<Diagnostic> {
        let mut found = Diagnostics::new();
        found.error(&self.settings.rules.as_path().into(), Span::START, code, message);
        found.sorted()
    }

    /// What to say to whoever asks for a look that does not come any more.
    pub fn stopping(&self) -> Vec<Diagnostic> {
        self.internal(codes::STOPPING, "the daemon is stopping")
    }

    /// What to say after the compiler itself failed.
    pub fn crashed(&self) -> Vec<Diagnostic> {
        self.internal(codes::INTERNAL, "Quell failed while compiling these files; please report it")
    }

    fn ending(&self, outcome: &Outcome, diagnostics: Vec<Diagnostic>) -> LastReload {
        LastReload { outcome: outcome.as_str(), at: self.clock.now(), diagnostics }
    }

    // A look that panicked leaves both as usable as before: a watch, and what was noted last.
    fn looking(&self) -> MutexGuard<'_, Looking> {
        self.looking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn endings(&self) -> MutexGuard<'_, Option<Endings>> {
        self.endings.lock().unwrap_or_else(PoisonError::into_inner)
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

fn merged(mut found: Diagnostics, more: Vec<Diagnostic>) -> Vec<Diagnostic> {
    more.into_iter().for_each(|diagnostic| found.push(diagnostic));
    found.sorted()
}
