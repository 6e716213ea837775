//! `quell alerts`: what a daemon holds, as a list and one by one.

mod list;
mod show;

use super::{Context, Exit, Failure};

/// Look at a running daemon's alerts
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  quell alerts list
  quell alerts list --severity high,critical --since 24h
  quell alerts show al_06dvzq1jm8q3x9k2n4r5t6v7w8")]
pub(super) enum Command {
    List(Box<list::Args>),
    Show(show::Args),
}

/// Runs one of the commands.
pub(super) fn run(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(args, context),
        Command::Show(args) => show::run(args, context),
    }
}
