//! What a command that serves needs of its process: a runtime, the signals that end it, and its own binary.

use super::Failure;
use crate::sandbox::WorkerCommand;
use crate::shutdown::Shutdown;
use tokio::signal::unix::{SignalKind, signal};

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
