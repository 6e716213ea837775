//! The canonical alert: one normalised finding of a detector, in the vocabulary of Defender for Cloud.

pub mod field;
mod model;
mod severity;
mod status;
mod steps;
mod text;
pub mod time;

/// The source of what Quell itself has to say. Nothing from outside has it.
pub const OWN_SOURCE: &str = "quell";

pub use model::{Alert, Entity, Link, Raw, Resource};
pub use severity::Severity;
pub use status::Status;
pub use steps::{
    AT_ONCE, DEEPEST, LOOK, Steps, alike, begins_number, begins_with, same_bytes, short_string, spell_out,
};
pub use text::{AlertText, plain};
