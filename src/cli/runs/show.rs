//! `quell runs show`: one run, step by step and attempt by attempt.

use crate::cli::options::{DaemonArgs, Format, converse};
use crate::cli::show::fields::Page;
use crate::cli::show::style;
use crate::cli::show::table::{Cell, Column, render};
use crate::cli::show::text::fitted;
use crate::cli::show::time::{instant, took};
use crate::cli::{Context, Exit, Failure};
use crate::diag::visible;
use crate::id::RunId;
use crate::store::{AttemptView, RunDetails, StepStatus, StepView};

/// What stands before a table's lines.
const INDENT: &str = "  ";
/// Cells that stand before a value.
const MARGIN: usize = 17;

/// Show one run: its steps, what went out and came back, each attempt
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell runs show run_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell runs show run_06dvzq1jm8q3x9k2n4r5t6v7w8 --format json | jq '.steps[].attempts'")]
pub(in crate::cli) struct Args {
    /// The run's id
    id: RunId,
    /// How the run is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Shows the run.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/runs/{}", args.id);
    let answer = converse(async { Ok(client.get(&path, &[]).await?) })?;
    match args.format {
        Format::Json => context.terminal.verbatim(answer.text())?,
        Format::Text => context.terminal.data(&text(&answer.json()?, context.terminal.width()))?,
    }
    Ok(Exit::Fine)
}

fn text(run: &RunDetails, width: Option<usize>) -> String {
    let mut page = Page::default();
    let RunDetails { summary, steps, logs } = run;
    let status = style::run(summary.status);
    page.line(&format!("{status}{}{status:#}  {}", summary.status.as_str(), summary.playbook));
    page.field("id", summary.id.as_str());
    page.field("alert", summary.alert_id.as_str());
    page.field("generation", &summary.generation.short());
    page.field("started", &instant(summary.started_time));
    if let Some(ended) = summary.ended_time {
        page.field("ended", &format!("{} (after {})", instant(ended), took(summary.started_time, ended)));
    }
    page.maybe(
        "result",
        summary
            .result
            .as_ref()
            .filter(|value| !value.is_null())
            .map(|value| fitted(&value.to_string(), width, MARGIN))
            .as_deref(),
    );
    if let Some(error) = &summary.error {
        let place =
            if error.line > 0 { format!(" (line {}, column {})", error.line, error.column) } else { String::new() };
        page.field("error", &format!("{}: {}{place}", error.kind, error.message));
    }
    if !steps.is_empty() {
        section(&mut page, "Steps", &taken(steps, narrower(width)));
        section(&mut page, "Asked for", &asked(steps, narrower(width)));
    }
    if steps.iter().any(|step| !step.attempts.is_empty()) {
        section(&mut page, "Attempts", &attempts(steps, narrower(width)));
    }
    if !logs.is_empty() {
        page.heading("Log");
        for line in logs {
            let fields = if line.fields.is_null() { String::new() } else { format!(" {}", line.fields) };
            page.line(&format!("  {}", visible(&format!("{}: {}{fields}", line.level, line.message))));
        }
    }
    page.finish()
}

fn section(page: &mut Page, title: &str, table: &str) {
    page.heading(title);
    table.lines().for_each(|line| page.line(&format!("{INDENT}{line}")));
}

fn narrower(width: Option<usize>) -> Option<usize> {
    width.map(|width| width.saturating_sub(INDENT.len()))
}

/// What steps there are, and what they came to.
fn taken(steps: &[StepView], width: Option<usize>) -> String {
    const COLUMNS: [Column; 6] = [
        Column::whole("STEP"),
        Column::whole("CALL"),
        Column::whole("STATUS"),
        Column::whole("RECORDED"),
        Column::whole("TOOK"),
        Column::shrinking("OUTCOME", 16),
    ];
    let row = |step: &StepView| {
        let word = match step.status {
            StepStatus::Pending => "pending",
            StepStatus::Done => "done",
            StepStatus::Failed => "failed",
            StepStatus::Cancelled => "cancelled",
        };
        let outcome = match (&step.error, &step.output, step.next_attempt_time) {
            (Some(error), ..) => format!("{}: {}", error.kind, error.message),
            (None, Some(output), _) if !output.is_null() => output.to_string(),
            (None, _, Some(next)) => format!("next at {}", instant(next)),
            _ => String::new(),
        };
        [
            Cell::new(&step.key.0),
            Cell::new(&step.call),
            Cell::styled(word, style::step(step.status)),
            Cell::new(&instant(step.recorded_time)),
            Cell::new(&step.settled_time.map(|ended| took(step.recorded_time, ended)).unwrap_or_default()),
            Cell::new(&outcome),
        ]
    };
    render(COLUMNS, &steps.iter().map(row).collect::<Vec<_>>(), width)
}

