//! `quell playbooks`: what they can call, and the switch that holds all of them.

mod reference;
mod switch;

use super::{Context, Exit, Failure};

/// Look up what playbooks can call; hold all of them, or let them go on
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  quell playbooks reference
  quell playbooks disarm --why 'change freeze'
  quell playbooks arm")]
pub(super) enum Command {
    Reference(reference::Args),
    /// Hold all playbooks: no run begins or goes on and nothing is sent, until they are armed again
    #[command(after_help = "Examples:
  quell playbooks disarm
  quell playbooks disarm --why 'change freeze'")]
    Disarm(switch::DisarmArgs),
    /// Let playbooks go on
    #[command(after_help = "Examples:
  quell playbooks arm")]
    Arm(switch::ArmArgs),
}

/// Runs one of the commands.
pub(super) fn run(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Reference(args) => reference::run(args, context),
        Command::Disarm(args) => switch::disarm(args, context),
        Command::Arm(args) => switch::arm(args, context),
    }
}
