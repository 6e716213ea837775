//! Differences for people.

use crate::cli::sets::Set;
use crate::cli::show::fields::Page;
use crate::cli::show::style::{ERROR, FAINT, GOOD, HEADING, PLAIN, WARNING};
use crate::cli::show::text::count;
use crate::diag::visible;
use crate::ruleset::{ChangedRule, Comparison, KeyChange, NamedRule, RuleChanges};
use anstyle::Style;
use serde_json::Value;

/// A value that stands on one line is cut beyond this.
const LONGEST: usize = 120;

/// The whole page.
pub fn text(old: &Set, new: &Set, comparison: &Comparison) -> String {
    let mut page = Page::default();
    page.field("from", &described(old));
    page.field("to", &described(new));
    if comparison.is_empty() {
        let same = if old.rules.generation() == new.rules.generation() {
            "The same rules."
        } else {
            "The same rules; only comments, layout or their order differ."
        };
        page.line(&format!("\n{GOOD}{same}{GOOD:#}"));
    }
    kind(&mut page, "Filters", &comparison.filters);
    kind(&mut page, "Playbooks", &comparison.playbooks);
    page.finish()
}

fn described(set: &Set) -> String {
    let commit = set.commit();
    let commit = if commit.is_empty() { String::new() } else { format!(" ({commit})") };
    let (filters, playbooks) = (set.rules.filters().len(), set.rules.playbooks().len());
    let holds = format!("{}, {}", count(filters, "filter"), count(playbooks, "playbook"));
    format!("{}{commit}: {holds}, generation {}", set.name, set.rules.generation().short())
}

fn kind(page: &mut Page, title: &str, changes: &RuleChanges) {
    if changes.is_empty() {
        return;
    }
    let RuleChanges { added, removed, renamed, changed } = changes;
    let counts =
        [(added.len(), "added"), (removed.len(), "removed"), (renamed.len(), "renamed"), (changed.len(), "changed")];
    let counts: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    page.heading(&format!("{title}: {}", counts.join(", ")));
    added.iter().for_each(|rule| named(page, '+', GOOD, rule));
    removed.iter().for_each(|rule| named(page, '-', ERROR, rule));
    for rule in renamed {
        let (to, from, file) = (&rule.to, &rule.from, visible(&rule.file));
        page.line(&format!("{WARNING}>{WARNING:#} {HEADING}{to}{HEADING:#}  was {from}  {FAINT}{file}{FAINT:#}"));
    }
    changed.iter().for_each(|rule| one(page, rule));
}

fn head(page: &mut Page, mark: char, style: Style, id: &str, title: &str, file: &str) {
    let title = if title == id { String::new() } else { format!("  {}", visible(title)) };
    let file = visible(file);
    page.line(&format!("{style}{mark}{style:#} {HEADING}{id}{HEADING:#}{title}  {FAINT}{file}{FAINT:#}"));
}

fn named(page: &mut Page, mark: char, style: Style, rule: &NamedRule) {
    head(page, mark, style, rule.id.as_str(), &rule.title, &rule.file);
    rule.means.iter().for_each(|said| page.line(&format!("    {}", visible(said))));
}

fn one(page: &mut Page, rule: &ChangedRule) {
    head(page, '~', WARNING, rule.id.as_str(), &rule.title, &rule.file);
    rule.means.iter().for_each(|said| page.line(&format!("    {}", visible(said))));
    rule.keys.iter().for_each(|change| key(page, change));
}

fn key(page: &mut Page, change: &KeyChange) {
    let name = visible(&change.key);
    if change.lines.is_empty() {
        page.line(&format!("    {FAINT}{name}:{FAINT:#} {} → {}", plain(&change.old), plain(&change.new)));
        return;
    }
    page.line(&format!("    {FAINT}{name}:{FAINT:#}"));
    for line in &change.lines {
        let style = match line.chars().next() {
            Some('+') => GOOD,
            Some('-') => ERROR,
            _ => PLAIN,
        };
        page.line(&format!("      {style}{}{style:#}", visible(line)));
    }
}

fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    crate::cli::show::text::cut(&visible(&text), LONGEST)
}
