//! `quell connections list`.

use crate::cli::options::{DaemonArgs, Format, converse};
use crate::cli::show::table::{Cell, Column, render};
use crate::cli::show::time::{age, instant};
use crate::cli::{Context, Exit, Failure};
use crate::clock::Timestamp;
use serde::Deserialize;

/// List connections and whether they send
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell connections list
  quell connections list --format json")]
pub(in crate::cli) struct Args {
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

#[derive(Debug, Deserialize)]
struct Answer {
    items: Vec<Connection>,
}

#[derive(Debug, Deserialize)]
struct Connection {
    name: String,
    origin: String,
    purpose: String,
    state: String,
    since: Timestamp,
    until: Option<Timestamp>,
    waiting: u64,
    in_flight: u64,
}

/// Lists them.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let answer = converse(async { Ok(client.get("/api/v1/connections", &[]).await?) })?;
    let terminal = &context.terminal;
    match args.format {
        Format::Json => terminal.verbatim(answer.text())?,
        Format::Text => {
            let Answer { items } = answer.json()?;
            if items.is_empty() {
                terminal.say("no connections are configured");
            } else {
                terminal.data(&table(&items, context.clock.now(), terminal.width()))?;
            }
        }
    }
    Ok(Exit::Fine)
}

fn table(connections: &[Connection], now: Timestamp, width: Option<usize>) -> String {
    const COLUMNS: [Column; 8] = [
        Column::whole("STATE"),
        Column::whole("NAME"),
        Column::whole("SINCE"),
        Column::whole("UNTIL"),
        Column::whole("WAITING"),
        Column::whole("IN FLIGHT"),
        Column::whole("PURPOSE"),
        Column::shrinking("ORIGIN", 16),
    ];
    let row = |connection: &Connection| {
        [
            Cell::new(&connection.state.replace('_', " ")),
            Cell::new(&connection.name),
            Cell::new(&age(connection.since, now)),
            Cell::new(&connection.until.map(instant).unwrap_or_default()),
            Cell::new(&connection.waiting.to_string()),
            Cell::new(&connection.in_flight.to_string()),
            Cell::new(&connection.purpose),
            Cell::new(&connection.origin),
        ]
    };
    render(COLUMNS, &connections.iter().map(row).collect::<Vec<_>>(), width)
}
