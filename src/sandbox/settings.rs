//! How many workers there are, what each may use, and how one is started.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The pool's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Worker processes, and so activations at a time.
    pub workers: usize,
    /// Wall-clock time of one activation, compilation included.
    pub step_deadline: Duration,
    /// What a worker is given beyond the deadline to say so itself before it is killed.
    pub grace: Duration,
    /// Address space of a worker, in bytes. A quarter of the default is taken before any script runs.
    pub memory_bytes: u64,
    /// Operations of one activation.
    pub operations: u64,
    /// Activations after which a worker is replaced, so that whatever a script leaked goes with it.
    pub activations_per_worker: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            workers: cores.min(4),
            step_deadline: Duration::from_secs(1),
            grace: Duration::from_millis(250),
            memory_bytes: 512 * 1024 * 1024,
            operations: 100_000,
            activations_per_worker: 10_000,
        }
    }
}

/// How a worker is started: this binary with the hidden command. It gets no environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}
