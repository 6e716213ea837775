//! The pool: as many activations at a time as there are workers, each worker replaced when it is lost or worn.

use super::ending;
use super::places::{Place, Places};
use super::process::{Lost, Worker};
use super::recent::Recent;
use super::settings::{Settings, WorkerCommand};
use crate::digest::Digest;
use crate::id::RunId;
use crate::playbook::{Activation, Outcome, Program, StepInput};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::timeout;

/// Workers a run may lose in a row before it is the run that is given up. One that has the kernel kill its worker each
/// time would otherwise be tried for ever.
const LOSSES: u32 = 5;

/// Runs whose losses are remembered.
const UNLUCKY_RUNS: usize = 1024;

/// A pool of workers. Clones are the same pool; the last one dropped ends its workers.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    settings: Settings,
    command: WorkerCommand,
    places: Arc<Places>,
    /// Workers lost in a row while they had a run's step, by run.
    losses: Mutex<Recent<RunId, u32>>,
}

/// The sandbox itself failed; no script is to blame, and the step can be tried again later.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No worker can be started.
    #[error("cannot start a sandbox worker with `{program}`: {source}")]
    Start {
        /// The program tried.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// Worker after worker was lost through no fault of the script.
    #[error("the sandbox worker was lost, and so was the one after it: {how}")]
    Lost {
        /// How the last one was.
        how: String,
    },
}

/// What one worker made of a step.
enum Attempt {
    /// An activation, be it the script's own or that of a limit it broke.
    Ended(Activation),
    /// The worker was lost through no fault that can be laid at the script's door.
    Innocent {
        /// How it was lost.
        how: String,
        /// Whether it was the worker that ended. If not, it was too slow to begin, and the script has done nothing.
        ended: bool,
    },
}

impl Sandbox {
    /// Starts the pool with all its workers.
    ///
    /// # Errors
    /// A worker cannot be started.
    pub async fn start(settings: Settings, mut command: WorkerCommand) -> Result<Self, SandboxError> {
        // Workers run in the root folder, where a relative path would mean something else.
        if let Ok(program) = std::path::absolute(&command.program) {
            command.program = program;
        }
        let workers = settings.workers.max(1);
        let losses = Mutex::new(Recent::new(UNLUCKY_RUNS));
        let sandbox = Self(Arc::new(Pool { settings, command, places: Arc::default(), losses }));
        for _ in 0..workers {
            let worker = sandbox.0.fresh_worker().await?;
            sandbox.0.places.add(worker);
        }
        Ok(sandbox)
    }

    /// How many scripts run at once.
    pub fn workers(&self) -> usize {
        self.0.settings.workers.max(1)
    }

    /// Steps a run in a worker: waits for a free one, then at most the deadline and its grace. A script that hangs,
    /// crashes or eats memory gives an activation that says so, and so does a run that loses its worker again and again.
    ///
    /// # Errors
    /// No worker can be started, or two were lost through no fault of the script: the step can be tried again later.
    pub async fn step(
        &self,
        program: &Arc<Program>,
        digest: Digest,
        input: StepInput,
    ) -> Result<Activation, SandboxError> {
        let (pool, input) = (&self.0, Arc::new(input));
        let run = &input.run;
        let mut place = pool.places.take(run).await;
        let worker = match place.worker.take() {
            Some(worker) => worker,
            None => pool.fresh_worker().await?,
        };
        match pool.settled(run, pool.attempt(worker, &mut place, program, digest, &input).await) {
            Ok(activation) => return Ok(activation),
            Err(how) => tracing::warn!(%run, how, "a sandbox worker was lost; trying a fresh one"),
        }
        let worker = pool.fresh_worker().await?;
        let attempt = pool.attempt(worker, &mut place, program, digest, &input).await;
        pool.settled(run, attempt).map_err(|how| SandboxError::Lost { how })
    }
}

impl Pool {
    async fn fresh_worker(&self) -> Result<Worker, SandboxError> {
        Worker::start(&self.command, &self.settings)
            .await
            .map_err(|source| SandboxError::Start { program: self.command.program.display().to_string(), source })
    }

    /// The activation an attempt came to, or how its worker was lost if it is worth another one.
    fn settled(&self, run: &RunId, attempt: Attempt) -> Result<Activation, String> {
        let mut losses = self.losses.lock().unwrap_or_else(PoisonError::into_inner);
        let (how, ended) = match attempt {
            Attempt::Ended(activation) => {
                losses.remove(run);
                return Ok(activation);
            }
            Attempt::Innocent { how, ended } => (how, ended),
        };
        let lost = losses.get(run).copied().unwrap_or(0) + u32::from(ended);
        if lost >= LOSSES {
            losses.remove(run);
            return Ok(ending::given_up(lost, &how));
        }
        if ended {
            losses.insert(run.clone(), lost);
        }
        Err(how)
    }

    /// Leaves the worker in the place if it is as good as before.
    async fn attempt(
        &self,
        mut worker: Worker,
        place: &mut Place,
        program: &Program,
        digest: Digest,
        input: &Arc<StepInput>,
    ) -> Attempt {
        let patience = self.settings.step_deadline + self.settings.grace;
        let stepped = timeout(patience, worker.step(program, digest, input, &self.settings)).await;
        match stepped {
            Ok(Ok(activation)) => {
                if is_sound(&activation) && worker.performed < self.settings.activations_per_worker {
                    place.worker = Some(worker);
                }
                Attempt::Ended(activation)
            }
            Ok(Err(Lost::TooLarge(bytes))) => {
                place.worker = Some(worker);
                Attempt::Ended(ending::journal_too_large(bytes))
            }
            Ok(Err(Lost::Broken)) => {
                let has_begun = worker.has_begun();
                let (status, said) = worker.remains().await;
                if has_begun && !ending::is_from_outside(status) {
                    Attempt::Ended(ending::crashed(status, &said))
                } else {
                    Attempt::Innocent { how: ending::manner(status), ended: true }
                }
            }
            Err(_) => {
                let has_begun = worker.has_begun();
                worker.kill().await;
                if has_begun {
                    Attempt::Ended(ending::out_of_time(patience))
                } else {
                    let how = format!("it did not begin within {} ms", patience.as_millis());
                    Attempt::Innocent { how, ended: false }
                }
            }
        }
    }
}

/// Whether a worker is as good as before after an activation: not if it panicked or ran out of memory.
fn is_sound(activation: &Activation) -> bool {
    let Outcome::Failed { error } = &activation.outcome else { return true };
    error.kind != "sandbox" && error.limit.as_deref() != Some("memory")
}
