//! `quell alerts show`: one alert with everything known of it.

use crate::alert::{Alert, Entity};
use crate::cli::options::{DaemonArgs, Format, converse};
use crate::cli::show::fields::Page;
use crate::cli::show::style;
use crate::cli::show::table::{Cell, Column, render};
use crate::cli::show::time::instant;
use crate::cli::{Context, Exit, Failure};
use crate::diag::visible;
use crate::id::{AlertId, RuleId};
use crate::ruleset::Verdict;
use crate::store::{Activity, RunSummary};
use serde::Deserialize;
use serde_json::Value;

/// Show one alert: what it is, what was decided and by which filters, its runs, what happened since
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell alerts show al_06dvzq1jm8q3x9k2n4r5t6v7w8
  quell alerts show al_06dvzq1jm8q3x9k2n4r5t6v7w8 --format json | jq .raw")]
pub(in crate::cli) struct Args {
    /// The alert's id
    id: AlertId,
    /// How the alert is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// What is known of an alert besides itself.
#[derive(Debug, Deserialize)]
struct Beside {
    verdict: Verdict,
    runs: Vec<RunSummary>,
    activity: Vec<Activity>,
}

/// Shows the alert.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/alerts/{}", args.id);
    let answer = converse(async { Ok(client.get(&path, &[]).await?) })?;
    match args.format {
        Format::Json => context.terminal.verbatim(answer.text())?,
        // Read twice, since a payload kept verbatim cannot be read as a part of something flattened.
        Format::Text => context.terminal.data(&text(&answer.json()?, &answer.json()?, context.terminal.width()))?,
    }
    Ok(Exit::Fine)
}

fn text(alert: &Alert, beside: &Beside, width: Option<usize>) -> String {
    let mut page = Page::default();
    let (severity, status) = (style::severity(&alert.severity), style::status(alert.status));
    let title = visible(&alert.title);
    page.line(&format!(
        "{severity}{}{severity:#}  {status}{}{status:#}  {title}",
        visible(alert.severity.as_str()),
        alert.status
    ));
    page.field("id", alert.id.as_str());
    page.field("source", &format!("{}, there {}", alert.source, alert.source_id));
    let made: Vec<_> = [&alert.vendor, &alert.product].into_iter().flatten().map(String::as_str).collect();
    page.maybe("detector", Some(&made.join(", ")));
    page.maybe("type", Some(&alert.alert_type));
    page.maybe("entity", alert.compromised_entity.as_deref());
    page.maybe("started", alert.start_time.map(instant).as_deref());
    page.maybe("ended", alert.end_time.map(instant).as_deref());
    page.field("received", &instant(alert.received_time));
    page.maybe("assignee", alert.assignee.as_deref());
    page.maybe("tags", Some(&alert.tags.join(", ")));
    page.maybe("tactics", Some(&alert.tactics.join(", ")));
    page.maybe("techniques", Some(&alert.techniques.join(", ")));
    page.maybe("flags", Some(&alert.flags.join(", ")));
    if let Some(description) = &alert.description {
        page.heading("Description");
        page.paragraph(description, width);
    }
    if !alert.resources.is_empty() {
        page.heading("Resources");
        for resource in &alert.resources {
            page.paragraph(&[resource.kind.as_deref().unwrap_or("resource"), &resource.id].join(" "), None);
        }
    }
    if !alert.entities.is_empty() {
        page.heading("Entities");
        alert.entities.iter().for_each(|entity| page.paragraph(&one_line(entity), None));
    }
    if !alert.remediation_steps.is_empty() {
        page.heading("Remediation");
        alert.remediation_steps.iter().for_each(|step| page.paragraph(step, width));
    }
    decided(&mut page, &beside.verdict);
    if !beside.runs.is_empty() {
        page.heading("Runs");
        page.line(&runs(&beside.runs, width));
    }
    page.heading("Activity");
    for Activity { time, actor, action, detail, why } in &beside.activity {
        let why = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        let line = format!("{}  {actor}  {action} {detail}{why}", instant(*time));
        page.line(&format!("  {}", visible(line.trim_end())));
    }
    page.finish()
}

fn decided(page: &mut Page, verdict: &Verdict) {
    let names = |ids: &[RuleId]| ids.iter().map(RuleId::as_str).collect::<Vec<_>>().join(", ");
    page.heading("Verdict");
    let reason = verdict.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    match names(&verdict.dismissed_by) {
        filters if filters.is_empty() => page.field("decided", verdict.status.as_str()),
        filters => page.field("decided", &format!("dismissed by {filters}{reason}")),
    }
    page.maybe("would be by", Some(&names(&verdict.would_dismiss)));
    page.maybe("triggered", Some(&names(&verdict.triggered)));
    page.field("generation", &verdict.generation.short());
    if let Some(commit) = &verdict.commit {
        let dirty = if verdict.dirty { ", and changes besides" } else { "" };
        let author = verdict.author.as_ref().map(|author| format!(" by {author}")).unwrap_or_default();
        page.field("commit", &format!("{commit}{author}{dirty}"));
    }
    page.field("at", &instant(verdict.decided_time));
}

