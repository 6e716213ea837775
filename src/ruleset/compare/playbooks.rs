//! Playbooks beside each other.

use super::means;
use super::written::Written;
use super::{Rule, RuleChanges, rules};
use crate::diag::Diagnostics;
use crate::id::RuleId;
use crate::playbook::{Playbook, Program, RunLimits, duration, front_and_script};
use crate::ruleset::{Ruleset, SourceFile};
use crate::yaml;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

pub fn compare(old: &Ruleset, new: &Ruleset) -> RuleChanges {
    let (old_files, new_files) = (old.files(), new.files());
    let (olds, news) = (names(&old_files), names(&new_files));
    // Not by their digests: those name the file they were read from, which is another in a commit.
    let may_differ = |was: &Arc<Playbook>, is: &Arc<Playbook>| {
        let content = |program: &Program| (program.source.clone(), program.modules.clone());
        content(&was.program) != content(&is.program) || !is.means(was).is_empty()
    };
    let (old, new) = (old.playbooks(), new.playbooks());
    rules(old, new, may_differ, |playbook| written(playbook, &olds), |playbook| written(playbook, &news))
}

fn names(files: &[SourceFile]) -> HashMap<&Path, &str> {
    files.iter().map(|file| (&*file.path, file.name.as_str())).collect()
}

fn written(playbook: &Playbook, names: &HashMap<&Path, &str>) -> Written {
    let (front, script) = front_and_script(&playbook.program.source);
    let documents = yaml::parse(&front, &playbook.file, yaml::Limits::RULE_FILE, &mut Diagnostics::new());
    let name = names.get(&*playbook.file).copied().unwrap_or_default();
    let mut written = Written::of(documents.first(), &front, name.to_owned());
    written.text("script", script.trim_start_matches('\n'));
    for (module, text) in &playbook.program.modules {
        written.text(module, text);
    }
    written
}

impl Rule for Arc<Playbook> {
    fn id(&self) -> &RuleId {
        &self.id
    }

    fn title(&self) -> &str {
        &self.title
    }

    fn alone(&self) -> Vec<String> {
        let mut said = vec![format!("runs on {}", on(self))];
        if self.program.audit {
            said.push("only records its steps (mode: audit)".to_owned());
        }
        if !self.connections.is_empty() {
            said.push(format!("may call {}", self.connections.join(", ")));
        }
        said
    }

    fn compares(&self, key: &str) -> bool {
        let typed = ["trigger", "match", "connections", "limits", "timeout", "mode", "script"];
        // Of a module that only one of the two has, the script or another module tells.
        typed.contains(&key) || self.program.modules.contains_key(key) || key.contains('/')
    }

    fn means(&self, older: &Self) -> Vec<String> {
        let mut said = Vec::new();
        if older.trigger != self.trigger {
            said.push(format!("runs on {}, no longer on {}", on(self), on(older)));
        }
        match (older.program.audit, self.program.audit) {
            (true, false) => said.push("mode audit → enforce: its steps are performed now".to_owned()),
            (false, true) => said.push("mode enforce → audit: it only records its steps".to_owned()),
            (true, true) | (false, false) => {}
        }
        let set = |playbook: &Playbook| playbook.connections.iter().cloned().collect::<BTreeSet<_>>();
        let (before, after) = (set(older), set(self));
        said.extend(after.difference(&before).map(|name| format!("may now call {name}")));
        said.extend(before.difference(&after).map(|name| format!("no longer calls {name}")));
        if older.timeout != self.timeout {
            let longer = if older.timeout < self.timeout { "longer" } else { "less time" };
            let (was, is) = (duration::written(older.timeout), duration::written(self.timeout));
            said.push(format!("its runs may take {longer}: {was} → {is}"));
        }
        match (older.limits.as_ref().map(often), self.limits.as_ref().map(often)) {
            (None, None) => {}
            (None, Some(often)) => said.push(format!("runs at most {often} now")),
            (Some(_), None) => said.push("runs as often as alerts call for it now".to_owned()),
            (Some(was), Some(is)) if was == is => {}
            (Some(was), Some(is)) => said.push(format!("runs at most {is}, it was {was}")),
        }
        said.extend(means::condition(older.condition.as_deref(), self.condition.as_deref()));
        let script = |playbook: &Playbook| front_and_script(&playbook.program.source).1.trim().to_owned();
        if script(older) != script(self) {
            said.push("does something else: its script changed".to_owned());
        }
        let modules = |playbook: &Playbook| playbook.program.modules.clone();
        let (before, after) = (modules(older), modules(self));
        for (name, text) in &after {
            if before.get(name).is_some_and(|was| was != text) {
                said.push(format!("does something else: {name}, which it imports, changed"));
            }
        }
        said
    }
}

/// Such as `20 times in 1h for each entities.ip.address`.
fn often(limits: &RunLimits) -> String {
    let each = limits.per.as_ref().map(|per| format!(" for each {}", per.name())).unwrap_or_default();
    format!("{} times in {}{each}", limits.runs, duration::written(limits.window))
}

fn on(playbook: &Playbook) -> &'static str {
    use crate::playbook::Trigger::{Alert, Dismissed, Manual, Updated};
    match playbook.trigger {
        Alert => "alerts that stay active",
        Dismissed => "alerts that are dismissed",
        Updated => "updates of alerts",
        Manual => "nobody's word but a person's",
    }
}
