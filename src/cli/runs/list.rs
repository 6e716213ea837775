//! `quell runs list`: a page of runs, newest first.

use crate::cli::options::{DaemonArgs, Format, PageArgs, converse};
use crate::cli::show::page::page;
use crate::cli::show::style;
use crate::cli::show::table::{Cell, Column, render};
use crate::cli::show::time::age;
use crate::cli::{Context, Exit, Failure};
use crate::clock::Timestamp;
use crate::id::AlertId;
use crate::store::{RunStatus, RunSummary};

/// List runs, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell runs list                                     newest first
  quell runs list --status failed,expired             what needs somebody
  quell runs list --playbook contain-brute-force --limit 10
  quell runs list --alert al_06dvzq1jm8q3x9k2n4r5t6v7w8 --format json")]
pub(in crate::cli) struct Args {
    /// Any of these statuses
    #[arg(long, value_delimiter = ',', value_parser = RunStatus::ALL.map(RunStatus::as_str))]
    status: Vec<String>,
    /// Of this playbook
    #[arg(long, value_name = "ID")]
    playbook: Option<String>,
    /// For this alert
    #[arg(long, value_name = "ID")]
    alert: Option<AlertId>,
    #[command(flatten)]
    page: PageArgs,
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Lists runs.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let answer = converse(async { Ok(client.get("/api/v1/runs", &args.query()).await?) })?;
    let terminal = &context.terminal;
    if args.format == Format::Json {
        terminal.verbatim(answer.text())?;
        return Ok(Exit::Fine);
    }
    let table = |items: &[RunSummary]| table(items, context.clock.now(), terminal.width());
    page(&answer.json()?, "no runs match", terminal, table)?;
    Ok(Exit::Fine)
}

impl Args {
    fn query(&self) -> Vec<(&'static str, String)> {
        self.page.query([
            ("status", self.status.join(",")),
            ("playbook", self.playbook.clone().unwrap_or_default()),
            ("alert_id", self.alert.as_ref().map(ToString::to_string).unwrap_or_default()),
        ])
    }
}

fn table(runs: &[RunSummary], now: Timestamp, width: Option<usize>) -> String {
    const COLUMNS: [Column; 6] = [
        Column::whole("STATUS"),
        Column::whole("PLAYBOOK"),
        Column::whole("AGE"),
        Column::whole("ID"),
        Column::whole("ALERT"),
        Column::shrinking("ERROR", 12),
    ];
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            [
                Cell::styled(run.status.as_str(), style::run(run.status)),
                Cell::new(run.playbook.as_str()),
                Cell::new(&age(run.started_time, now)),
                Cell::new(run.id.as_str()),
                Cell::new(run.alert_id.as_str()),
                Cell::new(run.error.as_ref().map(|error| error.message.as_str()).unwrap_or("")),
            ]
        })
        .collect();
    render(COLUMNS, &rows, width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn ids_stay_whole_on_a_narrow_terminal() {
        let run: RunSummary = serde_json::from_value(serde_json::json!({
            "id": "run_00000000000000000000000000", "playbook": "contain-a-brute-force-source",
            "alert_id": "al_00000000000000000000000000", "status": "failed", "result": null,
            "error": {"kind": "http", "message": "the receiver says that there is nothing of that kind", "line": 3, "column": 5},
            "generation": crate::digest::Digest::of(b"x"), "started_time": "2026-03-01T11:00:00Z", "ended_time": null,
        }))
        .unwrap();
        let shown = table(std::slice::from_ref(&run), "2026-03-01T12:00:00Z".parse().unwrap(), Some(80));
        for id in [run.id.as_str(), run.alert_id.as_str(), run.playbook.as_str()] {
            assert!(shown.contains(id), "{shown}");
        }
        assert!(shown.contains('…'), "the error gives way: {shown}");
    }

    #[test]
    fn every_flag_is_a_parameter() {
        let alert = "al_00000000000000000000000000";
        let line = ["list", "--status", "failed,expired", "--playbook", "p-1", "--alert", alert, "--limit", "9"];
        let query = Line::try_parse_from(line).unwrap().args.query();
        let expected = [("status", "failed,expired"), ("playbook", "p-1"), ("alert_id", alert), ("limit", "9")];
        assert_eq!(query, expected.map(|(name, value)| (name, value.to_owned())));
    }
}
