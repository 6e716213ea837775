//! `quell explain`: why an alert was dismissed or not, by every filter or by one, clause by clause; or what a
//! diagnostic's code means.

pub(super) mod draw;
mod events;
mod stored;
mod subject;

use super::options::{ConfigArgs, DaemonArgs, Format};
use super::{Context, Exit, Failure};
use crate::diag::Page;
use crate::id::RuleId;
use serde_json::json;
use subject::Subject;

/// Explain an alert: which filters it meets and why, and which came nearest. Or a diagnostic's code
#[derive(Debug, clap::Args)]
#[command(
    group = clap::ArgGroup::new("alerts").required(true).args(["subject", "events"]),
    after_help = "Examples:
  quell explain al_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell explain al_06dvzq1jm8q3x9k2n4r5t6v7w8 --filter scanner-ssh-logins
  quell explain al_06dvzq1jm8q3x9k2n4r5t6v7w8 --generation decided
  quell explain al_06dvzq1jm8q3x9k2n4r5t6v7w8 --format json | jq '.nearest[0]'
  quell explain --events alert.json --rules draft/rules
  quell explain M001

Of a stored alert the recorded verdict is shown first; then the filters that are running now are asked, \
    or with --generation decided those that decided, as of when they did. Alerts of files are put to the \
    rules in place, as if received now; no daemon is asked. A code is one that quell check prints, in any \
    case."
)]
pub(super) struct Args {
    /// A stored alert's id, or a diagnostic's code
    #[arg(value_name = "ALERT-ID|CODE", value_parser = Subject::parse)]
    subject: Option<Subject>,
    /// Explain the alerts of these files; `-` is the standard input
    #[arg(long, value_name = "FILE", num_args = 1..)]
    events: Vec<String>,
    /// Only this filter
    #[arg(long, value_name = "ID", value_parser = filter_id)]
    filter: Option<RuleId>,
    /// Whose rules are asked about a stored alert
    #[arg(long, value_enum, default_value_t = Generation::Running, conflicts_with = "events")]
    generation: Generation,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Which rules are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Generation {
    /// Those that run now
    Running,
    /// Those that decided
    Decided,
}

fn filter_id(text: &str) -> Result<RuleId, String> {
    RuleId::new(text).ok_or_else(|| format!("not an id: {}", RuleId::SHAPE))
}

/// Explains the alert or the code.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.subject {
        Some(Subject::Alert(id)) => stored::run(id, args, context),
        Some(Subject::Code(_)) if args.filter.is_some() => {
            Err(Failure::Usage("--filter is for an alert; a code has nothing to do with one filter".to_owned()))
        }
        Some(Subject::Code(page)) => code(*page, args.format, context),
        None => events::run(args, context),
    }
}

fn code(page: Page, format: Format, context: &Context) -> Result<Exit, Failure> {
    match format {
        Format::Json => context.terminal.verbatim(&json!({"code": page.id, "markdown": page.text}).to_string())?,
        Format::Text => context.terminal.verbatim(page.text)?,
    }
    Ok(Exit::Fine)
}