/// `ip address=10.0.0.1`: the type, then what is simple; what is nested is left to `--format json`.
fn one_line(entity: &Entity) -> String {
    let field = |(key, value): (&String, &Value)| match value {
        Value::String(text) => Some(format!("{key}={}", visible(text))),
        Value::Number(_) | Value::Bool(_) => Some(format!("{key}={value}")),
        Value::Object(_) => Some(format!("{key}={{…}}")),
        Value::Array(list) => Some(format!("{key}=[{}]", list.len())),
        Value::Null => None,
    };
    let fields: Vec<_> = entity.fields.iter().filter_map(field).collect();
    format!("{} {}", entity.kind, fields.join(" "))
}

fn runs(runs: &[RunSummary], width: Option<usize>) -> String {
    const COLUMNS: [Column; 4] =
        [Column::whole("  STATUS"), Column::whole("PLAYBOOK"), Column::whole("ID"), Column::shrinking("ERROR", 12)];
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            let error = run.error.as_ref().map(|error| error.message.as_str()).unwrap_or("");
            [
                Cell::styled(&format!("  {}", run.status.as_str()), style::run(run.status)),
                Cell::new(run.playbook.as_str()),
                Cell::new(run.id.as_str()),
                Cell::new(error),
            ]
        })
        .collect();
    render(COLUMNS, &rows, width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_known_of_an_alert_is_shown() {
        let generation = crate::digest::Digest::of(b"x");
        let body = json!({
            "id": "al_00000000000000000000000000", "source": "defender", "source_id": "42", "vendor": "Microsoft",
            "product": "Defender for Cloud", "alert_type": "VM_LoginBruteForce", "title": "Brute\u{202e} force",
            "description": "Somebody tries\n\u{1b}[2Jpasswords", "severity": "medium", "status": "dismissed",
            "start_time": "2026-03-01T10:00:00Z", "received_time": "2026-03-01T10:05:00Z", "compromised_entity": "vm-1",
            "resources": [{"id": "/vm-1", "type": "virtual_machine"}],
            "entities": [{"type": "ip", "address": "10.20.3.4", "location": {"city": "x"}, "asn": 5}],
            "tactics": ["credential_access"], "tags": ["vpn"], "raw": {"any": 1.10},
            "verdict": {"status": "dismissed", "dismissed_by": ["scanner"], "would_dismiss": ["audit-me"],
                "reason": "expected_activity", "triggered": [], "generation": generation, "commit": "abc", "dirty": true, "author": "Ada <ada@example.com>",
                "decided_time": "2026-03-01T10:05:00Z"},
            "runs": [{"id": "run_00000000000000000000000000", "playbook": "tell-team", "alert_id": "al_00000000000000000000000000",
                "status": "failed", "result": null, "error": {"kind": "step", "message": "chat: 503", "line": 3, "column": 1},
                "generation": generation, "started_time": "2026-03-01T10:05:00Z", "ended_time": null}],
            "activity": [{"time": "2026-03-01T10:05:00Z", "actor": "intake", "action": "dismissed", "detail": "scanner", "why": "expected_activity"}],
            "feedback": [],
        })
        .to_string();
        let text = text(&serde_json::from_str(&body).unwrap(), &serde_json::from_str(&body).unwrap(), Some(80));
        assert_eq!(
            anstream::adapter::strip_str(&text).to_string(),
            "medium  dismissed  Brute\\u{202e} force
id           al_00000000000000000000000000
source       defender, there 42
detector     Microsoft, Defender for Cloud
type         VM_LoginBruteForce
entity       vm-1
started      2026-03-01 10:00:00Z
received     2026-03-01 10:05:00Z
tags         vpn
tactics      credential_access

Description
  Somebody tries
  \\u{1b}[2Jpasswords

Resources
  virtual_machine /vm-1

Entities
  ip address=10.20.3.4 asn=5 location={…}

Verdict
decided      dismissed by scanner (expected_activity)
would be by  audit-me
generation   2d711642b726
commit       abc by Ada <ada@example.com>, and changes besides
at           2026-03-01 10:05:00Z

Runs
  STATUS  PLAYBOOK   ID                              ERROR
  failed  tell-team  run_00000000000000000000000000  chat: 503

Activity
  2026-03-01 10:05:00Z  intake  dismissed scanner (expected_activity)
"
        );
    }
}
