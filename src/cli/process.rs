//! What a command that serves needs of its process: a runtime, the signals that end it, and its own binary.

use super::Failure;
use crate::sandbox::WorkerCommand;
use crate::shutdown::Shutdown;
use tokio::signal::unix::{SignalKind, signal};

/// Authors nest rules deep and scripts nest values deep: both are worked on with the stack a daemon gives them.
const STACK_BYTES: usize = 64 << 20;

/// Does work that recurses into what authors wrote.
pub fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let thread = thread.map_err(|fault| Failure::Daemon(format!("no thread to work on: {fault}")))?;
        thread.join().map_err(|_| Failure::Daemon("the work ended its thread; this is a fault of Quell".to_owned()))
    })
}

/// Runs `serve` until it ends; SIGINT and SIGTERM ask it to stop.
pub fn with_runtime<F, S>(serve: F) -> Result<(), Failure>
where
    F: FnOnce(Shutdown) -> S,
    S: Future<Output = Result<(), Failure>>,
{
    let unusable = |fault: std::io::Error| Failure::Daemon(format!("the runtime does not start: {fault}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(unusable)?;
    runtime.block_on(async {
        let shutdown = Shutdown::new();
        let mut interrupted = signal(SignalKind::interrupt()).map_err(unusable)?;
        let mut terminated = signal(SignalKind::terminate()).map_err(unusable)?;
        let stop = shutdown.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            stop.stop();
            // Whoever asks twice does not want to wait.
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            std::process::exit(130);
        });
        serve(shutdown).await
    })
}

/// How a worker process is started: this very binary.
pub fn worker() -> Result<WorkerCommand, Failure> {
    let unknown = |fault| Failure::Daemon(format!("this binary cannot be found, to start workers from: {fault}"));
    let program = std::env::current_exe().map_err(unknown)?;
    Ok(WorkerCommand { program, args: vec!["sandbox-worker".into()] })
}
