//! `quell runs`: what playbooks did and are doing.

mod list;
mod show;
mod wish;

use super::{Context, Exit, Failure};

/// Look at what playbooks did and are doing
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  quell runs list
  quell runs list --status failed,expired
  quell runs show run_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell runs cancel run_06dvzq1jm8q3x9k2n4r5t6v7w8")]
pub(super) enum Command {
    List(Box<list::Args>),
    Show(show::Args),
    Start(wish::StartArgs),
    /// End a run: its steps in flight, its questions and the runs it started end with it
    #[command(after_help = "Examples:
  quell runs cancel run_06dvzq1jm8q3x9k2n4r5t6v7w8")]
    Cancel(wish::RunArgs),
    /// Run a run's playbook once more for the same alert, as the running rules have it now
    #[command(after_help = "Examples:
  quell runs rerun run_06dvzq1jm8q3x9k2n4r5t6v7w8")]
    Rerun(wish::RunArgs),
}

/// Runs one of the commands.
pub(super) fn run(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Start(args) => wish::start(args, context),
        Command::Cancel(args) => wish::cancel(args, context),
        Command::Rerun(args) => wish::rerun(args, context),
    }
}
