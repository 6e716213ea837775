//! `quell dead-letters`: requests that were given up.

mod change;
mod list;
mod show;

use super::{Context, Exit, Failure};

/// Look at requests that were given up, send them again
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  quell dead-letters list
  quell dead-letters show msg_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell dead-letters redrive msg_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell dead-letters redrive --connection chat --dry-run")]
pub(super) enum Command {
    List(list::Args),
    Show(show::Args),
    /// Send them again, with the same ids and bytes; their runs have gone on and are not told
    #[command(after_help = "Examples:
  quell dead-letters redrive msg_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell dead-letters redrive --connection chat --dry-run
  quell dead-letters redrive --all")]
    Redrive(change::Args),
    /// Mark them as never to be sent
    #[command(after_help = "Examples:
  quell dead-letters discard msg_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell dead-letters discard --connection chat --dry-run")]
    Discard(change::Args),
}

/// Runs one of the commands.
pub(super) fn run(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Redrive(args) => change::run(args, change::Verb::Redrive, context),
        Command::Discard(args) => change::run(args, change::Verb::Discard, context),
    }
}
