//! `quell explain`: why an alert was dismissed or not, by every filter or by one, clause by clause; or what a
//! diagnostic's code means.

pub(super) mod draw;
mod subject;

use super::options::{DaemonArgs, Format, converse};
use super::{Context, Exit, Failure};
use crate::diag::Page;
use crate::id::{AlertId, RuleId};
use serde_json::json;
use subject::Subject;

/// Explain an alert: which filters it meets and why, and which came nearest. Or a diagnostic's code
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell explain al_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell explain al_06dvzq1jm8q3x9k2n4r5t6v7w8 --filter scanner-ssh-logins
  quell explain al_06dvzq1jm8q3x9k2n4r5t6v7w8 --format json | jq '.nearest[0]'
  quell explain M001

Of an alert the recorded verdict is shown first; then the filters that are running now are asked.
A code is one that quell check prints, in any case; no daemon is asked about it.")]
pub(super) struct Args {
    /// An alert's id, or a diagnostic's code
    #[arg(value_name = "ALERT-ID|CODE", value_parser = Subject::parse)]
    subject: Subject,
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

/// Explains the alert or the code.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.subject {
        Subject::Alert(id) => alert(id, args, context),
        Subject::Code(_) if args.filter.is_some() => {
            Err(Failure::Usage("--filter is for an alert; a code has nothing to do with one filter".to_owned()))
        }
        Subject::Code(page) => code(*page, args.format, context),
    }
}

fn alert(id: &AlertId, args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/alerts/{id}/explain");
    let query: Vec<_> = args.filter.iter().map(|id| ("filter", id.to_string())).collect();
    let answer = converse(async { Ok(client.get(&path, &query).await?) })?;
    match args.format {
        Format::Json => context.terminal.verbatim(answer.text())?,
        Format::Text => context.terminal.data(&draw::text(&answer.json()?, args.filter.is_some()))?,
    }
    Ok(Exit::Fine)
}

fn code(page: Page, format: Format, context: &Context) -> Result<Exit, Failure> {
    match format {
        Format::Json => context.terminal.verbatim(&json!({"code": page.id, "markdown": page.text}).to_string())?,
        Format::Text => context.terminal.verbatim(page.text)?,
    }
    Ok(Exit::Fine)
}
