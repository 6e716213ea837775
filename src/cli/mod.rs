//! The command line: one file or folder a command, and the closed list of exit codes.

mod alerts;
mod approvals;
mod check;
mod command;
mod connections;
mod context;
mod dead_letters;
mod demo;
mod diff;
mod entry;
mod exit;
mod explain;
mod failure;
mod files;
mod filters;
mod fmt;
mod import;
mod init;
mod options;
mod playbooks;
mod process;
mod reload;
mod runs;
mod schema;
mod serve;
mod sets;
mod show;
mod simulate;
mod status;
mod terminal;
mod test;

pub use context::Context;
pub use entry::main;
pub use exit::Exit;
pub use failure::Failure;
pub use terminal::Terminal;
