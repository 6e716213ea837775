//! `quell filters list`: in the order of ids.

use super::row::{Filter, table};
use crate::cli::options::{DaemonArgs, Format, PageArgs, converse};
use crate::cli::show::page::page;
use crate::cli::{Context, Exit, Failure};

/// List the filters that run, with what they have done
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell filters list
  quell filters list --format json | jq -r '.items[] | select(.hits == 0) | .id'

STATE is the filter's mode; held, if it only records for now because it went beyond the budget; or why it is not in \
    force: expired, not begun, closed (no window of its schedule is open).
HITS are alerts that met it while it was in force, DISMISSED those of them it has dismissed.")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    page: PageArgs,
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Lists them.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let query = args.page.query([]);
    let answer = converse(async { Ok(client.get("/api/v1/ruleset/filters", &query).await?) })?;
    let terminal = &context.terminal;
    if args.format == Format::Json {
        terminal.verbatim(answer.text())?;
        return Ok(Exit::Fine);
    }
    page(&answer.json()?, "no filters", terminal, |items: &[Filter]| {
        table(items, context.clock.now(), terminal.width())
    })?;
    Ok(Exit::Fine)
}
