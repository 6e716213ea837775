//! An explanation for people: a line for each line of a condition, `yes` where it holds.

use crate::cli::show::fields::Page;
use crate::cli::show::style::{FAINT, GOOD, HEADING, PLAIN, WARNING};
use crate::cli::show::time::instant;
use crate::diag::visible;
use crate::matcher::{Explanation, Part, Seen};
use crate::ruleset::{AlertExplanation, Effect, FilterExplanation, Verdict};

/// What a daemon answers.
#[derive(Debug, serde::Deserialize)]
pub struct Explained {
    verdict: Verdict,
    #[serde(flatten)]
    now: AlertExplanation,
}

/// The whole page; `only_one` filter was asked for, or all.
pub fn text(explained: &Explained, only_one: bool) -> String {
    let mut page = Page::default();
    decided(&mut page, &explained.verdict);
    let AlertExplanation { generation, met, nearest } = &explained.now;
    let same = if *generation == explained.verdict.generation { "the same generation" } else { "another generation" };
    page.heading(&format!("By the filters that run now ({}, {same})", generation.short()));
    if met.is_empty() && !only_one {
        page.line("no filter is met");
    }
    met.iter().for_each(|filter| one(&mut page, filter));
    if !nearest.is_empty() && !only_one {
        page.heading("Not met, the nearest first");
    }
    nearest.iter().for_each(|filter| one(&mut page, filter));
    page.finish()
}

/// What one filter says of an alert, line by line.
pub fn filter(explained: &FilterExplanation) -> String {
    let mut page = Page::default();
    one(&mut page, explained);
    page.finish()
}

fn decided(page: &mut Page, verdict: &Verdict) {
    let by: Vec<_> = verdict.dismissed_by.iter().map(|id| id.as_str()).collect();
    let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
    let generation = verdict.generation.short();
    page.field("decided", &format!("{}{by}, in generation {generation}", verdict.status.as_str()));
    page.field("at", &instant(verdict.decided_time));
}

fn one(page: &mut Page, explained: &FilterExplanation) {
    let (effect, style) = match explained.effect {
        Effect::NotMet if explained.misses == 1 => ("misses by one line".to_owned(), PLAIN),
        Effect::NotMet => (format!("misses by {} lines", explained.misses), PLAIN),
        Effect::Dismisses => ("dismisses".to_owned(), GOOD),
        Effect::Limits => ("is met, and dismisses what exceeds its limit".to_owned(), GOOD),
        Effect::Audits => ("is met, and only records it (mode: audit)".to_owned(), WARNING),
        Effect::Guarded => ("is met, but may not dismiss this severity (allow)".to_owned(), WARNING),
        Effect::NotInForce if explained.opens_time.is_some() => {
            let opens = explained.opens_time.map(instant).unwrap_or_default();
            (format!("is met, but not in force before its next window opens at {opens}"), WARNING)
        }
        Effect::NotInForce => ("is met, but not in force (starts, expires, schedule)".to_owned(), WARNING),
    };
    let title = if explained.title == explained.filter.as_str() { "" } else { &explained.title };
    let filter = &explained.filter;
    page.line(&format!("{HEADING}{filter}{HEADING:#}  {style}{effect}{style:#}  {FAINT}{}{FAINT:#}", visible(title)));
    part(page, &explained.condition, 1);
}

fn part(page: &mut Page, explained: &Explanation, depth: usize) {
    let mut line = |text: &str| {
        let (word, style) = if explained.holds { ("yes", GOOD) } else { ("no ", PLAIN) };
        page.line(&format!("  {style}{word}{style:#} {}{text}", "  ".repeat(depth)));
    };
    match &explained.part {
        Part::All { parts } => {
            line("all of");
            parts.iter().for_each(|inner| part(page, inner, depth + 1));
        }
        Part::Any { parts } => {
            line("any of");
            parts.iter().for_each(|inner| part(page, inner, depth + 1));
        }
        Part::Not { of } => {
            line("not");
            part(page, of, depth + 1);
        }
        Part::Selection { name, of } => {
            line(&visible(name));
            part(page, of, depth + 1);
        }
        Part::Line(seen) => line(&of_line(seen)),
        Part::Block { key, elements, nearest } => {
            let of = match elements {
                0 => "no element".to_owned(),
                1 => "one element".to_owned(),
                count => format!("{count} elements, the nearest:"),
            };
            line(&format!("{}: {FAINT}{of}{FAINT:#}", visible(key)));
            nearest.iter().for_each(|inner| part(page, inner, depth + 1));
        }
    }
}

fn of_line(seen: &Seen) -> String {
    let more = |count: usize| if count > 0 { format!(", {count} more") } else { String::new() };
    let expected: Vec<_> = seen.expected.iter().map(|value| format!("`{}`", visible(value))).collect();
    let found: Vec<String> = seen
        .found
        .iter()
        .map(|found| {
            let style = if found.passes { GOOD } else { PLAIN };
            format!("{style}`{}`{style:#}", visible(&found.value))
        })
        .collect();
    let found = if found.is_empty() { "nothing there".to_owned() } else { found.join(", ") };
    format!(
        "{} {HEADING}{}{HEADING:#} {}{}  {FAINT}saw{FAINT:#} {found}{}",
        visible(&seen.field),
        visible(&seen.operator),
        expected.join(", "),
        more(seen.more_expected),
        more(seen.more_found),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_line_is_shown_with_what_it_saw() {
        let line = |field: &str, expected: &[&str], found: &[(&str, bool)], holds: bool| {
            let found: Vec<_> = found.iter().map(|(value, passes)| json!({"value": value, "passes": passes})).collect();
            json!({"holds": holds, "part": "line", "field": field, "operator": "lte", "expected": expected,
                "more_expected": 0, "found": found, "more_found": 2})
        };
        let condition = json!({"holds": false, "part": "all", "parts": [
            line("severity", &["medium"], &[("hi\u{1b}gh", false)], false),
            {"holds": true, "part": "not", "of":
                {"holds": false, "part": "block", "key": "entities.file", "elements": 2, "nearest": line("name", &["a", "b"], &[], false)}},
        ]});
        let explained = json!({
            "verdict": {"status": "active", "dismissed_by": [], "would_dismiss": [], "reason": null, "triggered": [],
                "generation": crate::digest::Digest::of(b"y"), "commit": null, "dirty": false,
                "decided_time": "2026-06-01T00:00:00Z"},
            "generation": crate::digest::Digest::of(b"x"), "met": [],
            "nearest": [{"filter": "near", "title": "Near", "effect": "not_met", "misses": 1, "condition": condition}],
        });
        let explained: Explained = serde_json::from_value(explained).unwrap();
        assert_eq!(
            anstream::adapter::strip_str(&text(&explained, false)).to_string(),
            "decided      active, in generation a1fce4363854
at           2026-06-01 00:00:00Z

By the filters that run now (2d711642b726, another generation)
no filter is met

Not met, the nearest first
near  misses by one line  Near
  no    all of
  no      severity lte `medium`  saw `hi\\u{1b}gh`, 2 more
  yes     not
  no        entities.file: 2 elements, the nearest:
  no          name lte `a`, `b`  saw nothing there, 2 more
"
        );
    }
}
