//! `quell alerts list`: a page of alerts, with every filter the interface has.

use crate::alert::{Severity, Status};
use crate::cli::options::{DaemonArgs, converse};
use crate::cli::show::page::page;
use crate::cli::show::style;
use crate::cli::show::table::{Cell, Column, render};
use crate::cli::show::time::age;
use crate::cli::{Context, Exit, Failure};
use crate::clock::Timestamp;
use crate::store::AlertSummary;

/// List alerts, gravest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell alerts list                                      what still needs somebody
  quell alerts list --status dismissed --since 24h       what filters dismissed today
  quell alerts list --severity high,critical --tag vpn
  quell alerts list --status all --q 203.0.113.9 --format json | jq -r '.items[].id'")]
pub(in crate::cli) struct Args {
    /// Any of these statuses [default: active,in_progress]
    #[arg(long, value_delimiter = ',', value_parser = ["active", "in_progress", "resolved", "dismissed", "all"])]
    status: Vec<String>,
    /// Any of these severities
    #[arg(long, value_delimiter = ',', value_parser = Severity::WORDS)]
    severity: Vec<String>,
    /// Any of these sources, such as falco
    #[arg(long, value_delimiter = ',')]
    source: Vec<String>,
    /// Any of these alert types
    #[arg(long, value_delimiter = ',')]
    alert_type: Vec<String>,
    /// A resource whose id or name contains this
    #[arg(long)]
    resource: Option<String>,
    /// Any of these ATT&CK tactics
    #[arg(long, value_delimiter = ',')]
    tactic: Vec<String>,
    /// Any of these tags
    #[arg(long, value_delimiter = ',')]
    tag: Vec<String>,
    /// Any of these assignees
    #[arg(long, value_delimiter = ',')]
    assignee: Vec<String>,
    /// Received at or after: an age such as 24h or 7d, a date, or an RFC 3339 time
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Received before: an age, a date, or a time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Id, title, type or compromised entity contains this
    #[arg(long, visible_alias = "search", value_name = "TEXT")]
    q: Option<String>,
    /// The order: gravest first, or newest first
    #[arg(long, value_parser = ["severity", "time"])]
    sort: Option<String>,
    /// Where the page before ended
    #[arg(long)]
    cursor: Option<String>,
    /// How many, 1 to 1000
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// How the list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: a table
    Text,
    /// For programs: the page as the interface gives it
    Json,
    /// For spreadsheets
    Csv,
}

/// Lists alerts.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let answer = converse(async { Ok(client.get("/api/v1/alerts", &args.query()).await?) })?;
    let terminal = &context.terminal;
    if args.format != Format::Text {
        terminal.verbatim(answer.text())?;
        return Ok(Exit::Fine);
    }
    let table = |items: &[AlertSummary]| table(items, context.clock.now(), terminal.width());
    page(&answer.json()?, "no alerts match", terminal, table)?;
    Ok(Exit::Fine)
}

impl Args {
    fn query(&self) -> Vec<(&'static str, String)> {
        let every_status = || Status::ALL.map(Status::as_str).join(",");
        let status = if self.status.iter().any(|word| word == "all") { every_status() } else { self.status.join(",") };
        let one = |value: &Option<String>| value.clone().unwrap_or_default();
        let time = |value: &Option<String>| value.as_deref().map(midnight).unwrap_or_default();
        let csv = if self.format == Format::Csv { "csv" } else { "" };
        let query = [
            ("status", status),
            ("severity", self.severity.join(",")),
            ("source", self.source.join(",")),
            ("alert_type", self.alert_type.join(",")),
            ("resource", one(&self.resource)),
            ("tactic", self.tactic.join(",")),
            ("tag", self.tag.join(",")),
            ("assignee", self.assignee.join(",")),
            ("since", time(&self.since)),
            ("until", time(&self.until)),
            ("q", one(&self.q)),
            ("sort", one(&self.sort)),
            ("cursor", one(&self.cursor)),
            ("limit", self.limit.to_string()),
            ("format", csv.to_owned()),
        ];
        query.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// A date begins at midnight, UTC; anything else is the daemon's to read.
fn midnight(time: &str) -> String {
    match time.parse::<jiff::civil::Date>() {
        Ok(date) if time.len() == 10 => format!("{date}T00:00:00Z"),
        _ => time.to_owned(),
    }
}

fn table(alerts: &[AlertSummary], now: Timestamp, width: Option<usize>) -> String {
    const COLUMNS: [Column; 6] = [
        Column::whole("SEVERITY"),
        Column::whole("STATUS"),
        Column::whole("AGE"),
        Column::whole("ID"),
        Column::shrinking("TITLE", 12),
        Column::shrinking("WHERE", 8),
    ];
    let rows: Vec<_> = alerts
        .iter()
        .map(|alert| {
            [
                Cell::styled(alert.severity.as_str(), style::severity(&alert.severity)),
                Cell::styled(alert.status.as_str(), style::status(alert.status)),
                Cell::new(&age(alert.received_time, now)),
                Cell::new(alert.id.as_str()),
                Cell::new(&alert.title),
                Cell::new(alert.compromised_entity.as_deref().unwrap_or("")),
            ]
        })
        .collect();
    render(COLUMNS, &rows, width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use serde_json::json;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn query(line: &[&str]) -> Vec<(&'static str, String)> {
        Line::try_parse_from([&["list"], line].concat()).unwrap().args.query()
    }

    #[test]
    fn every_flag_is_a_parameter() {
        assert_eq!(query(&[]), [("limit", "50".to_owned())]);
        let line = "--status active,resolved --severity high --severity low --source falco --alert-type a,b --resource vm \
                    --tactic x --tag t --assignee ada --since 24h --until 2026-01-02 --search evil --sort time \
                    --cursor c --limit 7 --format csv";
        let query = query(&line.split_whitespace().collect::<Vec<_>>());
        let expected = [
            ("status", "active,resolved"),
            ("severity", "high,low"),
            ("source", "falco"),
            ("alert_type", "a,b"),
            ("resource", "vm"),
            ("tactic", "x"),
            ("tag", "t"),
            ("assignee", "ada"),
            ("since", "24h"),
            ("until", "2026-01-02T00:00:00Z"),
            ("q", "evil"),
            ("sort", "time"),
            ("cursor", "c"),
            ("limit", "7"),
            ("format", "csv"),
        ];
        assert_eq!(query, expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(self::query(&["--status", "all"])[0].1, "active,in_progress,resolved,dismissed");
    }

    #[test]
    fn the_table_fits_and_shows_no_hostile_text() {
        let alert: AlertSummary = serde_json::from_value(json!({
            "id": "al_00000000000000000000000000", "source": "falco", "alert_type": "t", "severity": "high",
            "status": "in_progress", "title": "Shell\u{1b}[2J in a container of the production namespace",
            "start_time": null, "received_time": "2026-03-01T11:00:00Z", "compromised_entity": "web-0001.prod.example.com",
            "tactics": [], "tags": [], "assignee": null, "dismissed_by": [],
        }))
        .unwrap();
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let shown = |width| anstream::adapter::strip_str(&table(std::slice::from_ref(&alert), now, width)).to_string();
        assert_eq!(
            shown(Some(100)),
            "SEVERITY  STATUS       AGE  ID                             TITLE                 WHERE\n\
             high      in_progress  1h   al_00000000000000000000000000  Shell\\u{1b}[2J in a…  web-0001.prod.exam…\n"
        );
        assert!(
            shown(None)
                .contains("Shell\\u{1b}[2J in a container of the production namespace  web-0001.prod.example.com")
        );
    }
}
