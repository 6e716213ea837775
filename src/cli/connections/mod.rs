//! `quell connections`: whether they send, and letting one send again.

mod list;
mod resume;

use super::{Context, Exit, Failure};

/// See whether connections send, let one send again
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  quell connections list
  quell connections resume chat")]
pub(super) enum Command {
    List(list::Args),
    Resume(resume::Args),
}

/// Runs one of the commands.
pub(super) fn run(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(args, context),
        Command::Resume(args) => resume::run(args, context),
    }
}
