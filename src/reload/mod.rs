//! From folder to live ruleset: reads the files whole, stamps them with their commit, compiles, swaps; again whenever
//! something changes.

mod checkout;
mod chronicle;
pub mod codes;
mod committed;
mod git;
mod in_force;
mod listing;
mod loader;
mod places;
mod read;
mod reloader;
mod report;
mod revision;
mod rollback;
mod settings;
#[cfg(test)]
mod tests;
mod tree;
mod watch;

pub use committed::{CommitFault, read_commit};
pub use git::NameFault;
pub use in_force::Outcome;
pub use read::read_sources;
pub use reloader::Reloader;
pub use report::{LastReload, RolledBackReport, RulesetReport};
pub use rollback::RollbackFault;
pub use settings::Settings;
