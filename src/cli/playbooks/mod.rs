//! `quell playbooks`: the switch that holds all of them.

mod switch;

use super::{Context, Exit, Failure};

/// Hold all playbooks, or let them go on
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  quell playbooks disarm --why 'change freeze'
  quell playbooks arm")]
pub(super) enum Command {
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
        Command::Disarm(args) => switch::disarm(args, context),
        Command::Arm(args) => switch::arm(args, context),
    }
}
