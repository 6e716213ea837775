//! `quell runs show`: one run, step by step and attempt by attempt.

use crate::cli::options::{DaemonArgs, Format, converse};
use crate::cli::show::fields::Page;
use crate::cli::show::style;
use crate::cli::show::text::fitted;
use crate::cli::show::time::{instant, took};
use crate::cli::{Context, Exit, Failure};
use crate::diag::visible;
use crate::id::RunId;
use crate::store::{AttemptView, RunDetails, StepStatus, StepView};
use serde_json::Value;

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
        page.heading("Steps");
        steps.iter().for_each(|step| show_step(&mut page, step, width));
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

fn show_step(page: &mut Page, step: &StepView, width: Option<usize>) {
    let status = style::step(step.status);
    let word = match step.status {
        StepStatus::Pending => "pending",
        StepStatus::Done => "done",
        StepStatus::Failed => "failed",
        StepStatus::Cancelled => "cancelled",
    };
    page.line(&format!("  {}  {}  {status}{word}{status:#}", step.key, visible(&step.call)));
    let mut part = |label: &str, text: &str| page.line(&format!("       {label:<9} {text}"));
    let value = |value: &Value| visible(&fitted(&value.to_string(), width, MARGIN)).into_owned();
    if !step.input.is_null() {
        part("input", &value(&step.input));
    }
    if let Some(output) = step.output.as_ref().filter(|output| !output.is_null()) {
        part("output", &value(output));
    }
    if let Some(error) = &step.error {
        part("error", &visible(&format!("{}: {}", error.kind, error.message)));
    }
    if let Some(message) = &step.message_id {
        part("message", message.as_str());
    }
    if let Some(approval) = &step.approval_id {
        part("approval", approval.as_str());
    }
    if let Some(run) = &step.run_id {
        part("run", run.as_str());
    }
    let ended = step.settled_time.map(|ended| format!(", took {}", took(step.recorded_time, ended)));
    part("recorded", &format!("{}{}", instant(step.recorded_time), ended.unwrap_or_default()));
    for AttemptView { time, status, error, latency_ms, answer } in &step.attempts {
        let status = status.map_or("no answer".to_owned(), |status| status.to_string());
        let error = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        part("attempt", &visible(&format!("{}  {status} in {latency_ms} ms{error}", instant(*time))));
        if let Some(answer) = answer {
            part("answer", &visible(&fitted(answer, width, MARGIN)));
        }
    }
    if let Some(next) = step.next_attempt_time {
        part("next", &instant(next));
    }
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
                 "attempts": [{"time": "2026-03-01T10:00:00Z", "status": 200, "error": null, "latency_ms": 12}]},
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
  1  connection.post  done
       input     {\"title\":\"x\"}
       output    {\"status\":200}
       message   msg_00000000000000000000000000
       recorded  2026-03-01 10:00:00Z, took 1.0 s
       attempt   2026-03-01 10:00:00Z  200 in 12 ms
  2  connection.post  pending
       recorded  2026-03-01 10:00:01Z
       attempt   2026-03-01 10:00:01Z  no answer in 3 ms: connection refused
       next      2026-03-01 10:00:08Z

Log
  warn: careful {\"n\":1}
"
        );
    }
}
