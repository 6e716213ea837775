//! A report for people.

use super::subject::Subject;
use crate::alert::Severity;
use crate::cli::show::fields::Page;
use crate::cli::show::style::{self, ERROR, FAINT, GOOD, PLAIN, WARNING};
use crate::cli::show::table::{Cell, Column, render};
use crate::diag::visible;
use crate::simulate::{FilterReport, Moved, PlaybookReport, Report, Shown};

/// Filters that are listed; programs get all.
const MOST_FILTERS: usize = 30;

/// The whole report.
pub(super) fn text(subject: &Subject<'_>, width: Option<usize>) -> String {
    let report = subject.report;
    let mut page = Page::default();
    page.field("rules", &subject.candidate());
    page.field("before", &subject.before());
    page.field("alerts", &format!("{}{}", report.alerts.total(), Subject::by_severity(&report.alerts)));
    if report.unreadable.count > 0 {
        page.line(&format!("{WARNING}not read{WARNING:#}     {}", report.unreadable.count));
    }
    page.line("");
    page.line(table(&standing(report), width).trim_end());
    moved(&mut page, "Would vanish", &report.newly_dismissed, width);
    guarded(&mut page, report, width);
    moved(&mut page, "Would appear", &report.newly_shown, width);
    playbooks(&mut page, &report.playbooks, width);
    filters(&mut page, &report.filters, width);
    if report.is_same() {
        page.line(&format!("\n{GOOD}Nothing would change.{GOOD:#}"));
    }
    if !subject.gates.is_empty() {
        page.heading("Gates");
    }
    for gate in subject.gates {
        let style = if gate.exceeded { ERROR } else { GOOD };
        page.line(&format!("{style}{}{style:#}", Subject::gate(gate)));
    }
    page.finish()
}

type Row = [Cell; 3];

fn standing(report: &Report) -> Vec<Row> {
    let row = |what: &str, before: u64, after: u64| {
        [Cell::new(what), Cell::new(&before.to_string()), Cell::new(&after.to_string())]
    };
    vec![
        row("shown", report.before.shown, report.after.shown),
        row("dismissed", report.before.dismissed, report.after.dismissed),
    ]
}

fn table(rows: &[Row], width: Option<usize>) -> String {
    render([Column::whole("ALERTS"), Column::whole("BEFORE"), Column::whole("AFTER")], rows, width)
}

fn alerts(shown: &[Shown], width: Option<usize>) -> String {
    let columns =
        [Column::whole("SEVERITY"), Column::whole("ALERT"), Column::shrinking("TITLE", 12), Column::whole("FILTERS")];
    let row = |shown: &Shown| {
        let filters: Vec<_> = shown.filters.iter().map(|filter| filter.as_str()).collect();
        let title = if shown.title.is_empty() { &shown.alert_type } else { &shown.title };
        [
            Cell::styled(&shown.severity, style::severity(&Severity::from_word(&shown.severity))),
            Cell::new(&shown.id),
            Cell::new(title),
            Cell::new(&filters.join(", ")),
        ]
    };
    render(columns, &shown.iter().map(row).collect::<Vec<_>>(), width)
}

fn moved(page: &mut Page, title: &str, moved: &Moved, width: Option<usize>) {
    let total = moved.count.total();
    page.heading(&format!("{title}: {total}{}", Subject::by_severity(&moved.count)));
    if !moved.samples.is_empty() {
        page.line(alerts(&moved.samples, width).trim_end());
    }
    let more = total - moved.samples.len() as u64;
    if more > 0 {
        page.line(&format!("{FAINT}examples; {more} more{FAINT:#}"));
    }
}

/// Every one of them: whoever merges this must have had the chance to see each.
fn guarded(page: &mut Page, report: &Report, width: Option<usize>) {
    let listed = &report.guarded_newly_dismissed;
    if listed.is_empty() {
        return;
    }
    page.heading(&format!(
        "High, critical and unknown severities that would vanish: all {}",
        report.newly_dismissed.count.guarded()
    ));
    page.line(alerts(listed, width).trim_end());
    if report.guarded_not_listed > 0 {
        page.line(&format!("{ERROR}{} more are not listed{ERROR:#}", report.guarded_not_listed));
    }
}

fn playbooks(page: &mut Page, playbooks: &[PlaybookReport], width: Option<usize>) {
    if playbooks.is_empty() {
        return;
    }
    page.heading("Playbooks that alerts call for");
    let columns = ["PLAYBOOK", "BEFORE", "AFTER", "WOULD FIRE", "NO LONGER"].map(Column::whole);
    let row = |playbook: &PlaybookReport| {
        let changed = |count: u64| Cell::styled(&count.to_string(), if count > 0 { WARNING } else { PLAIN });
        [
            Cell::new(playbook.playbook.as_str()),
            Cell::new(&playbook.before.to_string()),
            Cell::new(&playbook.after.to_string()),
            changed(playbook.would_fire),
            changed(playbook.no_longer_fires),
        ]
    };
    page.line(render(columns, &playbooks.iter().map(row).collect::<Vec<_>>(), width).trim_end());
}

fn filters(page: &mut Page, filters: &[FilterReport], width: Option<usize>) {
    let (met, idle): (Vec<_>, Vec<_>) =
        filters.iter().partition(|filter| filter.before + filter.dismisses + filter.would_dismiss > 0);
    page.heading("Filters");
    let columns = ["FILTER", "BEFORE", "DISMISSES", "WOULD DISMISS"].map(Column::whole);
    let row = |filter: &&FilterReport| {
        [
            Cell::new(filter.filter.as_str()),
            Cell::new(&filter.before.to_string()),
            Cell::new(&filter.dismisses.to_string()),
            Cell::new(&filter.would_dismiss.to_string()),
        ]
    };
    if !met.is_empty() {
        page.line(render(columns, &met.iter().take(MOST_FILTERS).map(row).collect::<Vec<_>>(), width).trim_end());
    }
    if met.len() > MOST_FILTERS {
        page.line(&format!("{FAINT}{} more; --format json has all{FAINT:#}", met.len() - MOST_FILTERS));
    }
    if !idle.is_empty() {
        let names: Vec<_> = idle.iter().take(5).map(|filter| filter.filter.as_str()).collect();
        let more = if idle.len() > names.len() { " and others" } else { "" };
        page.line(&format!("{} met none of them: {}{more}", idle.len(), visible(&names.join(", "))));
    }
}
