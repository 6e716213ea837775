//! Asks a daemon how it is, and shows it.

use super::counts::{Count, Counts};
use crate::cli::options::{DaemonArgs, Format, converse};
use crate::cli::reload::{Reloaded, RolledBack};
use crate::cli::show::fields::Page;
use crate::cli::show::style::{ERROR, GOOD, WARNING};
use crate::cli::show::text::count;
use crate::cli::show::time::{age, instant};
use crate::cli::{Context, Exit, Failure};
use crate::client::{Client, ClientError};
use crate::clock::Timestamp;
use crate::diag::visible;
use crate::store::Disarmed;
use serde::Deserialize;
use serde::de::DeserializeOwned;
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
    connections: Value,
    /// By whom, why and since when playbooks are held; null while they are not.
    disarmed: Value,
}

/// A connection as far as the status shows it.
#[derive(Debug, Deserialize)]
struct Connection {
    name: String,
    state: String,
    since: Timestamp,
    until: Option<Timestamp>,
    waiting: u64,
}

/// Shows the status.
pub(in crate::cli) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let status = converse(ask(&client))?;
    let ruleset: Reloaded = read(&status.ruleset)?;
    let connections: Vec<Connection> = read(&status.connections)?;
    match args.format {
        Format::Text => context.terminal.data(&text(&status, &ruleset, &connections, context.clock.now()))?,
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
    let connections = match client.get("/api/v1/connections", &[]).await {
        Ok(answer) => answer.json::<Value>()?["items"].take(),
        // An older daemon knows no states of connections.
        Err(ClientError::Refused(problem)) if problem.status == 404 => Value::Array(Vec::new()),
        Err(fault) => return Err(fault.into()),
    };
    let disarmed = match client.get("/api/v1/playbooks/switch", &[]).await {
        Ok(answer) => answer.json::<Value>()?["disarmed"].take(),
        // An older daemon has no switch.
        Err(ClientError::Refused(problem)) if problem.status == 404 => Value::Null,
        Err(fault) => return Err(fault.into()),
    };
    Ok(Status { url: client.base().to_owned(), unready, ruleset, counts, connections, disarmed })
}

fn read<T: DeserializeOwned>(said: &Value) -> Result<T, ClientError> {
    serde_json::from_value(said.clone()).map_err(|fault| ClientError::NotQuell { why: fault.to_string() })
}

fn json(status: &Status) -> String {
    let Status { url, unready, ruleset, counts, connections, disarmed } = status;
    format!(
        "{:#}",
        json!({
            "url": url, "ready": unready.is_none(), "reason": unready, "ruleset": ruleset, "counts": counts,
            "connections": connections, "disarmed": disarmed,
        })
    )
}

fn text(status: &Status, ruleset: &Reloaded, connections: &[Connection], now: Timestamp) -> String {
    let mut page = Page::default();
    page.field("daemon", &status.url);
    match &status.unready {
        None => page.line(&format!("state        {GOOD}takes alerts{GOOD:#}")),
        Some(why) => page.line(&format!("state        {ERROR}takes no alerts{ERROR:#}: {}", visible(why))),
    }
    if let Ok(Some(Disarmed { by, why, since })) = read::<Option<Disarmed>>(&status.disarmed) {
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let told = visible(&format!(" by {by} since {}{why}; `quell playbooks arm` lets them go on", instant(since)))
            .into_owned();
        page.line(&format!("playbooks    {ERROR}disarmed{ERROR:#}{told}"));
    }
    page.field("rules", &format!("{}, {}", count(ruleset.filters, "filter"), count(ruleset.playbooks, "playbook")));
    page.field("generation", &ruleset.generation.short());
    if let Some(commit) = &ruleset.commit {
        let dirty = if ruleset.dirty { ", and changes besides" } else { "" };
        let author = ruleset.author.as_ref().map(|author| format!(" by {author}")).unwrap_or_default();
        page.field("commit", &format!("{}{author}{dirty}", commit.chars().take(12).collect::<String>()));
    }
    page.field("loaded", &format!("{} ({} ago)", instant(ruleset.loaded_at), age(ruleset.loaded_at, now)));
    if let Some(RolledBack { from, by, at }) = &ruleset.rolled_back {
        let told = format!(" by {by} {} ago, from {}, until the files change", age(*at, now), from.short());
        page.line(&format!("             {WARNING}rolled back{WARNING:#}{}", visible(&told)));
    }
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
    let waiting = |count: Option<u64>, what: &str, command: &str| match count {
        None | Some(0) => "none".to_owned(),
        Some(count) => format!("{count} {what}; `quell {command} list` shows them"),
    };
    page.field("questions", &waiting(status.counts.approvals, "open", "approvals"));
    page.field("dead letters", &waiting(status.counts.dead_letters, "given up", "dead-letters"));
    for connection in connections.iter().filter(|connection| connection.state != "closed") {
        page.line(&format!("connection   {}", unsent(connection, now)));
    }
    page.finish()
}

