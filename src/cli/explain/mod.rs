//! `quell explain`: why an alert was dismissed or not, by every filter or by one, clause by clause.

mod draw;

use super::options::{DaemonArgs, Format, converse};
use super::{Context, Exit, Failure};
use crate::id::{AlertId, RuleId};

/// Explain an alert: which filters it meets and why, and which came nearest
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell explain al_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell explain al_06dvzq1jm8q3x9k2n4r5t6v7w8 --filter scanner-ssh-logins
  quell explain al_06dvzq1jm8q3x9k2n4r5t6v7w8 --format json | jq '.nearest[0]'

The recorded verdict is shown first; then the filters that are running now are asked.")]
pub(super) struct Args {
    /// The alert's id
    id: AlertId,
    /// Only this filter
    #[arg(long, value_name = "ID", value_parser = filter_id)]
    filter: Option<RuleId>,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

fn filter_id(text: &str) -> Result<RuleId, String> {
    RuleId::new(text).ok_or_else(|| format!("not an id: {}", RuleId::SHAPE))
}

/// Explains the alert.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/alerts/{}/explain", args.id);
    let query: Vec<_> = args.filter.iter().map(|id| ("filter", id.to_string())).collect();
    let answer = converse(async { Ok(client.get(&path, &query).await?) })?;
    match args.format {
        Format::Json => context.terminal.verbatim(answer.text())?,
        Format::Text => context.terminal.data(&draw::text(&answer.json()?, args.filter.is_some()))?,
    }
    Ok(Exit::Fine)
}
