//! One look at the files: read, compile, swap; or the old set stays as it was.

use super::checkout::Patience;
use super::read::read_watched;
use super::report::{LastReload, RulesetReport};
use super::watch::Watch;
use super::{Settings, codes};
use crate::clock::{SharedClock, Timestamp};
use crate::diag::{Diagnostic, Diagnostics, Level, Span};
use crate::digest::Digest;
use crate::playbook::Playbook;
use crate::ruleset::codes::{NO_MAIL_SERVER, UNCONFIGURED};
use crate::ruleset::{Diff, Live, Ruleset, breaches, build, unconfigured};
use crate::shutdown::Shutdown;
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
    loaded: Option<Digest>,
    /// Breaches of the operator's policy in those: warnings.
    breaches: Diagnostics,
    /// The last set that was refused: looking at it again every minute need not compile it again.
    refused: Option<Refused>,
}

struct Refused {
    content: Digest,
    read_faults: Diagnostics,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Clone)]
struct Endings {
    loaded_at: Timestamp,
    last: LastReload,
}

impl Loader {
    pub fn new(settings: Settings, live: Arc<Live>, clock: SharedClock, watch: Watch, shutdown: Shutdown) -> Self {
        let looking = Looking {
            watch,
            patience: Patience::at_start(shutdown.clone()),
            loaded: None,
            breaches: Diagnostics::new(),
            refused: None,
        };
        let looking = Mutex::new(looking);
        Self { settings, live, clock, shutdown, looking, endings: Mutex::new(None) }
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
        let Endings { loaded_at, last } = endings.as_ref()?.clone();
        Some(RulesetReport::new(&self.live.snapshot(), loaded_at, last))
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
        let content = sources.digest();
        let mut broken = Diagnostics::new();
        if looking.loaded == Some(content) {
            // What was fine stays so: the end of a filter comes nearer and never goes away.
            broken = looking.breaches.clone();
        } else {
            breaches(&sources, &self.settings.policy, self.clock.now(), &mut broken);
        }
        found.extend(broken.clone());
        let is_clean = !found.has_errors();
        if is_clean && looking.loaded == Some(content) {
            looking.refused = None;
            return self.keep(self.live.snapshot().at_revision(sources.revision), found);
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
                if looking.loaded.replace(content).is_none() {
                    looking.patience = Patience::while_running(self.shutdown.clone());
                    return self.replace(ruleset, found);
                }
                // Tests have no say: if only they changed, the set did not.
                let is_same = ruleset.generation() == self.live.snapshot().generation();
                if is_same { self.keep(ruleset, found) } else { self.replace(ruleset, found) }
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

    /// The content is that of the set in force; the commit may have moved on.
    fn keep(&self, ruleset: Ruleset, found: Diagnostics) -> Outcome {
        let diagnostics = self.warnings(&ruleset, found);
        let mut endings = self.endings();
        if self.live.snapshot().revision() != ruleset.revision() {
            let commit = ruleset.revision().map(|revision| revision.commit.as_str()).unwrap_or_default();
            tracing::info!(commit, "the ruleset is unchanged and stands on another commit");
        }
        if endings.as_ref().is_some_and(|endings| endings.last.outcome == REJECTED) {
            tracing::info!("the files are again those of the ruleset in force");
        }
        self.live.swap(ruleset);
        let loaded_at = endings.as_ref().map_or_else(|| self.clock.now(), |endings| endings.loaded_at);
        *endings = Some(Endings { loaded_at, last: self.ending(&Outcome::Unchanged, diagnostics) });
        Outcome::Unchanged
    }

    fn replace(&self, ruleset: Ruleset, found: Diagnostics) -> Outcome {
        let diagnostics = self.warnings(&ruleset, found);
        let diff = ruleset.diff_from(&self.live.snapshot());
        let commit = ruleset.revision().map(|revision| revision.commit.as_str()).unwrap_or_default();
        let generation = ruleset.generation().short();
        let (filters, playbooks) = (ruleset.filters().len(), ruleset.playbooks().len());
        let warnings = diagnostics.len();
        tracing::info!(%generation, commit, filters, playbooks, changed_filters = %diff.filters,
            changed_playbooks = %diff.playbooks, warnings, "ruleset reloaded");
        for unconfigured in diagnostics.iter().filter(|warning| [UNCONFIGURED, NO_MAIL_SERVER].contains(&warning.code))
        {
            tracing::warn!("{}", unconfigured.headline());
        }
        let outcome = Outcome::Reloaded(diff);
        let mut endings = self.endings();
        let replaced = self.live.swap(ruleset);
        let last = self.ending(&outcome, diagnostics);
        *endings = Some(Endings { loaded_at: last.at, last });
        drop(endings);
        // If nobody else holds the old set any more, it is taken apart here and not by a thread that answers alerts.
        drop(replaced);
        outcome
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

fn merged(mut found: Diagnostics, more: Vec<Diagnostic>) -> Vec<Diagnostic> {
    more.into_iter().for_each(|diagnostic| found.push(diagnostic));
    found.sorted()
}
