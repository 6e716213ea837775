//! `quell reload`: tells a daemon to read its rules again now, and says what came of it.

use super::options::{DaemonArgs, Format, converse};
use super::show::style::{ERROR, GOOD, WARNING};
use super::show::text::count;
use super::{Context, Exit, Failure};
use crate::client::{ClientError, Problem};
use crate::clock::Timestamp;
use crate::diag::visible;
use crate::digest::Digest;
use serde::Deserialize;

/// Make a running daemon read its rules again now. A set with faults changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell reload
  quell reload --format json

Exit status: 0 if the rules are live, 2 if they do not compile and the old ones stay.")]
pub(super) struct Args {
    #[command(flatten)]
    daemon: DaemonArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// The running set, as a daemon reports it.
#[derive(Debug, Deserialize)]
pub(super) struct Reloaded {
    /// What came of a reload just ordered; none in a plain report.
    outcome: Option<String>,
    pub generation: Digest,
    pub commit: Option<String>,
    #[serde(default)]
    pub dirty: bool,
    pub author: Option<String>,
    pub loaded_at: Timestamp,
    pub filters: usize,
    pub playbooks: usize,
    pub rolled_back: Option<RolledBack>,
    pub last_reload: LastReload,
}

/// Somebody went back to this set.
#[derive(Debug, Deserialize)]
pub(super) struct RolledBack {
    pub from: Digest,
    pub by: String,
    pub at: Timestamp,
}

/// How the last look at the files ended.
#[derive(Debug, Deserialize)]
pub(super) struct LastReload {
    pub outcome: String,
    pub at: Timestamp,
    #[serde(default)]
    pub diagnostics: Vec<Finding>,
}

/// A finding as a daemon reports it.
#[derive(Debug, Deserialize)]
pub(super) struct Finding {
    file: String,
    line: u32,
    column: u32,
    pub level: String,
    code: String,
    message: String,
    help: Option<String>,
}

impl Finding {
    /// The finding on one line, without its help; safe to show.
    pub fn text(&self) -> String {
        let Self { file, line, column, level, code, message, .. } = self;
        visible(&format!("{file}:{line}:{column}: {level}[{code}]: {message}")).into_owned()
    }

    fn full(&self) -> String {
        let help = self.help.as_ref().map(|help| format!("\n  = help: {}", visible(help))).unwrap_or_default();
        format!("{}{help}", self.text())
    }
}

/// Reloads the rules.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let terminal = &context.terminal;
    match converse(async { Ok(client.post("/-/reload").await) })? {
        Ok(answer) => {
            let set: Reloaded = answer.json()?;
            set.last_reload.diagnostics.iter().for_each(|finding| terminal.say(&finding.full()));
            match args.format {
                Format::Text => terminal.data(&text(&set))?,
                Format::Json => terminal.verbatim(answer.text())?,
            }
            Ok(Exit::Fine)
        }
        Err(ClientError::Refused(problem)) if problem.code == "ruleset_rejected" => {
            say_rejected(&problem, args.format, context)
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Says which faults the refused files have.
pub(super) fn say_rejected(problem: &Problem, format: Format, context: &Context) -> Result<Exit, Failure> {
    let findings = problem.document.get("diagnostics").cloned().unwrap_or_default();
    let findings: Vec<Finding> = serde_json::from_value(findings).unwrap_or_default();
    findings.iter().for_each(|finding| context.terminal.say(&finding.full()));
    if format == Format::Json {
        context.terminal.verbatim(&problem.document.to_string())?;
    }
    let errors = findings.iter().filter(|finding| finding.level == "error").count();
    let errors = count(errors, "error");
    context.terminal.say(&format!("{ERROR}refused{ERROR:#}: {errors}; the rules that were running stay"));
    Ok(Exit::Uncompiled)
}

fn text(set: &Reloaded) -> String {
    let outcome = match set.outcome.as_ref().unwrap_or(&set.last_reload.outcome).as_str() {
        "unchanged" => format!("{WARNING}unchanged{WARNING:#}"),
        outcome => format!("{GOOD}{}{GOOD:#}", visible(outcome)),
    };
    let (filters, playbooks) = (count(set.filters, "filter"), count(set.playbooks, "playbook"));
    let rolled_back = if set.rolled_back.is_some() { ", rolled back until the files change" } else { "" };
    format!("{outcome}: {filters}, {playbooks}, generation {}{rolled_back}", set.generation.short())
}
