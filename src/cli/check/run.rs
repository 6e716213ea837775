//! The check itself: read, compile, select, report.

use super::args::{Args, Format};
use super::expired;
use super::report::{Report, Ruled};
use crate::cli::failure::report_findings;
use crate::cli::selection::Selection;
use crate::cli::{Context, Exit, Failure};
use crate::config;
use crate::diag::{Diagnostics, Level};
use crate::playbook::Playbook;
use crate::reload;
use crate::ruleset::{self, SourceKind, Sources};
use crate::yaml;
use std::sync::Arc;

/// Checks the set.
pub(in crate::cli) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let loaded = config::rule_folders(&args.config.flags(), &context.around)?;
    report_findings(&loaded.warnings, &context.terminal);
    let folders = loaded.settings;
    if !folders.rules.exists() && !folders.playbooks.exists() {
        let (rules, playbooks) = (folders.rules.display(), folders.playbooks.display());
        let message =
            format!("nothing to check: neither {rules} nor {playbooks} exists; name them with --rules and --playbooks");
        return Err(Failure::Usage(message));
    }
    let selection = Selection::new(&args.paths, &folders)?;

    let mut found = Diagnostics::new();
    let sources = reload::read_sources(&folders, &mut found);
    let now = context.clock.now();
    ruleset::breaches(&sources, &folders.policy, now, &mut found);
    let unconfigured = |playbooks: &[Arc<Playbook>], found: &mut Diagnostics| {
        ruleset::unconfigured(playbooks, &folders.outlets).into_iter().for_each(|warning| found.push(warning));
    };
    let ruled = match ruleset::build(&sources) {
        Ok(set) => {
            unconfigured(set.playbooks(), &mut found);
            set.warnings().iter().for_each(|warning| found.push(warning.clone()));
            expired::report(set.filters(), now, &mut found);
            let (filters, playbooks) = (set.filters().len(), set.playbooks().len());
            Ruled { filters, playbooks, generation: Some(set.generation()) }
        }
        Err(refusal) => {
            refusal.diagnostics.into_iter().for_each(|fault| found.push(fault));
            unconfigured(&refusal.playbooks, &mut found);
            expired::report(&refusal.filters, now, &mut found);
            as_written(&sources)
        }
    };
    let (shown, hidden): (Vec<_>, Vec<_>) = found.sorted().into_iter().partition(|d| selection.takes(&d.file));
    let hidden_errors = hidden.iter().filter(|diagnostic| diagnostic.level == Level::Error).count();
    // A folder that cannot be told leaves paths as they are.
    let folder = std::path::absolute(&context.around.folder).or_else(|_| std::env::current_dir()).unwrap_or_default();
    let report = Report { shown, hidden_errors, ruled, folder, sources: &sources };
    match args.format {
        Format::Text => report.text(&context.terminal)?,
        Format::Json => context.terminal.verbatim(&report.json())?,
        Format::Sarif => context.terminal.verbatim(&report.sarif())?,
        Format::Github => context.terminal.verbatim(&report.github())?,
    }
    Ok(match report.worst() {
        Some(Level::Error) => Exit::Uncompiled,
        Some(level) if level >= args.fail_level.level() => Exit::Findings,
        _ => Exit::Fine,
    })
}

/// What a set that does not compile would hold, counted as written.
fn as_written(sources: &Sources) -> Ruled {
    let of_kind = |kind: SourceKind| sources.files.iter().filter(move |file| file.kind == kind);
    let documents = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => {
            let nowhere = std::path::Path::new("").into();
            yaml::parse(text, &nowhere, yaml::Limits::RULE_FILE, &mut Diagnostics::new()).len()
        }
        Err(_) => 0,
    };
    Ruled {
        filters: of_kind(SourceKind::Rule).map(|file| documents(&file.bytes)).sum(),
        playbooks: of_kind(SourceKind::Playbook).count(),
        generation: None,
    }
}
