//! `quell approvals`: questions that playbooks ask, and answers to them.

mod answer;
mod list;

use super::{Context, Exit, Failure};

/// Answer what playbooks ask
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  quell approvals list
  quell approvals approve apr_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell approvals deny apr_06dvzq1jm8q3x9k2n4r5t6v7w8 --comment 'known scanner'")]
pub(super) enum Command {
    List(list::Args),
    /// Say yes: the run goes on with `approved: true`
    #[command(after_help = "Examples:
  quell approvals approve apr_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell approvals approve apr_06dvzq1jm8q3x9k2n4r5t6v7w8 --comment 'called the owner'")]
    Approve(answer::Args),
    /// Say no: the run goes on with `approved: false`
    #[command(after_help = "Examples:
  quell approvals deny apr_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell approvals deny apr_06dvzq1jm8q3x9k2n4r5t6v7w8 --comment 'known scanner'")]
    Deny(answer::Args),
}

/// Runs one of the commands.
pub(super) fn run(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(args, context),
        Command::Approve(args) => answer::run(args, true, context),
        Command::Deny(args) => answer::run(args, false, context),
    }
}
