//! Worker processes that step playbooks: a script that hangs, eats memory or overflows a stack takes down a worker,
//! never the daemon.
//!
//! The parent keeps a pool of workers, the same binary started with a hidden command, and speaks to each over its
//! standard input and output in bounded frames. A worker holds compiled programs and what it was told of the runs it has
//! stepped lately, and no other state: nothing that a script has made outlives its activation.

mod ending;
mod frame;
mod news;
mod places;
mod pool;
mod process;
mod protocol;
mod recent;
mod settings;
mod worker;

pub use pool::{Sandbox, SandboxError};
pub use settings::{Settings, WorkerCommand};
pub use worker::worker_main;
