//! What parent and worker say to each other.

use crate::digest::Digest;
use crate::playbook::Activation;
use serde::{Deserialize, Serialize};

/// The first frame a worker reads. It answers with [`Reply::Ready`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The address space it is to allow itself.
    pub memory_bytes: u64,
}

/// Every frame after that: one activation. The parent sends it with references, the worker reads it with values.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Step<P, I> {
    /// The program's digest.
    pub digest: Digest,
    /// The program, once the worker has said that it lacks something.
    pub program: Option<P>,
    /// What the run is stepped with: what is new of it, until the worker has said that it lacks something.
    pub input: I,
    /// Most operations.
    pub operations: u64,
    /// Wall-clock time from here, in milliseconds.
    pub deadline_ms: u64,
}

/// What a worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// It has limited itself and waits for work.
    Ready,
    /// It does not hold the program, or does not remember the run; the same step is to be sent with everything.
    Missing,
    /// What came of the step.
    Stepped(Activation),
}
