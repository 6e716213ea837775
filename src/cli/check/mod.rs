//! `quell check`: compiles everything and reports every fault of every file.

mod args;
mod expired;
mod report;
mod run;
#[cfg(test)]
mod tests;

pub(super) use args::Args;
pub(super) use run::run;
