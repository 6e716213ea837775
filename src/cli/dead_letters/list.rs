//! `quell dead-letters list`: oldest first.

use crate::cli::options::{DaemonArgs, Format, PageArgs, converse};
use crate::cli::show::page::page;
use crate::cli::show::table::{Cell, Column, render};
use crate::cli::show::time::age;
use crate::cli::{Context, Exit, Failure};
use crate::clock::Timestamp;
use crate::store::{DeadLetter, DeadLetterStatus};

/// List requests that were given up, oldest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell dead-letters list
  quell dead-letters list --connection chat
  quell dead-letters list --status redriven,delivered --format json")]
pub(in crate::cli) struct Args {
    /// Any of these statuses [default: dead]
    #[arg(long, value_delimiter = ',', value_parser = DeadLetterStatus::ALL.map(DeadLetterStatus::as_str))]
    status: Vec<String>,
    /// Of this connection
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
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
    let connection = args.connection.clone().unwrap_or_default();
    let query = args.page.query([("status", args.status.join(",")), ("connection", connection)]);
    let answer = converse(async { Ok(client.get("/api/v1/dead-letters", &query).await?) })?;
    let terminal = &context.terminal;
    if args.format == Format::Json {
        terminal.verbatim(answer.text())?;
        return Ok(Exit::Fine);
    }
    let table = |items: &[DeadLetter]| table(items, context.clock.now(), terminal.width());
    page(&answer.json()?, "no dead letters", terminal, table)?;
    Ok(Exit::Fine)
}

fn table(letters: &[DeadLetter], now: Timestamp, width: Option<usize>) -> String {
    const COLUMNS: [Column; 6] = [
        Column::whole("STATUS"),
        Column::whole("AGE"),
        Column::whole("CONNECTION"),
        Column::whole("ID"),
        Column::whole("PLAYBOOK"),
        Column::shrinking("REASON", 16),
    ];
    let row = |letter: &DeadLetter| {
        [
            Cell::new(letter.status.as_str()),
            Cell::new(&age(letter.died_time, now)),
            Cell::new(&letter.connection),
            Cell::new(letter.id.as_str()),
            Cell::new(letter.playbook.as_str()),
            Cell::new(&format!("{}: {}", letter.kind, letter.reason)),
        ]
    };
    render(COLUMNS, &letters.iter().map(row).collect::<Vec<_>>(), width)
}
