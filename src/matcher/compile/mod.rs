//! From a YAML node to a condition: every key, modifier, value and selection checked against the schema.

mod clause;
mod compiler;
mod encoding;
mod grammar;
mod key;
mod selection;
mod shown;
mod value;

pub use compiler::{compile, compile_with};
pub use grammar::{Logic, read_condition};
pub use key::MODIFIERS;
pub(crate) use shown::shown;
