//! Keeps the live ruleset equal to the files: on demand, when they change, and every so often.

use super::Settings;
use super::chronicle::Chronicle;
use super::in_force::{InForce, Outcome};
use super::loader::Loader;
use super::report::RulesetReport;
use super::rollback::RollbackFault;
use super::watch::Watch;
use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::ruleset::Live;
use crate::shutdown::Shutdown;
use crate::store::Store;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{sleep, timeout};

/// Changes come in bursts; the files are looked at once nothing has changed for this long.
const QUIET: Duration = Duration::from_millis(100);
/// However long a burst lasts, the files are looked at after this.
const LONGEST_BURST: Duration = Duration::from_secs(1);
/// How often the files are looked at where changes cannot be watched.
const BLIND: Duration = Duration::from_secs(2);
/// Callers that may wait for the next look.
const MOST_CALLERS: usize = 64;
/// The compilers recurse into what authors nest; the stack is deeper than their limits allow to need.
const STACK: usize = 64 * 1024 * 1024;

/// Keeps a live ruleset equal to the files it is made from.
pub struct Reloader {
    in_force: Arc<InForce>,
    loader: Arc<Loader>,
    callers: mpsc::Sender<oneshot::Sender<Outcome>>,
}

impl Reloader {
    /// Loads the files into `live` and keeps it up to date until a stop is asked for.
    ///
    /// # Errors
    /// Every finding, if the files as they are do not make a ruleset and none has decided before.
    pub async fn start(
        settings: Settings,
        live: Arc<Live>,
        store: Arc<dyn Store>,
        clock: SharedClock,
        shutdown: &Shutdown,
    ) -> Result<Self, Vec<Diagnostic>> {
        let wake = Arc::new(Notify::new());
        let chronicle = Chronicle::new(store, settings.tell_changes);
        let in_force = Arc::new(InForce::new(settings.clone(), live, chronicle, clock.clone()));
        let watch = Watch::new(wake.clone());
        let loader = Arc::new(Loader::new(settings, in_force.clone(), clock, watch, shutdown.clone()));
        if let Outcome::Rejected(found) = look(&loader, &in_force).await {
            let refused = found.clone();
            // A bad commit keeps no restart from taking alerts: what decided before goes on.
            let goes_on =
                !shutdown.is_stopping() && on_own_thread(&in_force, |it| it.resume(refused)).await == Some(true);
            if !goes_on {
                return Err(found);
            }
        }
        let (callers, called) = mpsc::channel(MOST_CALLERS);
        shutdown.spawn(keep_up(loader.clone(), in_force.clone(), called, wake, shutdown.clone()));
        Ok(Self { in_force, loader, callers })
    }

    /// Looks at the files now. Callers who ask while a look is under way share the next one, which begins after they
    /// asked and so sees what they wrote.
    pub async fn reload(&self) -> Outcome {
        let (answer, answered) = oneshot::channel();
        // Neither fails unless the task that looks has ended. Its answer must not outlive a failed question.
        let asked = self.callers.send(answer).await.is_ok();
        match answered.await {
            Ok(outcome) if asked => outcome,
            _ => Outcome::Rejected(self.loader.stopping()),
        }
    }

    /// Puts an earlier set in force: the one before, or the kept generation that begins with these characters. It decides
    /// until the files hold something else than now.
    pub async fn roll_back(&self, wish: Option<String>, by: String) -> Result<(), RollbackFault> {
        let done = on_own_thread(&self.in_force, move |it| it.roll_back(wish.as_deref(), &by)).await;
        done.unwrap_or(Err(RollbackFault::Crashed))
    }

    /// The set in force and how the last look ended.
    pub fn report(&self) -> RulesetReport {
        self.in_force.report().expect("a reloader exists only once there is a set in force")
    }
}

/// Waits for a reason to look, looks, and tells whoever asked.
async fn keep_up(
    loader: Arc<Loader>,
    in_force: Arc<InForce>,
    mut called: mpsc::Receiver<oneshot::Sender<Outcome>>,
    wake: Arc<Notify>,
    shutdown: Shutdown,
) {
    loop {
        let patience = if loader.is_blind() { BLIND } else { loader.settings().rescan };
        let mut callers = Vec::new();
        tokio::select! {
            () = shutdown.stopping() => return,
            caller = called.recv() => match caller {
                Some(caller) => callers.push(caller),
                None => return,
            },
            () = wake.notified() => {
                tokio::select! {
                    () = shutdown.stopping() => return,
                    Some(caller) = called.recv() => callers.push(caller),
                    () = quiet(&wake) => {}
                }
            }
            () = sleep(patience) => {}
        }
        while let Ok(caller) = called.try_recv() {
            callers.push(caller);
        }
        let outcome = look(&loader, &in_force).await;
        for caller in callers {
            // A caller that no longer waits has lost nothing.
            let _ = caller.send(outcome.clone());
        }
    }
}

/// Resolves once a burst of changes is over.
async fn quiet(wake: &Notify) {
    let burst = async { while timeout(QUIET, wake.notified()).await.is_ok() {} };
    // Whether it ended or went on for too long: it is time to look.
    let _ = timeout(LONGEST_BURST, burst).await;
}

/// One look. If it panics the files are refused and the set in force stays.
async fn look(loader: &Arc<Loader>, in_force: &InForce) -> Outcome {
    let looked = on_own_thread(loader, Loader::look).await;
    looked.unwrap_or_else(|| in_force.note_rejected(loader.crashed()))
}

/// Has something done on a thread with a deep stack; none if it panicked.
async fn on_own_thread<S: Send + Sync + 'static, T: Send + 'static>(
    subject: &Arc<S>,
    work: impl FnOnce(&S) -> T + Send + 'static,
) -> Option<T> {
    let (answer, answered) = oneshot::channel();
    let own = subject.clone();
    let thread = std::thread::Builder::new().name("reload".to_owned()).stack_size(STACK);
    let spawned = thread.spawn(move || {
        // Nobody left to tell means that the daemon is stopping.
        let _ = answer.send(work(&own));
    });
    // A panic drops the sender, and that is the news.
    spawned.ok()?;
    answered.await.ok()
}
