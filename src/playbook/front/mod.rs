//! Front matter: the leading `//!` lines of a playbook, YAML that says when it runs and what it may use.

mod format;
mod header;
mod read;

pub use format::format_front_matter;
pub use header::{RunLimits, Trigger};
pub use read::{length, parts, read};
