//! What one set has that another has not.

use super::Ruleset;
use crate::id::RuleId;
use serde::Serialize;
use std::collections::BTreeMap;

/// The difference between two sets, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Among filters.
    pub filters: Changes,
    /// Among playbooks; a changed module changes every playbook that imports it.
    pub playbooks: Changes,
}

/// What was added, removed and changed, each in the order of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Only in the new set.
    pub added: Vec<RuleId>,
    /// Only in the old set.
    pub removed: Vec<RuleId>,
    /// In both, with another content.
    pub changed: Vec<RuleId>,
}

impl Diff {
    pub(super) fn between(old: &Ruleset, new: &Ruleset) -> Self {
        let filters = |set: &'_ Ruleset| set.filter_texts().iter().map(|(id, text)| (id.clone(), *text)).collect();
        let playbooks = |set: &'_ Ruleset| set.playbooks().iter().map(|p| (p.id.clone(), p.digest)).collect();
        Self {
            filters: Changes::between(&filters(old), &filters(new)),
            playbooks: Changes::between(&playbooks(old), &playbooks(new)),
        }
    }

    /// Whether the sets hold the same filters and playbooks.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty() && self.playbooks.is_empty()
    }
}

impl Changes {
    fn between<Content: PartialEq>(old: &BTreeMap<RuleId, Content>, new: &BTreeMap<RuleId, Content>) -> Self {
        let missing_from = |set: &BTreeMap<RuleId, Content>, from: &BTreeMap<RuleId, Content>| {
            set.keys().filter(|id| !from.contains_key(*id)).cloned().collect()
        };
        let changed = new.iter().filter(|(id, content)| old.get(*id).is_some_and(|old| old != *content));
        Self {
            added: missing_from(new, old),
            removed: missing_from(old, new),
            changed: changed.map(|(id, _)| id.clone()).collect(),
        }
    }

    /// Rules that are concerned.
    pub fn total(&self) -> usize {
        self.added.len() + self.removed.len() + self.changed.len()
    }

    /// Whether there is no change.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

impl std::fmt::Display for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "+{} -{} ~{}", self.added.len(), self.removed.len(), self.changed.len())
    }
}
