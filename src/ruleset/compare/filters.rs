//! Filters beside each other.

use super::means::{self, instant};
use super::written::Written;
use super::{Rule, RuleChanges, rules};
use crate::alert::Severity;
use crate::diag::Diagnostics;
use crate::filter::{Filter, Mode};
use crate::id::RuleId;
use crate::ruleset::{Ruleset, SourceFile, SourceKind};
use crate::yaml::{self, Node};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

pub fn compare(old: &Ruleset, new: &Ruleset) -> RuleChanges {
    let (old_files, new_files) = (old.files(), new.files());
    let (mut olds, mut news) = (Documents::of(&old_files), Documents::of(&new_files));
    // What the author wrote may be the same while what it stands for is not: placeholders.
    let placeholders = |files: &[SourceFile]| {
        let placeholders = files.iter().filter(|file| file.kind == SourceKind::Placeholders);
        placeholders.map(|file| file.bytes.clone()).collect::<Vec<_>>()
    };
    let expands_alike = placeholders(&old_files) == placeholders(&new_files);
    let (old_texts, new_texts) = (old.filter_texts(), new.filter_texts());
    let may_differ = |was: &Arc<Filter>, is: &Arc<Filter>| {
        !expands_alike || old_texts.get(&was.id) != new_texts.get(&is.id) || was.title != is.title
    };
    let (old, new) = (old.filters(), new.filters());
    rules(old, new, may_differ, |filter| olds.written(filter), |filter| news.written(filter))
}

/// The documents of a set's rule files, each file parsed once when it is first asked for.
struct Documents<'s> {
    files: HashMap<&'s Path, (&'s str, &'s str)>,
    parsed: HashMap<Arc<Path>, Vec<Node>>,
}

impl<'s> Documents<'s> {
    fn of(files: &'s [SourceFile]) -> Self {
        let text = |bytes: &'s [u8]| std::str::from_utf8(bytes).unwrap_or_default();
        let files = files.iter().map(|file| (&*file.path, (file.name.as_str(), text(&file.bytes))));
        Self { files: files.collect(), parsed: HashMap::new() }
    }

    fn written(&mut self, filter: &Filter) -> Written {
        let (name, text) = self.files.get(&*filter.file).copied().unwrap_or_default();
        let parse = || yaml::parse(text, &filter.file, yaml::Limits::RULE_FILE, &mut Diagnostics::new());
        let documents = self.parsed.entry(filter.file.clone()).or_insert_with(parse);
        let own = documents.iter().find(|document| document.span.start.offset == filter.span.start.offset);
        Written::of(own, text, name.to_owned())
    }
}

impl Rule for Arc<Filter> {
    fn id(&self) -> &RuleId {
        &self.id
    }

    fn title(&self) -> &str {
        &self.title
    }

    fn alone(&self) -> Vec<String> {
        let does = match (self.mode, &self.limit) {
            (Mode::Enforce, None) => "dismisses what it matches".to_owned(),
            (Mode::Enforce, Some(limit)) => format!("dismisses what exceeds {limit}"),
            (Mode::Audit, _) => "only records what it would dismiss (mode: audit)".to_owned(),
        };
        let allowed: Vec<&str> = self.allow.iter().map(Severity::as_str).collect();
        let reach = if allowed.is_empty() { String::new() } else { format!(", also {}", allowed.join(" and ")) };
        let from = self.starts.map(|at| format!(", from {}", instant(at))).unwrap_or_default();
        let until = self.expires.map(|at| format!(", until {}", instant(at))).unwrap_or_default();
        vec![format!("{does}{reach}{from}{until}")]
    }

    fn compares(&self, key: &str) -> bool {
        ["mode", "allow", "starts", "expires", "schedule", "limit", "reason", "match"].contains(&key)
    }

    fn means(&self, older: &Self) -> Vec<String> {
        let mut said = Vec::new();
        match (older.mode, self.mode) {
            (Mode::Audit, Mode::Enforce) => said.push("mode audit → enforce: it dismisses now".to_owned()),
            (Mode::Enforce, Mode::Audit) => said.push("mode enforce → audit: it dismisses nothing any more".to_owned()),
            (Mode::Enforce, Mode::Enforce) | (Mode::Audit, Mode::Audit) => {}
        }
        let dismisses = match self.mode {
            Mode::Enforce => "dismisses",
            Mode::Audit => "would dismiss",
        };
        for severity in self.allow.iter().filter(|severity| !older.allow.contains(severity)) {
            said.push(format!("now also {dismisses} {severity}"));
        }
        for severity in older.allow.iter().filter(|severity| !self.allow.contains(severity)) {
            said.push(format!("no longer {dismisses} {severity}"));
        }
        said.extend(means::starts(older.starts, self.starts));
        said.extend(means::expires(older.expires, self.expires));
        if older.schedule != self.schedule {
            let open = |filter: &Self| filter.schedule.as_ref().map_or("at all times".to_owned(), ToString::to_string);
            said.push(format!("in force {} instead of {}", open(self), open(older)));
        }
        let limit = |filter: &Self| filter.limit.as_ref().map(ToString::to_string);
        match (limit(older), limit(self)) {
            (None, Some(limit)) => {
                said.push(format!("{dismisses} only what exceeds {limit} now: the rest stays active"))
            }
            (Some(limit), None) => said.push(format!("{dismisses} all it matches now, not only what exceeds {limit}")),
            (Some(was), Some(is)) if was != is => said.push(format!("{dismisses} what exceeds {is}, it was {was}")),
            (None, None) | (Some(_), Some(_)) => {}
        }
        if older.reason != self.reason {
            said.push(format!("gives the reason {} instead of {}", self.reason, older.reason));
        }
        said.extend(means::condition(Some(&*older.condition), Some(&*self.condition)));
        said
    }
}
