//! Two sets beside each other, rule by rule: what was added, removed, renamed and changed, key by key, and what that
//! means for alerts.

mod filters;
mod lines;
mod means;
mod playbooks;
mod told;
mod written;

pub use told::{ChangeCounts, KindCounts};

use super::Ruleset;
use crate::id::RuleId;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use written::Written;

/// How one set differs from an older one.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// Among filters.
    pub filters: RuleChanges,
    /// Among playbooks. A changed module changes every playbook that imports it.
    pub playbooks: RuleChanges,
}

/// What happened to rules of one kind, each list in the order of ids.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RuleChanges {
    /// Only in the new set.
    pub added: Vec<NamedRule>,
    /// Only in the old set.
    pub removed: Vec<NamedRule>,
    /// In both under different ids.
    pub renamed: Vec<RenamedRule>,
    /// In both with different content.
    pub changed: Vec<ChangedRule>,
}

/// A rule of one set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedRule {
    /// Its id.
    pub id: RuleId,
    /// Its title.
    pub title: String,
    /// Its file's place in the set, such as `rules/team/scanners.yaml`.
    pub file: String,
    /// What it means that it came or went.
    pub means: Vec<String>,
}

/// A rule under another id.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RenamedRule {
    /// What it was called.
    pub from: RuleId,
    /// What it is called now.
    pub to: RuleId,
    /// Its title.
    pub title: String,
    /// Its file's place in the new set.
    pub file: String,
}

/// A rule that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedRule {
    /// Its id.
    pub id: RuleId,
    /// Its title.
    pub title: String,
    /// Its file's place in the new set.
    pub file: String,
    /// What it means for alerts.
    pub means: Vec<String>,
    /// The keys that changed, `script` and imported modules among a playbook's.
    pub keys: Vec<KeyChange>,
}

/// One key that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyChange {
    /// The key.
    pub key: String,
    /// Its value in the old set; null where it had none.
    pub old: Value,
    /// Its value in the new set; null where it has none.
    pub new: Value,
    /// Of a value of several parts the lines that changed, with ` `, `-` or `+` before each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

impl Comparison {
    /// Whether both hold the same rules.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty() && self.playbooks.is_empty()
    }
}

impl RuleChanges {
    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.renamed.is_empty() && self.changed.is_empty()
    }
}

/// Compares a set with an older one. Comments, layout, the order of rules and of keys, and tests beside make no difference.
pub fn compare(old: &Ruleset, new: &Ruleset) -> Comparison {
    Comparison { filters: filters::compare(old, new), playbooks: playbooks::compare(old, new) }
}

/// Keys that decide nothing: they are for people, and for tests.
const DECIDE_NOTHING: [&str; 6] = ["id", "title", "description", "owner", "ticket", "tests"];

/// A rule as the comparison needs it.
trait Rule {
    fn id(&self) -> &RuleId;
    fn title(&self) -> &str;
    /// What its coming or going means.
    fn alone(&self) -> Vec<String>;
    /// Whether `means` tells what another value of this key means.
    fn compares(&self, key: &str) -> bool;
    /// What it means that it was another; empty if it decides as before.
    fn means(&self, older: &Self) -> Vec<String>;
}

/// Compares rules of one kind. `written` gives a rule's content as its author wrote it, for those that may differ.
fn rules<R: Rule>(
    old: &[R],
    new: &[R],
    may_differ: impl Fn(&R, &R) -> bool,
    mut old_written: impl FnMut(&R) -> Written,
    mut new_written: impl FnMut(&R) -> Written,
) -> RuleChanges {
    let by_id = |rules| -> BTreeMap<RuleId, &R> { <[R]>::iter(rules).map(|rule| (rule.id().clone(), rule)).collect() };
    let (olds, news) = (by_id(old), by_id(new));
    let mut changes = RuleChanges::default();
    let only = |one: &BTreeMap<RuleId, &R>, other: &BTreeMap<RuleId, &R>| {
        one.iter().filter(|(id, _)| !other.contains_key(*id)).map(|(id, _)| id.clone()).collect::<Vec<_>>()
    };
    let mut gone: BTreeMap<String, Vec<(RuleId, Written)>> = BTreeMap::new();
    for id in only(&olds, &news) {
        let written = old_written(olds[&id]);
        gone.entry(written.without_id()).or_default().push((id, written));
    }
    for id in only(&news, &olds) {
        let (rule, written) = (news[&id], new_written(news[&id]));
        let (title, file) = (rule.title().to_owned(), written.file.clone());
        match gone.get_mut(&written.without_id()).and_then(Vec::pop) {
            Some((from, _)) => changes.renamed.push(RenamedRule { from, to: id, title, file }),
            None => changes.added.push(NamedRule { id, title, file, means: rule.alone() }),
        }
    }
    for (id, written) in gone.into_values().flatten() {
        let (title, means) = (olds[&id].title().to_owned(), olds[&id].alone());
        changes.removed.push(NamedRule { id, title, file: written.file, means });
    }
    changes.removed.sort_by(|a, b| a.id.cmp(&b.id));
    for (id, rule) in &news {
        let Some(older) = olds.get(id).filter(|older| may_differ(older, rule)) else { continue };
        let (was, is) = (old_written(older), new_written(rule));
        let (keys, mut means) = (was.changes(&is), rule.means(older));
        if keys.is_empty() && means.is_empty() {
            continue;
        }
        // No key is taken to decide nothing only because nobody has thought of it here.
        let unknown = keys.iter().map(|change| change.key.as_str());
        let unknown = unknown.filter(|key| !DECIDE_NOTHING.contains(key) && !rule.compares(key));
        means.extend(unknown.map(|key| format!("changed in {key}")));
        if means.is_empty() {
            means.push("decides as before".to_owned());
        }
        changes.changed.push(ChangedRule {
            id: id.clone(),
            title: rule.title().to_owned(),
            file: is.file,
            means,
            keys,
        });
    }
    changes
}
