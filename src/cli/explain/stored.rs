//! A stored alert: the daemon is asked.

use super::{Args, Generation, draw};
use crate::cli::options::{Format, converse};
use crate::cli::{Context, Exit, Failure};
use crate::id::AlertId;

pub(super) fn run(id: &AlertId, args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.config.rules.is_some() || args.config.playbooks.is_some() {
        let message = "the daemon explains a stored alert by its own rules; --rules and --playbooks go with --events";
        return Err(Failure::Usage(message.to_owned()));
    }
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/alerts/{id}/explain");
    let mut query: Vec<_> = args.filter.iter().map(|id| ("filter", id.to_string())).collect();
    if args.generation == Generation::Decided {
        query.push(("generation", "decided".to_owned()));
    }
    let answer = converse(async { Ok(client.get(&path, &query).await?) })?;
    match args.format {
        Format::Json => context.terminal.verbatim(answer.text())?,
        Format::Text => context.terminal.data(&draw::text(&answer.json()?, args.filter.is_some()))?,
    }
    Ok(Exit::Fine)
}
