//! Playbooks: front matter, compilation and lint of a Rhai script, and the pure stepper that runs one against its
//! journal.

mod journal;
mod program;

pub use journal::{
    Activation, AlertChange, Effect, Entry, LogLine, NewStep, Outcome, RequestSpec, RunError, Settled, StepError,
    StepKey,
};
pub use program::{HOST_API_VERSION, Program};
