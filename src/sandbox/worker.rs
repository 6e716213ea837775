//! A worker's whole life: limit itself, step what it is sent, end with its parent.

use super::frame;
use super::news::{News, Runs, Unfit};
use super::protocol::{Reply, Start, Step};
use super::recent::Recent;
use crate::clock::Stopwatch;
use crate::digest::Digest;
use crate::playbook::{Activation, Compiled, Outcome, Program, StepLimits, load, step_known};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use std::io::{self, stdin, stdout};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Stack of the thread that runs scripts: a value nested as deep as sizes allow is cloned and dropped on it.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Stack of the thread that only waits for the parent's end.
const WATCHER_STACK_BYTES: usize = 64 * 1024;

/// Programs a worker holds compiled.
const PROGRAMS: usize = 64;

/// Files a worker may have open: its three pipes and a little air.
const FILES: u64 = 16;

/// Seconds of processor time that a worker may use beyond an activation's deadline: its other threads have some too, and
/// the limit may be as old as it may get.
const PROCESSOR_MARGIN: u64 = 4;

/// How old the limit on a worker's processor time may get: saying it costs as much as a short script.
const LIMIT_AGE: Duration = Duration::from_secs(1);

type Work = Step<Program, News>;

/// Runs a worker until its standard input ends. Call it first thing in the process; it writes frames to standard
/// output, which nothing else may touch.
pub fn worker_main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("sandbox worker: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> io::Result<()> {
    let Some(start) = frame::read::<Start>(&mut stdin().lock())? else { return Ok(()) };
    limit(start.memory_bytes)?;
    let watcher = std::thread::Builder::new().name("parent".into()).stack_size(WATCHER_STACK_BYTES);
    watcher.spawn(end_with_the_parent)?;
    let runner = std::thread::Builder::new().name("script".into()).stack_size(STACK_BYTES);
    let runner = runner.spawn(run)?;
    reply(&Reply::Ready)?;
    runner.join().unwrap_or_else(|_| Err(io::Error::other("the script thread is gone")))
}

/// Ends this process once the parent is gone. A script may still be running; nobody waits for it, and it must not
/// outlive the daemon.
fn end_with_the_parent() {
    let input = stdin();
    loop {
        // Nothing is asked for, so that only the end of the pipe wakes this thread, never a step.
        let mut end = [PollFd::new(&input, PollFlags::empty())];
        if poll(&mut end, None).is_ok() && !end[0].revents().is_empty() {
            std::process::exit(0);
        }
    }
}

/// Limits this process for good: memory, no core dumps, hardly any files.
fn limit(memory_bytes: u64) -> io::Result<()> {
    // A kernel short of memory is to take a worker, never the daemon. Where that cannot be said, it goes on without.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    for (resource, most) in [(Resource::As, memory_bytes), (Resource::Core, 0), (Resource::Nofile, FILES)] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// The limit on this process's processor time.
#[derive(Default)]
struct ProcessorLimit(Option<(Stopwatch, Duration)>);

impl ProcessorLimit {
    /// Bounds the processor time until the next activation: the kernel ends a worker that nobody else can end, such as one
    /// whose parent was stopped.
    fn allow(&mut self, deadline: Duration) {
        if self.0.as_ref().is_some_and(|(since, known)| *known == deadline && since.elapsed() < LIMIT_AGE) {
            return;
        }
        let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec.unsigned_abs();
        let most = used + deadline.as_secs() + PROCESSOR_MARGIN;
        // The wall clock still ends a worker where this cannot be said.
        let _ = setrlimit(Resource::Cpu, Rlimit { current: Some(most), maximum: None });
        self.0 = Some((Stopwatch::start(), deadline));
    }
}

/// Steps what it is sent, until the input ends.
fn run() -> io::Result<()> {
    let (mut programs, mut runs) = (Recent::new(PROGRAMS), Runs::default());
    let mut processor = ProcessorLimit::default();
    while let Some(work) = frame::read::<Work>(&mut stdin().lock())? {
        let watch = Stopwatch::start();
        let deadline = Duration::from_millis(work.deadline_ms);
        let stop = Arc::new(move || watch.elapsed() > deadline);
        let limits = StepLimits { operations: work.operations, stop };
        processor.allow(deadline);
        reply(&perform(&mut programs, &mut runs, work, &limits))?;
    }
    Ok(())
}

fn perform(programs: &mut Recent<Digest, Compiled>, runs: &mut Runs, work: Work, limits: &StepLimits) -> Reply {
    if programs.get(&work.digest).is_none() {
        let Some(program) = work.program else { return Reply::Missing };
        match load(&program) {
            Ok(compiled) => programs.insert(work.digest, compiled),
            Err(error) => {
                let outcome = Outcome::Failed { error };
                return Reply::Stepped(Activation { new_steps: Vec::new(), logs: Vec::new(), outcome });
            }
        }
    }
    let compiled = programs.get(&work.digest).expect("it was held or has just been inserted");
    let mut run = match runs.hear(work.input) {
        Ok(run) => run,
        Err(Unfit::Forgotten) => return Reply::Missing,
        Err(Unfit::Unreadable(activation)) => return Reply::Stepped(*activation),
    };
    let activation = step_known(compiled, &mut run.known, limits);
    runs.stepped(run, &activation);
    Reply::Stepped(activation)
}

fn reply(reply: &Reply) -> io::Result<()> {
    let frame = frame::encode(reply).or_else(|too_large| frame::encode(&over_the_limit(too_large)));
    frame::write(&mut stdout().lock(), &frame.map_err(io::Error::other)?)
}

/// An activation that asks for more than a frame holds.
fn over_the_limit(too_large: frame::TooLarge) -> Reply {
    let error = super::ending::limit("journal", format!("the script asked for {too_large}"));
    Reply::Stepped(Activation { new_steps: Vec::new(), logs: Vec::new(), outcome: Outcome::Failed { error } })
}
