//! One worker process as its parent sees it.

use super::frame;
use super::news::{Remembered, Told};
use super::protocol::{Reply, Start, Step};
use super::settings::{Settings, WorkerCommand};
use crate::digest::Digest;
use crate::id::RunId;
use crate::playbook::{Activation, Program, StepInput};
use rustix::io::ioctl_fionread;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a process may take to become a worker.
const START: Duration = Duration::from_secs(10);

/// How long the remains of a dead worker are waited for.
const REMAINS: Duration = Duration::from_secs(1);

/// What is kept of what a worker writes to standard error: enough for the reason of a crash.
const SAID_BYTES: usize = 4096;

/// A running worker. Dropped, it is killed.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    said: JoinHandle<String>,
    /// What it was told, as far as it remembers.
    remembered: Remembered,
    /// Activations it has performed.
    pub performed: u32,
}

/// Why a worker gave no activation.
#[derive(Debug)]
pub enum Lost {
    /// The worker's streams ended or made no sense.
    Broken,
    /// The step does not fit a frame.
    TooLarge(usize),
}

impl Worker {
    /// Starts a process and waits until it is ready to work.
    ///
    /// # Errors
    /// The process cannot be started, or is not a worker.
    pub async fn start(command: &WorkerCommand, settings: &Settings) -> io::Result<Self> {
        let mut child = Command::new(&command.program)
            .args(&command.args)
            .env_clear()
            // Or the allocator would set a GiB of addresses aside, which is more than the worker is to have.
            .env("MIMALLOC_ARENA_RESERVE", "32MiB")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A Ctrl-C in the terminal is for the daemon, which ends its workers when it is done with them.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("the worker has no pipes");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        let said = tokio::spawn(tail(child.stderr.take().ok_or_else(missing)?));
        let mut worker = Self { child, input, output, said, remembered: Remembered::default(), performed: 0 };
        let hello = frame::encode(&Start { memory_bytes: settings.memory_bytes }).map_err(io::Error::other)?;
        let greeted = async {
            frame::send(&mut worker.input, &hello).await?;
            frame::receive::<Reply>(&mut worker.output).await
        };
        match timeout(START, greeted).await {
            Ok(Ok(Reply::Ready)) => Ok(worker),
            Ok(Ok(_)) => Err(io::Error::other("the process does not speak as a worker does")),
            Ok(Err(fault)) => {
                let (status, said) = worker.remains().await;
                let status = status.map_or("no exit status".to_owned(), |status| status.to_string());
                Err(io::Error::other(format!("the process ended before it was ready ({status}): {fault} {said}")))
            }
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the process was not ready in 10 s")),
        }
    }

    /// Has one step performed.
    pub async fn step(
        &mut self,
        program: &Program,
        digest: Digest,
        input: &Arc<StepInput>,
        settings: &Settings,
    ) -> Result<Activation, Lost> {
        self.performed += 1;
        let deadline_ms = u64::try_from(settings.step_deadline.as_millis()).unwrap_or(u64::MAX);
        let told = self.remembered.news(input);
        let mut step = Step { digest, program: None, input: told, operations: settings.operations, deadline_ms };
        loop {
            let frame = frame::encode(&step).map_err(|frame::TooLarge(bytes)| Lost::TooLarge(bytes))?;
            frame::send(&mut self.input, &frame).await.map_err(|_| Lost::Broken)?;
            match frame::receive::<Reply>(&mut self.output).await.map_err(|_| Lost::Broken)? {
                Reply::Stepped(activation) => {
                    self.remembered.stepped(input, &activation);
                    return Ok(activation);
                }
                Reply::Missing if step.program.is_none() => {
                    step = Step { program: Some(program), input: Told::whole(input), ..step };
                }
                _ => return Err(Lost::Broken),
            }
        }
    }

    /// Whether it remembers a run.
    pub fn remembers(&self, run: &RunId) -> bool {
        self.remembered.has(run)
    }

    /// Whether it has read what it was sent last: whatever happened to it since, the script may be the cause. Where the
    /// system does not say, it has.
    pub fn has_begun(&self) -> bool {
        !matches!(ioctl_fionread(&self.input), Ok(1..))
    }

    /// What is left of a worker: how it ended, and the tail of what it said. Kills it if it has not ended.
    pub async fn remains(mut self) -> (Option<ExitStatus>, String) {
        drop(self.input);
        let ended = timeout(REMAINS, self.child.wait()).await;
        let status = ended.ok().and_then(Result::ok);
        if status.is_none() {
            // It has closed its streams and goes on: not something a worker does.
            let _ = self.child.kill().await;
        }
        let said = timeout(REMAINS, self.said).await.ok().and_then(Result::ok);
        (status, said.unwrap_or_default())
    }

    /// Ends a worker that did not stop in time, and waits until it is gone.
    pub async fn kill(mut self) {
        // An error means that it ended by itself in this very moment.
        let _ = self.child.kill().await;
    }
}

/// The last few kilobytes of a stream.
async fn tail(mut from: impl AsyncRead + Unpin) -> String {
    let (mut kept, mut chunk) = (Vec::new(), [0; 1024]);
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..read]);
        let surplus = kept.len().saturating_sub(SAID_BYTES);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
