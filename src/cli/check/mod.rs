//! `quell check`: compiles everything and reports every fault of every file.

mod args;
mod expired;
mod report;
mod run;
mod selection;

pub(super) use args::Args;
pub(super) use run::run;
