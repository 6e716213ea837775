//! `quell filters`: the filters that run, what they have done, and which to look at.

mod enforce;
mod list;
mod report;
mod row;
mod show;

use super::{Context, Exit, Failure};
use crate::id::RuleId;

/// See the filters that run, what they have dismissed, and which of them to look at
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  quell filters list
  quell filters show kubernetes-controllers
  quell filters report
  quell filters enforce new-scanner")]
pub(super) enum Command {
    List(list::Args),
    Show(show::Args),
    Report(report::Args),
    Enforce(enforce::Args),
}

/// Runs one of the commands.
pub(super) fn run(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Report(args) => report::run(args, context),
        Command::Enforce(args) => enforce::run(args, context),
    }
}

fn id(text: &str) -> Result<RuleId, String> {
    RuleId::new(text).ok_or_else(|| RuleId::SHAPE.to_owned())
}
