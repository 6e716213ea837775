//! `quell connections resume`.

use crate::cli::options::{DaemonArgs, converse};
use crate::cli::{Context, Exit, Failure};

/// Let a connection send again at once: one that is paused, held, or rests because its receiver was down
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell connections resume chat")]
pub(in crate::cli) struct Args {
    /// The connection
    name: String,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Resumes it.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/connections/{}/resume", args.name);
    converse(async { Ok(client.post(&path).await?) })?;
    context.terminal.data(&format!("{} sends again", args.name))?;
    Ok(Exit::Fine)
}
