//! The script engine as Quell ships it: chosen packages, every limit set, every hole of the stock engine closed.

mod bounded;
mod build;
mod library;
pub(super) mod meter;

pub(super) use build::{CALL_LEVELS, compile_scope, engine};
pub(super) use library::Library;
