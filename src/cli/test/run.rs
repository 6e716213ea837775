//! The tests themselves: read, compile, run, report.

use super::args::{Args, Format};
use super::{cover, junit, samples, text};
use crate::cli::process::with_stack;
use crate::cli::selection::Selection as Paths;
use crate::cli::{Context, Exit, Failure};
use crate::config;
use crate::diag::{Diagnostic, Diagnostics, closest};
use crate::reload;
use crate::ruleset::trial::{self, Selection, Tested, Trial, Wish};
use crate::ruleset::{self, SourceKind, Sources};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// All there is to report.
pub(super) struct Report<'a> {
    pub tested: &'a Tested,
    /// Filters and playbooks with too few tests.
    pub few: &'a [Diagnostic],
    /// That too little is covered.
    pub uncovered: Option<String>,
}

impl Report<'_> {
    /// How many tests do not hold.
    pub fn failed(&self) -> usize {
        self.tested.trials.iter().filter(|trial| trial.fault.is_some()).count()
    }

    /// How many do.
    pub fn passed(&self) -> usize {
        self.tested.trials.len() - self.failed()
    }
}

/// Runs the tests.
pub(in crate::cli) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let folders = config::rule_folders(&args.config.flags(), &context.around)?.settings;
    let mut found = Diagnostics::new();
    let sources = reload::read_sources(&folders, &mut found);
    if found.has_errors() {
        return Err(Failure::Rules(found.sorted()));
    }
    let paths = Paths::new(&args.paths, &folders)?;
    let files = (!args.paths.is_empty()).then(|| tested_files(&sources, &paths));
    if files.as_ref().is_some_and(HashSet::is_empty) {
        let named: Vec<_> = args.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::Usage(format!("{}: there is no filter and no playbook to test", named.join(", "))));
    }
    let pattern = args.filter.clone();
    let tested = with_stack(move || test(&sources, pattern.as_deref(), files))??;
    let mut few = Diagnostics::new();
    tested.coverage.report_fewer(args.min_tests.into(), &mut few);
    let few = few.sorted();
    let uncovered = args.min_coverage.and_then(|least| cover::too_little(&tested.coverage, least));
    let report = Report { tested: &tested, few: &few, uncovered };
    match args.format {
        Format::Text => text::write(&report, args.coverage, &context.terminal)?,
        Format::Json => context.terminal.verbatim(&json(&report).to_string())?,
        Format::Junit => context.terminal.verbatim(&junit::xml(&report))?,
    }
    let fine = report.failed() == 0 && few.is_empty() && report.uncovered.is_none();
    Ok(if fine { Exit::Fine } else { Exit::Findings })
}

/// The files of filters and playbooks that were asked for, by themselves or by the file of their tests.
fn tested_files(sources: &Sources, paths: &Paths) -> HashSet<Arc<Path>> {
    let is_taken = |file: &Path| {
        let beside = ["test.yaml", "test.yml"].map(|end| file.with_extension(end));
        paths.takes(file) || beside.iter().any(|tests| paths.takes(tests))
    };
    let files = sources.files.iter().filter(|file| matches!(file.kind, SourceKind::Rule | SourceKind::Playbook));
    files.filter(|file| is_taken(&file.path)).map(|file| file.path.clone()).collect()
}

fn test(sources: &Sources, pattern: Option<&str>, files: Option<HashSet<Arc<Path>>>) -> Result<Tested, Failure> {
    let set = ruleset::build(sources).map_err(|refusal| Failure::Rules(refusal.diagnostics))?;
    let only = pattern.map_or_else(Selection::all, Selection::of);
    let is_narrowed = files.is_some();
    let only = match files {
        Some(files) => only.within(files),
        None => only,
    };
    let rules = || {
        let filters = set.filters().iter().map(|filter| (&filter.id, &filter.file));
        filters.chain(set.playbooks().iter().map(|playbook| (&playbook.id, &playbook.file)))
    };
    if let (Some(pattern), false) = (pattern, rules().any(|(id, file)| only.takes(id, file))) {
        let near = closest(pattern, rules().map(|(id, _)| id.as_str()));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let there = if is_narrowed { " there" } else { "" };
        return Err(Failure::Usage(format!("--filter {pattern}: no filter or playbook has such an id{there}{near}")));
    }
    let wish = Wish { only, samples: &samples::read };
    // What cannot be read has been refused by the build.
    Ok(trial::run(&set, sources, &wish, &mut Diagnostics::new()))
}

fn json(report: &Report<'_>) -> Value {
    let tests = report.tested.trials.iter().map(|Trial { name, file, place, fault, explained }| {
        json!({
            "name": name, "file": file.display().to_string(), "line": place.line, "fault": fault,
            "explanation": explained,
        })
    });
    let findings = report.few.iter().map(|found| {
        json!({
            "file": found.file.display().to_string(), "line": found.span.start.line, "code": found.code.id,
            "message": found.message,
        })
    });
    json!({
        "passed": report.passed(), "failed": report.failed(), "tests": tests.collect::<Vec<_>>(),
        "coverage": cover::json(&report.tested.coverage), "findings": findings.collect::<Vec<_>>(),
        "uncovered": report.uncovered,
    })
}
