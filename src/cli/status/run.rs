//! Asks a daemon how it is, and shows it.

use super::counts::{Count, Counts};
use crate::cli::options::{DaemonArgs, Format, converse};
use crate::cli::reload::Reloaded;
use crate::cli::show::fields::Page;
use crate::cli::show::style::{ERROR, GOOD};
use crate::cli::show::text::count;
use crate::cli::show::time::{age, instant};
use crate::cli::{Context, Exit, Failure};
use crate::client::{Client, ClientError};
use crate::clock::Timestamp;
use crate::diag::visible;
use serde_json::{Value, json};

/// Show how a running daemon is: whether it takes alerts, which rules it runs, what it holds.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell status
  quell status --url https://quell.example.com --token-file ~/.quell-token
  quell status --format json | jq .ruleset.generation

Exit status: 0 if all is well, 1 if it takes no alerts or its last reload was refused, 3 if it cannot be reached.")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    daemon: DaemonArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Everything a daemon says of itself.
#[derive(Debug)]
struct Status {
    url: String,
    /// Why it takes no alerts, if it does not.
    unready: Option<String>,
    ruleset: Value,
    counts: Counts,
}

/// Shows the status.
pub(in crate::cli) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let status = converse(ask(&client))?;
    let ruleset: Reloaded = read(&status.ruleset)?;
    match args.format {
        Format::Text => context.terminal.data(&text(&status, &ruleset, context.clock.now()))?,
        Format::Json => context.terminal.verbatim(&json(&status))?,
    }
    let rejected = ruleset.last_reload.outcome == "rejected";
    Ok(if status.unready.is_some() || rejected { Exit::Findings } else { Exit::Fine })
}

async fn ask(client: &Client) -> Result<Status, Failure> {
    let unready = match client.get("/readyz", &[]).await {
        Ok(_) => None,
        Err(ClientError::Refused(problem)) if problem.status == 503 => Some(problem.detail),
        Err(fault) => return Err(fault.into()),
    };
    let ruleset = client.get("/api/v1/ruleset", &[]).await?.json()?;
    let counts = Counts::read(client.get("/metrics", &[]).await?.text());
    Ok(Status { url: client.base().to_owned(), unready, ruleset, counts })
}

fn read(ruleset: &Value) -> Result<Reloaded, ClientError> {
    serde_json::from_value(ruleset.clone()).map_err(|fault| ClientError::NotQuell { why: fault.to_string() })
}

fn json(status: &Status) -> String {
    let Status { url, unready, ruleset, counts } = status;
    format!(
        "{:#}",
        json!({"url": url, "ready": unready.is_none(), "reason": unready, "ruleset": ruleset, "counts": counts})
    )
}

fn text(status: &Status, ruleset: &Reloaded, now: Timestamp) -> String {
    let mut page = Page::default();
    page.field("daemon", &status.url);
    match &status.unready {
        None => page.line(&format!("state        {GOOD}takes alerts{GOOD:#}")),
        Some(why) => page.line(&format!("state        {ERROR}takes no alerts{ERROR:#}: {}", visible(why))),
    }
    page.field("rules", &format!("{}, {}", count(ruleset.filters, "filter"), count(ruleset.playbooks, "playbook")));
    page.field("generation", &ruleset.generation.short());
    if let Some(commit) = &ruleset.commit {
        let dirty = if ruleset.dirty { ", and changes besides" } else { "" };
        let author = ruleset.author.as_ref().map(|author| format!(" by {author}")).unwrap_or_default();
        page.field("commit", &format!("{}{author}{dirty}", commit.chars().take(12).collect::<String>()));
    }
    page.field("loaded", &format!("{} ({} ago)", instant(ruleset.loaded_at), age(ruleset.loaded_at, now)));
    let last = &ruleset.last_reload;
    let when = format!("{} ago", age(last.at, now));
    match last.outcome.as_str() {
        "rejected" => {
            let errors = last.diagnostics.iter().filter(|d| d.level == "error").count();
            let found = count(errors, "error");
            page.line(&format!("last reload  {ERROR}refused{ERROR:#} {when}: {found}; the rules above stay"));
            last.diagnostics.iter().for_each(|diagnostic| page.line(&format!("  {}", diagnostic.text())));
        }
        outcome => page.field("last reload", &format!("{outcome} {when}")),
    }
    let list = |counts: &[Count]| {
        let words: Vec<_> =
            counts.iter().map(|Count { of, count }| format!("{count} {}", of.replace('_', " "))).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    };
    page.field("alerts", &list(&status.counts.alerts));
    page.field("runs", &list(&status.counts.runs));
    page.field("to be sent", &list(&status.counts.requests));
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(outcome: &str, unready: Option<&str>) -> String {
        let ruleset = json!({
            "generation": crate::digest::Digest::of(b"x"), "commit": "0123456789abcdef0123", "dirty": true,
            "author": "Ada <ada@example.com>", "commit_time": null, "loaded_at": "2026-03-01T10:00:00Z",
            "filters": 9, "playbooks": 1,
            "last_reload": {"outcome": outcome, "at": "2026-03-01T11:59:30Z", "diagnostics": [
                {"file": "rules/a.yaml", "line": 2, "column": 1, "level": "error", "code": "F002",
                 "message": "unknown key `x\u{1b}`", "help": "did you mean `y`?"},
            ]},
        });
        let counts = Counts {
            alerts: vec![Count { of: "in_progress".into(), count: 2 }, Count { of: "resolved".into(), count: 5 }],
            ..Counts::default()
        };
        let status =
            Status { url: "http://127.0.0.1:8642".into(), unready: unready.map(str::to_owned), ruleset, counts };
        let ruleset = read(&status.ruleset).unwrap();
        let text = text(&status, &ruleset, "2026-03-01T12:00:00Z".parse().unwrap());
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn a_daemon_that_is_well() {
        assert_eq!(
            shown("unchanged", None),
            "daemon       http://127.0.0.1:8642\nstate        takes alerts\nrules        9 filters, 1 playbook\n\
             generation   2d711642b726\ncommit       0123456789ab by Ada <ada@example.com>, and changes besides\n\
             loaded       2026-03-01 10:00:00Z (2h ago)\nlast reload  unchanged 30s ago\n\
             alerts       2 in progress, 5 resolved\nruns         none\nto be sent   none\n"
        );
    }

    #[test]
    fn a_daemon_in_trouble_says_why() {
        let shown = shown("rejected", Some("the store's disk is full"));
        assert!(shown.contains("takes no alerts: the store's disk is full\n"), "{shown}");
        assert!(shown.contains("last reload  refused 30s ago: 1 error; the rules above stay\n"), "{shown}");
        assert!(shown.contains("  rules/a.yaml:2:1: error[F002]: unknown key `x\\u{1b}`\n"), "{shown}");
    }
}
