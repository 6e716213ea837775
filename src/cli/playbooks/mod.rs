//! `quell playbooks`: what helps to write playbooks.

mod reference;

use super::{Context, Exit, Failure};

/// Help with writing playbooks
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  quell playbooks reference                             every function a playbook can call
  quell playbooks reference --format rhai > quell.d.rhai  the same for an editor")]
pub(super) enum Command {
    Reference(reference::Args),
}

/// Runs one of the commands.
pub(super) fn run(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Reference(args) => reference::run(args, context),
    }
}
