//! `quell filters enforce`.

use crate::cli::options::{DaemonArgs, converse};
use crate::cli::{Context, Exit, Failure};
use crate::id::RuleId;

/// Let a filter that is held dismiss again, for as long as its text stays as it is
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell filters list --format json | jq -r '.items[] | select(.held) | .id'
  quell filters enforce new-scanner

A filter is held when its version is younger than a day and it has dismissed more than `policy.budget` allows. Another text \
    of the filter is not held.")]
pub(in crate::cli) struct Args {
    /// The filter's id
    #[arg(value_parser = super::id)]
    id: RuleId,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Lets it go on.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/ruleset/filters/{}/enforce", args.id);
    converse(async { Ok(client.post(&path).await?) })?;
    context.terminal.data(&format!("{} dismisses again", args.id))?;
    Ok(Exit::Fine)
}