/// Why a connection sends nothing, and what happens next.
fn unsent(connection: &Connection, now: Timestamp) -> String {
    let Connection { name, state, since, until, waiting } = connection;
    let then = match (until, state.as_str()) {
        (Some(until), _) => format!("until {}", instant(*until)),
        (None, "half_open") => "trying one request".to_owned(),
        (None, _) => format!("until `quell connections resume {name}`"),
    };
    let (name, state) = (visible(name), visible(&state.replace('_', " ")).to_string());
    format!("{name} has been {ERROR}{state}{ERROR:#} for {}, {then}; {waiting} waiting", age(*since, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(name: &str, state: &str, until: Value) -> Value {
        let since = "2026-03-01T11:58:00Z";
        json!({"name": name, "origin": "https://a.example", "state": state, "since": since, "until": until, "waiting": 7})
    }

    #[test]
    fn connections_that_do_not_send_are_named_with_what_comes_next() {
        let connections = [
            connection("fine", "closed", Value::Null),
            connection("chat", "open", json!("2026-03-01T12:00:30Z")),
            connection("firewall", "half_open", Value::Null),
            connection("ticketing", "paused", Value::Null),
        ];
        let shown = shown_with("unchanged", None, json!(connections));
        let lines: Vec<&str> = shown.lines().filter(|line| line.starts_with("connection ")).collect();
        assert_eq!(
            lines,
            [
                "connection   chat has been open for 2m, until 2026-03-01 12:00:30Z; 7 waiting",
                "connection   firewall has been half open for 2m, trying one request; 7 waiting",
                "connection   ticketing has been paused for 2m, until `quell connections resume ticketing`; 7 waiting",
            ]
        );
    }

    fn shown(outcome: &str, unready: Option<&str>) -> String {
        shown_with(outcome, unready, json!([]))
    }

    fn shown_with(outcome: &str, unready: Option<&str>, connections: Value) -> String {
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
            approvals: Some(2),
            ..Counts::default()
        };
        let (url, unready) = ("http://127.0.0.1:8642".to_owned(), unready.map(str::to_owned));
        let status = Status { url, unready, ruleset, counts, connections, disarmed: Value::Null };
        let (ruleset, connections): (_, Vec<_>) = (read(&status.ruleset).unwrap(), read(&status.connections).unwrap());
        let text = text(&status, &ruleset, &connections, "2026-03-01T12:00:00Z".parse().unwrap());
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn a_daemon_that_is_well() {
        assert_eq!(
            shown("unchanged", None),
            "daemon       http://127.0.0.1:8642\nstate        takes alerts\nrules        9 filters, 1 playbook\n\
             generation   2d711642b726\ncommit       0123456789ab by Ada <ada@example.com>, and changes besides\n\
             loaded       2026-03-01 10:00:00Z (2h ago)\nlast reload  unchanged 30s ago\n\
             alerts       2 in progress, 5 resolved\nruns         none\nto be sent   none\n\
             questions    2 open; `quell approvals list` shows them\ndead letters none\n"
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
