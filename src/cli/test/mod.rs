//! `quell test`: runs the tests that stand beside filters and playbooks.

mod args;
mod cover;
mod junit;
mod run;
mod samples;
mod text;

pub(super) use args::Args;
pub(super) use run::run;
