//! What tests have tried, as tables and as JSON.

use crate::cli::show::style::{GOOD, PLAIN, WARNING};
use crate::cli::show::table::{Cell, Column, render};
use crate::diag::visible;
use crate::ruleset::trial::{Coverage, Share};
use serde_json::{Value, json};
use std::fmt::Write;

/// The most that is missing of one rule and still told piece by piece.
const MOST_MISSING: usize = 20;

/// What is said if less than `least` percent are covered.
pub(super) fn too_little(coverage: &Coverage, least: u8) -> Option<String> {
    let total = coverage.total();
    let short = total.percent() < f64::from(least);
    short.then(|| format!("{} of lines and blocks are covered, and {least}% are asked for", percent(total)))
}

/// One line for each kind of thing.
pub(super) fn summary(coverage: &Coverage, width: Option<usize>) -> String {
    let kinds = [
        ("filters tested", coverage.filters_tested()),
        ("lines of filters, held and failed", coverage.lines()),
        ("playbooks tested", coverage.playbooks_tested()),
        ("blocks of playbooks", coverage.blocks()),
    ];
    let row = |(what, share): (&str, Share)| {
        [Cell::new(what), count(share.covered), count(share.of), Cell::styled(&percent(share), color(share))]
    };
    let columns = [Column::whole("COVERED"), Column::whole("SEEN"), Column::whole("OF"), Column::whole("SHARE")];
    let kinds = kinds.into_iter().filter(|(_, share)| share.of > 0);
    render(columns, &kinds.map(row).collect::<Vec<_>>(), width)
}

/// Every filter and playbook, and what of it no test has tried.
pub(super) fn details(coverage: &Coverage, width: Option<usize>) -> String {
    let row = |id: &str, what: &str, tests: usize, share: Share| {
        let seen = format!("{} of {}", share.covered, share.of);
        let percent = Cell::styled(&percent(share), color(share));
        [Cell::new(id), Cell::new(what), count(tests), Cell::new(&seen), percent]
    };
    let filters = coverage.filters.iter().map(|it| row(it.id.as_str(), "filter", it.tests, it.share()));
    let playbooks = coverage.playbooks.iter().map(|it| row(it.id.as_str(), "playbook", it.tests, it.share()));
    let columns = [
        Column::whole("ID"),
        Column::whole("KIND"),
        Column::whole("TESTS"),
        Column::whole("SEEN"),
        Column::whole("SHARE"),
    ];
    let mut out = render(columns, &filters.chain(playbooks).collect::<Vec<_>>(), width);
    for filter in &coverage.filters {
        let missing = filter.lines.iter().flat_map(|line| {
            let (held, failed) = ((!line.held).then_some("never holds"), (!line.failed).then_some("never fails"));
            [held, failed].into_iter().flatten().map(|how| format!("{how}: {}", visible(&line.line)))
        });
        missed(&mut out, filter.id.as_str(), missing.collect());
    }
    for playbook in &coverage.playbooks {
        let blocks = playbook.blocks.iter().filter(|block| !block.reached);
        let place = |line: u32, column: u32| format!("never reached: {}:{line}:{column}", playbook.file.display());
        let missing = blocks.map(|block| place(block.block.line, block.block.column));
        missed(&mut out, playbook.id.as_str(), missing.collect());
    }
    out
}

fn missed(out: &mut String, id: &str, missing: Vec<String>) {
    if missing.is_empty() {
        return;
    }
    // Writing to a text cannot fail.
    let _ = writeln!(out, "\n{id}");
    for line in missing.iter().take(MOST_MISSING) {
        let _ = writeln!(out, "  {line}");
    }
    if missing.len() > MOST_MISSING {
        let _ = writeln!(out, "  and {} more", missing.len() - MOST_MISSING);
    }
}

/// For programs.
pub(super) fn json(coverage: &Coverage) -> Value {
    json!({
        "filters_tested": coverage.filters_tested(), "playbooks_tested": coverage.playbooks_tested(),
        "lines": coverage.lines(), "blocks": coverage.blocks(), "percent": coverage.total().percent(),
        "filters": coverage.filters, "playbooks": coverage.playbooks,
    })
}

fn count(number: usize) -> Cell {
    Cell::new(&number.to_string())
}

/// Cut, not rounded: what is not whole must not be shown as 100%.
fn percent(share: Share) -> String {
    format!("{:.0}%", share.percent().floor())
}

fn color(share: Share) -> anstyle::Style {
    match share.covered {
        covered if covered == share.of => GOOD,
        0 => WARNING,
        _ => PLAIN,
    }
}
