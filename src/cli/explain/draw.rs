//! An explanation for people: a line for each line of a condition, `yes` where it holds.

use crate::alert::Status;
use crate::cli::show::fields::Page;
use crate::cli::show::style::{FAINT, GOOD, HEADING, PLAIN, WARNING};
use crate::cli::show::time::instant;
use crate::diag::visible;
use crate::digest::Digest;
use crate::id::RuleId;
use crate::matcher::{Explanation, Part, Seen};
use crate::ruleset::{AlertExplanation, Effect, FilterExplanation, Verdict};

/// What a daemon answers.
#[derive(Debug, serde::Deserialize)]
pub struct Explained {
    verdict: Verdict,
    #[serde(default)]
    asked: Asked,
    today: Option<Today>,
    #[serde(flatten)]
    explanation: AlertExplanation,
}

/// Which rules were asked.
#[derive(Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    #[default]
    Running,
    Decided,
}

/// What the rules that run now would decide.
#[derive(Debug, serde::Deserialize)]
struct Today {
    generation: Digest,
    status: Status,
    dismissed_by: Vec<RuleId>,
    same: bool,
}

/// The whole page; `only_one` filter was asked for, or all.
pub fn text(explained: &Explained, only_one: bool) -> String {
    let mut page = Page::default();
    let Explained { verdict, asked, today, explanation } = explained;
    decided(&mut page, verdict);
    if let Some(today) = today {
        now(&mut page, today, verdict);
    }
    let generation = explanation.generation;
    let same = if generation == verdict.generation { "the same generation" } else { "another generation" };
    page.heading(&match asked {
        Asked::Running => format!("By the filters that run now ({}, {same})", generation.short()),
        Asked::Decided => format!("By the filters that decided ({}), as of then", generation.short()),
    });
    filters(&mut page, explanation, only_one);
    page.finish()
}

/// What one filter says of an alert, line by line.
pub fn filter(explained: &FilterExplanation) -> String {
    let mut page = Page::default();
    one(&mut page, explained);
    page.finish()
}

/// An alert that was put to rules in place.
pub fn in_place(page: &mut Page, verdict: &Verdict, explanation: &AlertExplanation, only_one: bool) {
    page.field("decided", &status(verdict.status, &verdict.dismissed_by));
    page.heading(&format!("By the filters in place ({})", explanation.generation.short()));
    filters(page, explanation, only_one);
}

fn filters(page: &mut Page, explanation: &AlertExplanation, only_one: bool) {
    let AlertExplanation { met, nearest, .. } = explanation;
    if met.is_empty() && !only_one {
        page.line("no filter is met");
    }
    met.iter().for_each(|filter| one(page, filter));
    if !nearest.is_empty() && !only_one {
        page.heading("Not met, the nearest first");
    }
    nearest.iter().for_each(|filter| one(page, filter));
}

/// The rules may have changed since.
fn now(page: &mut Page, today: &Today, verdict: &Verdict) {
    let said = match (today.generation == verdict.generation, today.same) {
        (true, true) => return,
        (false, true) => "the same, in another generation".to_owned(),
        (same, false) => {
            let which = if same { "the same generation" } else { "another generation" };
            format!("{}, in {which} ({})", status(today.status, &today.dismissed_by), today.generation.short())
        }
    };
    page.field("today", &said);
}

fn status(status: Status, by: &[RuleId]) -> String {
    let by: Vec<_> = by.iter().map(|id| id.as_str()).collect();
    let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
    format!("{}{by}", status.as_str())
}

fn decided(page: &mut Page, verdict: &Verdict) {
    let commit = verdict.commit.as_ref().map_or_else(String::new, |commit| {
        let changed = if verdict.dirty { " and changes" } else { "" };
        format!(", commit {}{changed}", commit.get(..12).unwrap_or(commit))
    });
    let (decided, generation) = (status(verdict.status, &verdict.dismissed_by), verdict.generation.short());
    page.field("decided", &format!("{decided}, in generation {generation}{commit}"));
    page.field("at", &instant(verdict.decided_time));
}

fn one(page: &mut Page, explained: &FilterExplanation) {
    let (effect, style) = match explained.effect {
        Effect::NotMet if explained.misses == 1 => ("misses by one line".to_owned(), PLAIN),
        Effect::NotMet => (format!("misses by {} lines", explained.misses), PLAIN),
        Effect::Dismisses => ("dismisses".to_owned(), GOOD),
        Effect::Limits => ("is met, and dismisses what exceeds its limit".to_owned(), GOOD),
        Effect::Audits => ("is met, and only records it (mode: audit)".to_owned(), WARNING),
        Effect::Held => {
            ("is met, and only records it: held beyond the budget, or what Quell itself says".to_owned(), WARNING)
        }
        Effect::Guarded => ("is met, but may not dismiss this severity (allow)".to_owned(), WARNING),
        Effect::NotInForce if explained.opens_time.is_some() => {
            let opens = explained.opens_time.map(instant).unwrap_or_default();
            (format!("is met, but not in force before its next window opens at {opens}"), WARNING)
        }
        Effect::NotInForce => ("is met, but not in force (starts, expires, schedule)".to_owned(), WARNING),
    };
    let has_title = explained.title != explained.filter.as_str();
    let title = if has_title { format!("  {FAINT}{}{FAINT:#}", visible(&explained.title)) } else { String::new() };
    let filter = &explained.filter;
    page.line(&format!("{HEADING}{filter}{HEADING:#}  {style}{effect}{style:#}{title}"));
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
