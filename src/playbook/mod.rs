//! Playbooks: front matter, compilation and lint of a Rhai script, and the pure stepper that runs one against its
//! journal.

mod brackets;
pub mod codes;
mod compile;
mod engine;
mod front;
mod host;
mod imports;
mod journal;
mod json_text;
mod lint;
mod program;
mod reference;
mod source;
mod step;
mod syntax;
mod value;

pub use crate::clock::duration;
pub use compile::{Playbook, check_module, compile};
pub use front::{RunLimits, Trigger, format_front_matter, parts as front_and_script};
pub use host::{Gives, HostFn, Kind, Receiver, TABLE as HOST_FUNCTIONS};
pub use journal::{
    Activation, AlertChange, ApprovalSpec, Effect, EmailSpec, Entry, LogLine, NewStep, Outcome, RequestSpec, RunError,
    Settled, StepError, StepKey,
};
pub use json_text::JsonText;
pub use program::{HOST_API_VERSION, Program};
pub use reference::{definitions, page};
pub use source::SOURCE_BYTES;
pub use step::{Block, Compiled, Known, ReadAlert, StepInput, StepLimits, Traced, load, step, step_known, trace};
