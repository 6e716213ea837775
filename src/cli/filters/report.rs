//! `quell filters report`: which filters to look at, and which alerts nothing looks at.

use super::row::{Filter, table};
use crate::cli::options::{DaemonArgs, Format, converse};
use crate::cli::show::style::HEADING;
use crate::cli::show::table::{Cell, Column, render};
use crate::cli::show::text::count;
use crate::cli::show::time::age;
use crate::cli::{Context, Exit, Failure};
use crate::clock::Timestamp;
use crate::store::BlindSpot;
use serde::Deserialize;

/// Report filters to look at: stale, hot, never expiring, expiring soon; and alerts that nothing looks at
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell filters report
  quell filters report --format json | jq -r '.stale[].id'

  stale            no alert has met the filter for 30 days, or ever
  hot              a tenth or more of all that was dismissed in 30 days, the filter's own share
  never expiring   the filter has no `expires`
  expiring soon    within 7 days
  blind spots      types of alerts that never met any filter or playbook, those with the most alerts first

Each list holds a hundred at most.")]
pub(in crate::cli) struct Args {
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

#[derive(Debug, Deserialize)]
struct Report {
    filters: usize,
    dismissed: u64,
    stale: Vec<Filter>,
    hot: Vec<Hot>,
    never_expiring: Vec<Filter>,
    expiring: Vec<Filter>,
    blind_spots: Vec<BlindSpot>,
}

#[derive(Debug, Deserialize)]
struct Hot {
    id: String,
    dismissed: u64,
    share: f64,
}

/// Reports them.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let answer = converse(async { Ok(client.get("/api/v1/ruleset/report", &[]).await?) })?;
    let terminal = &context.terminal;
    match args.format {
        Format::Json => terminal.verbatim(answer.text())?,
        Format::Text => terminal.data(text(&answer.json()?, context.clock.now(), terminal.width()).trim_end())?,
    }
    Ok(Exit::Fine)
}

fn text(report: &Report, now: Timestamp, width: Option<usize>) -> String {
    let mut out = format!("{}, {} dismissals in 30 days\n", count(report.filters, "filter"), report.dismissed);
    let filters = |filters: &[Filter]| table(filters, now, width);
    section(&mut out, "Stale: nothing met them for 30 days", &report.stale, filters);
    section(&mut out, "Hot: a tenth or more of all dismissals", &report.hot, |hot| hottest(hot, width));
    section(&mut out, "Never expiring", &report.never_expiring, filters);
    section(&mut out, "Expiring within 7 days", &report.expiring, filters);
    let spots = |spots: &[BlindSpot]| blind(spots, now, width);
    section(&mut out, "Blind spots: alerts that never met anything", &report.blind_spots, spots);
    out
}

fn section<T>(out: &mut String, title: &str, items: &[T], table: impl Fn(&[T]) -> String) {
    out.push_str(&format!("\n{HEADING}{title}{HEADING:#}\n"));
    out.push_str(&if items.is_empty() { "none\n".to_owned() } else { table(items) });
}

fn hottest(filters: &[Hot], width: Option<usize>) -> String {
    let columns = [Column::whole("SHARE"), Column::whole("DISMISSED"), Column::whole("ID")];
    let row = |hot: &Hot| {
        [Cell::new(&format!("{:.0}%", hot.share * 100.0)), Cell::new(&hot.dismissed.to_string()), Cell::new(&hot.id)]
    };
    render(columns, &filters.iter().map(row).collect::<Vec<_>>(), width)
}

fn blind(spots: &[BlindSpot], now: Timestamp, width: Option<usize>) -> String {
    let columns = [Column::whole("ALERTS"), Column::whole("LAST"), Column::shrinking("TYPE", 16)];
    let row = |spot: &BlindSpot| {
        [Cell::new(&spot.alerts.to_string()), Cell::new(&age(spot.last_time, now)), Cell::new(&spot.alert_type)]
    };
    render(columns, &spots.iter().map(row).collect::<Vec<_>>(), width)
}
