//! `quell approvals list`: what waits for an answer, oldest first.

use crate::cli::options::{DaemonArgs, Format, PageArgs, converse};
use crate::cli::show::page::page;
use crate::cli::show::table::{Cell, Column, render};
use crate::cli::show::time::{age, instant};
use crate::cli::{Context, Exit, Failure};
use crate::clock::Timestamp;
use crate::store::{Approval, ApprovalStatus};

/// List questions, oldest first; those nobody has answered unless asked otherwise
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell approvals list
  quell approvals list --status approved,denied,expired")]
pub(in crate::cli) struct Args {
    /// Any of these statuses [default: pending]
    #[arg(long, value_delimiter = ',', value_parser = ApprovalStatus::ALL.map(ApprovalStatus::as_str))]
    status: Vec<String>,
    #[command(flatten)]
    page: PageArgs,
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Lists questions.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let query = args.page.query([("status", args.status.join(","))]);
    let answer = converse(async { Ok(client.get("/api/v1/approvals", &query).await?) })?;
    let terminal = &context.terminal;
    if args.format == Format::Json {
        terminal.verbatim(answer.text())?;
        return Ok(Exit::Fine);
    }
    let table = |items: &[Approval]| table(items, context.clock.now(), terminal.width());
    page(&answer.json()?, "nothing waits for an answer", terminal, table)?;
    Ok(Exit::Fine)
}

fn table(approvals: &[Approval], now: Timestamp, width: Option<usize>) -> String {
    const COLUMNS: [Column; 6] = [
        Column::whole("STATUS"),
        Column::whole("AGE"),
        Column::whole("UNTIL"),
        Column::whole("ID"),
        Column::whole("PLAYBOOK"),
        Column::shrinking("QUESTION", 16),
    ];
    let row = |approval: &Approval| {
        [
            Cell::new(approval.status.as_str()),
            Cell::new(&age(approval.asked_time, now)),
            Cell::new(&instant(approval.until_time)),
            Cell::new(approval.id.as_str()),
            Cell::new(approval.playbook.as_str()),
            Cell::new(&approval.ask),
        ]
    };
    render(COLUMNS, &approvals.iter().map(row).collect::<Vec<_>>(), width)
}