/// What each step was asked to do; and the id of what that made: a message, a question, a run.
fn asked(steps: &[StepView], width: Option<usize>) -> String {
    const COLUMNS: [Column; 3] = [Column::whole("STEP"), Column::whole("ID"), Column::shrinking("INPUT", 16)];
    let row = |step: &StepView| {
        let message = step.message_id.as_ref().map(|id| id.as_str());
        let approval = step.approval_id.as_ref().map(|id| id.as_str());
        let id = message.or(approval).or(step.run_id.as_ref().map(|id| id.as_str()));
        let input = if step.input.is_null() { String::new() } else { step.input.to_string() };
        [Cell::new(&step.key.0), Cell::new(id.unwrap_or_default()), Cell::new(&input)]
    };
    render(COLUMNS, &steps.iter().map(row).collect::<Vec<_>>(), width)
}

/// Every attempt at every step, in the order of the steps.
fn attempts(steps: &[StepView], width: Option<usize>) -> String {
    const COLUMNS: [Column; 6] = [
        Column::whole("STEP"),
        Column::whole("TIME"),
        Column::whole("STATUS"),
        Column::whole("TOOK"),
        Column::shrinking("ERROR", 12),
        Column::shrinking("ANSWER", 12),
    ];
    let mut rows = Vec::new();
    for step in steps {
        for AttemptView { time, status, error, latency_ms, answer } in &step.attempts {
            rows.push([
                Cell::new(&step.key.0),
                Cell::new(&instant(*time)),
                Cell::new(&status.map_or("no answer".to_owned(), |status| status.to_string())),
                Cell::new(&format!("{latency_ms} ms")),
                Cell::new(error.as_deref().unwrap_or_default()),
                Cell::new(answer.as_deref().unwrap_or_default()),
            ]);
        }
    }
    render(COLUMNS, &rows, width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_step_and_attempt_is_shown() {
        let run: RunDetails = serde_json::from_value(json!({
            "id": "run_00000000000000000000000000", "playbook": "contain", "alert_id": "al_00000000000000000000000000",
            "status": "failed", "result": null, "generation": crate::digest::Digest::of(b"x"),
            "error": {"kind": "step", "message": "chat gave up\u{1b}", "line": 7, "column": 5},
            "started_time": "2026-03-01T10:00:00Z", "ended_time": "2026-03-01T10:00:03.500Z",
            "steps": [
                {"key": "1", "call": "connection.post", "input": {"title": "x"}, "status": "done", "output": {"status": 200},
                 "recorded_time": "2026-03-01T10:00:00Z", "settled_time": "2026-03-01T10:00:01Z",
                 "error": null, "next_attempt_time": null, "message_id": "msg_00000000000000000000000000",
                 "attempts": [{"time": "2026-03-01T10:00:00Z", "status": 200, "error": null, "latency_ms": 12,
                               "answer": "{\"ok\":true}"}]},
                {"key": "2", "call": "connection.post", "input": null, "status": "pending", "output": null, "error": null,
                 "recorded_time": "2026-03-01T10:00:01Z", "settled_time": null,
                 "next_attempt_time": "2026-03-01T10:00:08Z", "message_id": null,
                 "attempts": [{"time": "2026-03-01T10:00:01Z", "status": null, "error": "connection refused", "latency_ms": 3}]},
            ],
            "logs": [{"level": "warn", "message": "careful", "fields": {"n": 1}}],
        }))
        .unwrap();
        assert_eq!(
            anstream::adapter::strip_str(&text(&run, Some(80))).to_string(),
            "failed  contain
id           run_00000000000000000000000000
alert        al_00000000000000000000000000
generation   2d711642b726
started      2026-03-01 10:00:00Z
ended        2026-03-01 10:00:03Z (after 3.5 s)
error        step: chat gave up\\u{1b} (line 7, column 5)

Steps
  STEP  CALL             STATUS   RECORDED              TOOK   OUTCOME
  1     connection.post  done     2026-03-01 10:00:00Z  1.0 s  {\"status\":200}
  2     connection.post  pending  2026-03-01 10:00:01Z         next at 2026-03-…

Asked for
  STEP  ID                              INPUT
  1     msg_00000000000000000000000000  {\"title\":\"x\"}
  2

Attempts
  STEP  TIME                  STATUS     TOOK   ERROR               ANSWER
  1     2026-03-01 10:00:00Z  200        12 ms                      {\"ok\":true}
  2     2026-03-01 10:00:01Z  no answer  3 ms   connection refused

Log
  warn: careful {\"n\":1}
"
        );
    }
}
