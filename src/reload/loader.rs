//! One look at the files: read, compile, and hand over; or the old set stays as it was.

use super::checkout::Patience;
use super::in_force::{InForce, Outcome, merged};
use super::read::read_watched;
use super::watch::Watch;
use super::{Settings, codes};
use crate::clock::SharedClock;
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::digest::Digest;
use crate::ruleset::{breaches, build};
use crate::shutdown::Shutdown;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Looks at the files and remembers what came of it.
pub(super) struct Loader {
    settings: Settings,
    in_force: Arc<InForce>,
    clock: SharedClock,
    shutdown: Shutdown,
    /// Held for the length of a look, so that there is one at a time.
    looking: Mutex<Looking>,
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

impl Loader {
    pub fn new(
        settings: Settings,
        in_force: Arc<InForce>,
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
        Self { settings, in_force, clock, shutdown, looking: Mutex::new(looking) }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether changes go unnoticed unless somebody looks.
    pub fn is_blind(&self) -> bool {
        self.looking().watch.is_blind()
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
            return self.in_force.same_files(sources.revision, found);
        }
        if let Some(refused) = &looking.refused
            && refused.content == content
            && refused.read_faults == found
        {
            return self.in_force.note_rejected(refused.diagnostics.clone());
        }
        match build(&sources) {
            Ok(ruleset) if is_clean => {
                let outcome = self.in_force.files_hold(ruleset, found);
                if !matches!(outcome, Outcome::Rejected(_)) {
                    looking.refused = None;
                    looking.breaches = broken;
                    if looking.loaded.replace(content).is_none() {
                        looking.patience = Patience::while_running(self.shutdown.clone());
                    }
                }
                outcome
            }
            built => {
                let diagnostics =
                    merged(found.clone(), built.map_or_else(|refusal| refusal.diagnostics, |_| Vec::new()));
                let refused = Refused { content, read_faults: found, diagnostics: diagnostics.clone() };
                looking.refused = Some(refused);
                self.in_force.note_rejected(diagnostics)
            }
        }
    }

    /// The diagnostic of a fault that is no file's.
    fn internal(&self, code: Code, message: &str) -> Vec<Diagnostic> {
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

    // A look that panicked leaves it as usable as before.
    fn looking(&self) -> MutexGuard<'_, Looking> {
        self.looking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
