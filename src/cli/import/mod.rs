//! `quell import`: other systems' suppression rules as native filters.

mod args;
mod report;
mod run;

pub(super) use args::Args;
pub(super) use run::run;
