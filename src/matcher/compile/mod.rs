//! From a YAML node to a condition: every key, modifier, value and selection checked against the schema.

mod clause;
mod compiler;
mod grammar;
mod key;
mod place;
mod selection;
mod value;

pub use compiler::compile;
pub(crate) use place::shown;
