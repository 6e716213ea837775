//! The outcome for people: what failed on stderr, the counts and what was covered on stdout.

use super::cover;
use super::run::Report;
use crate::cli::explain::draw;
use crate::cli::show::style;
use crate::cli::{Failure, Terminal};
use crate::diag::{render_coloured, visible};
use crate::ruleset::trial::Trial;

/// Writes it.
pub(super) fn write(report: &Report<'_>, with_details: bool, terminal: &Terminal) -> Result<(), Failure> {
    for Trial { name, file, place, fault, explained } in &report.tested.trials {
        let Some(fault) = fault else { continue };
        let (error, file, line) = (style::ERROR, file.display(), place.line);
        let lines: Vec<_> = fault.lines().map(visible).collect();
        let fault = lines.join("\n  ");
        terminal.say(&format!("{file}:{line}: {error}failed{error:#}: {}: {fault}", visible(name)));
        for filter in explained {
            let drawn = draw::filter(filter);
            terminal.say(&drawn.lines().map(|line| format!("  {line}\n")).collect::<String>());
        }
    }
    for few in report.few {
        terminal.say(&render_coloured(few, None));
    }
    if let Some(uncovered) = &report.uncovered {
        let error = style::ERROR;
        terminal.say(&format!("{error}too little is covered{error:#}: {uncovered}"));
    }
    let (passed, failed) = (report.passed(), report.failed());
    let color = if failed == 0 { style::GOOD } else { style::ERROR };
    terminal.data(&format!("{color}{passed} passed, {failed} failed{color:#}"))?;
    let coverage = &report.tested.coverage;
    if coverage.total().of > 0 {
        let width = terminal.width();
        terminal.data(&format!("\n{}", cover::summary(coverage, width).trim_end()))?;
        if with_details {
            terminal.data(&format!("\n{}", cover::details(coverage, width).trim_end()))?;
        }
    }
    Ok(())
}
