//! Sets of rules that commands put beside each other: those in the folders, in another folder, or of a commit.

use super::failure::say_findings;
use super::process::with_stack;
use super::{Context, Failure};
use crate::diag::{Diagnostics, Level};
use crate::reload::{self, read_commit, read_sources};
use crate::ruleset::{self, Ruleset, Sources};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A set that compiles.
#[derive(Debug)]
pub(super) struct Set {
    /// As it was asked for.
    pub name: String,
    pub rules: Ruleset,
}

/// The set in the folders of the configuration. A folder that does not exist is an empty one, unless neither does.
///
/// # Errors
/// If it does not compile.
pub(super) fn in_place(folders: &reload::Settings, context: &Context) -> Result<Set, Failure> {
    let (rules, playbooks) = (folders.rules.display(), folders.playbooks.display());
    if !folders.rules.exists() && !folders.playbooks.exists() {
        let message = format!("neither {rules} nor {playbooks} exists; name them with --rules and --playbooks");
        return Err(Failure::Usage(message));
    }
    let mut found = Diagnostics::new();
    let folders = reload::Settings { may_be_missing: true, ..folders.clone() };
    let sources = read_sources(&folders, &mut found);
    compiled(format!("{rules}, {playbooks}"), sources, found, context)
}

/// The set that a person names: a folder, or a commit of the repository that `folders` lie in.
///
/// # Errors
/// If there is none of that name, or if it does not compile.
pub(super) fn named(name: &str, folders: &reload::Settings, context: &Context) -> Result<Set, Failure> {
    let mut found = Diagnostics::new();
    let sources = if Path::new(name).is_dir() {
        in_folder(name, &mut found)?
    } else {
        let unread = |fault: reload::CommitFault| Failure::Usage(format!("{fault}, and no folder `{name}`"));
        read_commit(folders, name, &mut found).map_err(unread)?
    };
    compiled(name.to_owned(), sources, found, context)
}

/// A folder holds `rules` or `playbooks` or both; one that holds neither is a folder of filters.
fn in_folder(name: &str, found: &mut Diagnostics) -> Result<Sources, Failure> {
    let folder = PathBuf::from(name);
    let (rules, playbooks) = (folder.join("rules"), folder.join("playbooks"));
    let holds_both = rules.is_dir() || playbooks.is_dir();
    let rules = if holds_both { rules } else { folder };
    let settings = reload::Settings { rules, playbooks, may_be_missing: true, ..reload::Settings::default() };
    let sources = read_sources(&settings, found);
    if !holds_both && sources.files.is_empty() && !found.has_errors() {
        let message = format!("the folder {name} holds neither `rules` nor `playbooks`, and no filter");
        return Err(Failure::Usage(message));
    }
    Ok(sources)
}

fn compiled(name: String, sources: Sources, mut found: Diagnostics, context: &Context) -> Result<Set, Failure> {
    let unread = found.has_errors();
    match with_stack(|| ruleset::build(&sources))? {
        Ok(rules) if !unread => {
            // What keeps a folder from being read whole matters here; what is amiss with a rule is for `check`.
            say_findings(&found.sorted(), &sources, &context.terminal);
            Ok(Set { name, rules })
        }
        built => {
            let faults = built.map_or_else(|refusal| refusal.diagnostics, |_| Vec::new());
            let errors = faults.into_iter().filter(|fault| fault.level == Level::Error);
            errors.for_each(|fault| found.push(fault));
            Err(Failure::RulesOf { diagnostics: found.sorted(), sources: Box::new(sources) })
        }
    }
}

impl Set {
    /// The commit it stands on, in short; empty where there is none.
    pub fn commit(&self) -> String {
        self.rules.revision().map_or_else(String::new, |revision| {
            let short = revision.commit.get(..12).unwrap_or(&revision.commit);
            format!("{short}{}", if revision.dirty { " and changes" } else { "" })
        })
    }

    /// What it is, for programs.
    pub fn json(&self) -> Value {
        let revision = self.rules.revision();
        json!({
            "name": self.name,
            "generation": self.rules.generation(),
            "commit": revision.map(|revision| &revision.commit),
            "dirty": revision.is_some_and(|revision| revision.dirty),
            "filters": self.rules.filters().len(),
            "playbooks": self.rules.playbooks().len(),
        })
    }
}
