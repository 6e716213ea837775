//! A report as a comment on a pull request. Alerts are hostile: nothing of them can make a link, a mention or markup.

use super::subject::Subject;
use crate::diag::visible;
use crate::simulate::{FilterReport, Moved, PlaybookReport, Report, Shown};

/// Alerts a comment lists: the services that take them cut comments of 64 KiB.
const MOST_ALERTS: usize = 150;
/// Filters a comment lists.
const MOST_FILTERS: usize = 50;

/// The whole comment.
pub(super) fn text(subject: &Subject<'_>) -> String {
    let report = subject.report;
    let mut out = String::from("### quell simulate\n\n");
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    for gate in subject.gates {
        let mark = if gate.exceeded { ":x:" } else { ":white_check_mark:" };
        line(&format!("- {mark} {}", plain(&Subject::gate(gate))));
    }
    if !subject.gates.is_empty() {
        line("");
    }
    line(&format!("- Rules: {}", plain(&subject.candidate())));
    line(&format!("- Before: {}", plain(&subject.before())));
    line(&format!("- Alerts: {}{}", report.alerts.total(), Subject::by_severity(&report.alerts)));
    if report.unreadable.count > 0 {
        line(&format!("- **{} could not be read**", report.unreadable.count));
    }
    line("\n| | before | after |\n|---|---:|---:|");
    line(&format!("| shown | {} | {} |", report.before.shown, report.after.shown));
    line(&format!("| dismissed | {} | {} |", report.before.dismissed, report.after.dismissed));
    guarded(report, &mut line);
    moved("Would vanish", &report.newly_dismissed, &mut line);
    moved("Would appear", &report.newly_shown, &mut line);
    playbooks(&report.playbooks, &mut line);
    filters(&report.filters, &mut line);
    if report.is_same() {
        line("\nNothing would change.");
    }
    out
}

fn guarded(report: &Report, line: &mut impl FnMut(&str)) {
    let all = report.newly_dismissed.count.guarded();
    if all == 0 {
        return;
    }
    line(&format!("\n#### :warning: High, critical and unknown severities that would vanish: {all}\n"));
    alerts(report.guarded_newly_dismissed.iter().take(MOST_ALERTS), line);
    let more = all.saturating_sub(MOST_ALERTS as u64);
    if more > 0 {
        line(&format!("\n**{more} more do not fit here: see `--format json`.**"));
    }
}

fn moved(title: &str, moved: &Moved, line: &mut impl FnMut(&str)) {
    let total = moved.count.total();
    line(&format!("\n#### {title}: {total}{}", Subject::by_severity(&moved.count)));
    if total > 0 {
        line("\n<details><summary>Examples</summary>\n");
        alerts(moved.samples.iter(), line);
        line("\n</details>");
    }
}

fn alerts<'s>(shown: impl Iterator<Item = &'s Shown>, line: &mut impl FnMut(&str)) {
    line("| severity | alert | title | filters |\n|---|---|---|---|");
    for Shown { id, severity, alert_type, title, filters, .. } in shown {
        let filters: Vec<_> = filters.iter().map(|filter| filter.as_str()).collect();
        let title = if title.is_empty() { alert_type } else { title };
        line(&format!("| {} | {} | {} | {} |", plain(severity), plain(id), plain(title), plain(&filters.join(", "))));
    }
}

fn playbooks(playbooks: &[PlaybookReport], line: &mut impl FnMut(&str)) {
    if playbooks.is_empty() {
        return;
    }
    line("\n#### Playbooks\n\n| playbook | before | after | would fire | no longer |\n|---|---:|---:|---:|---:|");
    for PlaybookReport { playbook, before, after, would_fire, no_longer_fires } in playbooks {
        line(&format!("| {} | {before} | {after} | {would_fire} | {no_longer_fires} |", plain(playbook.as_str())));
    }
}

fn filters(filters: &[FilterReport], line: &mut impl FnMut(&str)) {
    let mut changed: Vec<_> = filters.iter().filter(|filter| filter.before != filter.dismisses).collect();
    changed.sort_by_key(|filter| std::cmp::Reverse(filter.before.abs_diff(filter.dismisses)));
    if changed.is_empty() {
        return;
    }
    line(
        "\n#### Filters that dismiss other numbers\n\n| filter | before | dismisses | would dismiss |\n|---|---:|---:|---:|",
    );
    for FilterReport { filter, before, dismisses, would_dismiss } in changed.iter().take(MOST_FILTERS) {
        line(&format!("| {} | {before} | {dismisses} | {would_dismiss} |", plain(filter.as_str())));
    }
    if changed.len() > MOST_FILTERS {
        line(&format!("\n{} more do not fit here: see `--format json`.", changed.len() - MOST_FILTERS));
    }
}

/// Text that stays text: what Markdown or HTML would read as more is written as a character reference.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in visible(text).chars() {
        match c {
            // A dot or a slash makes an address a link, `@` a name a mention, `#` a number a reference.
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '(' | ')' | '#' | '!' | '|' | '@' | '&'
            | '~' | '$' | ':' => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    // `www.` is a link without a scheme.
    out.replace("www.", "www&#46;").replace("WWW.", "WWW&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_an_alert_becomes_markup() {
        let hostile = "a|b <img src=x> [x](https://e.example) @team #12 `c` **d** www.e.example\n## e ![x](y)";
        let shown = plain(hostile);
        for live in ["|", "<", "[", "](", "@team", "#12 ", "`", "**", "www.", "https:", "\n", "!["] {
            assert!(!shown.contains(live), "{live}: {shown}");
        }
        assert_eq!(plain("contain-brute-force"), "contain-brute-force");
    }
}
