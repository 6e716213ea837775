//! Suppression filters: the YAML document, and the compiled filter with its guard rail and its term.

pub mod codes;
mod compile;
mod inline_tests;
mod model;
mod schedule;
#[cfg(test)]
mod tests;

pub use compile::compile_file;
pub use inline_tests::{Expectation, FilterTest, compile_tests};
pub use model::{Filter, Mode};
pub use schedule::Schedule;
