//! A comparison in plain words and lines, cut where nobody would read on.

use super::{ChangedRule, Comparison, KeyChange, NamedRule, RenamedRule, RuleChanges};
use crate::diag::visible;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A value that stands on one line is cut beyond this.
const LONGEST_VALUE: usize = 200;

/// How many rules came, went and changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// Filters.
    pub filters: KindCounts,
    /// Playbooks.
    pub playbooks: KindCounts,
}

/// How many rules of one kind did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCounts {
    /// Only in the new set.
    pub added: usize,
    /// Only in the old set.
    pub removed: usize,
    /// In both under different ids.
    pub renamed: usize,
    /// In both with different content.
    pub changed: usize,
}

impl From<&RuleChanges> for KindCounts {
    fn from(changes: &RuleChanges) -> Self {
        let RuleChanges { added, removed, renamed, changed } = changes;
        Self { added: added.len(), removed: removed.len(), renamed: renamed.len(), changed: changed.len() }
    }
}

impl KindCounts {
    /// Rules that are concerned.
    pub fn total(&self) -> usize {
        self.added + self.removed + self.renamed + self.changed
    }
}

/// Such as `2 added, 1 changed`.
impl fmt::Display for KindCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all =
            [(self.added, "added"), (self.removed, "removed"), (self.renamed, "renamed"), (self.changed, "changed")];
        let said: Vec<_> = all.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        f.write_str(if said.is_empty() { "none" } else { "" })?;
        f.write_str(&said.join(", "))
    }
}

impl Comparison {
    /// How many rules are concerned, and how.
    pub fn counts(&self) -> ChangeCounts {
        ChangeCounts { filters: (&self.filters).into(), playbooks: (&self.playbooks).into() }
    }

    /// What is different, a line each, in at most so many bytes; what was left out is said in the last line.
    pub fn told(&self, most_bytes: usize) -> String {
        let mut page = Told { text: String::new(), most_bytes, left_out: 0 };
        for (what, changes) in [("filter", &self.filters), ("playbook", &self.playbooks)] {
            changes.added.iter().for_each(|rule| page.rule(&came(what, "added", rule)));
            changes.removed.iter().for_each(|rule| page.rule(&came(what, "removed", rule)));
            changes.renamed.iter().for_each(|rule| page.rule(&renamed(what, rule)));
            changes.changed.iter().for_each(|rule| page.rule(&changed(what, rule)));
        }
        page.finish()
    }
}

struct Told {
    text: String,
    most_bytes: usize,
    left_out: usize,
}

impl Told {
    /// A rule is told whole or not at all, so that nobody takes half a change for all of it.
    fn rule(&mut self, told: &str) {
        if self.left_out == 0 && self.text.len() + told.len() <= self.most_bytes {
            self.text.push_str(told);
        } else {
            self.left_out += 1;
        }
    }

    fn finish(mut self) -> String {
        if self.left_out > 0 {
            let rules = if self.left_out == 1 { "rule" } else { "rules" };
            self.text.push_str(&format!("… and {} more {rules}\n", self.left_out));
        }
        self.text
    }
}

fn came(what: &str, how: &str, rule: &NamedRule) -> String {
    let NamedRule { id, file, means, .. } = rule;
    format!("{what} {id} {how} ({}): {}\n", visible(file), visible(&means.join("; ")))
}

fn renamed(what: &str, rule: &RenamedRule) -> String {
    format!("{what} {} is {} now ({})\n", rule.from, rule.to, visible(&rule.file))
}

fn changed(what: &str, rule: &ChangedRule) -> String {
    let ChangedRule { id, file, means, keys, .. } = rule;
    let keys: String = keys.iter().map(key).collect();
    format!("{what} {id} changed ({}): {}\n{keys}", visible(file), visible(&means.join("; ")))
}

fn key(change: &KeyChange) -> String {
    let KeyChange { key, old, new, lines } = change;
    if lines.is_empty() {
        return format!("  {}: {} → {}\n", visible(key), plain(old), plain(new));
    }
    let lines: String = lines.iter().map(|line| format!("    {}\n", visible(line))).collect();
    format!("  {}:\n{lines}", visible(key))
}

fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = visible(&text);
    let cut = text.floor_char_boundary(LONGEST_VALUE);
    if cut < text.len() { format!("{}…", &text[..cut]) } else { text.into_owned() }
}
