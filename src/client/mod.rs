//! A small client of a daemon's own HTTP interface, for the command line.

mod answer;
mod api;
mod fault;
#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use api::Client;
pub use fault::{ClientError, Problem};
