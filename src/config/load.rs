//! The two ways in: everything, for a daemon; the rule folders alone, for commands that need no secrets.

use super::document::{Document, Flags};
use super::environment::Surroundings;
use super::findings::{Findings, SourceText};
use super::section::Section;
use super::settings::{self, Config};
use crate::diag::Diagnostics;
use crate::reload;
use std::path::PathBuf;

/// Settings, and the warnings that came with them.
#[derive(Debug)]
pub struct Loaded<T> {
    /// The settings.
    pub settings: T,
    /// What somebody should look at.
    pub warnings: Findings,
}

/// The folders a daemon works with.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Those of the rules.
    pub rules: reload::Settings,
    /// That of its own data.
    pub data: PathBuf,
}

/// Everything a daemon needs, secrets read. Every fault is in the error.
pub fn load(flags: &Flags, around: &Surroundings) -> Result<Loaded<Config>, Findings> {
    let Document { root, folder, mut found, file } = Document::open(flags, around);
    let config = Section::open(&root, "", &mut found).map(|root| settings::read(&root, &folder, around, &mut found));
    finish(config, found, file)
}

/// Only where the rules are, what is asked of them, and what connections are called. What else the configuration says is
/// not read, so that rules can be checked where the daemon's secrets are not.
pub fn rule_folders(flags: &Flags, around: &Surroundings) -> Result<Loaded<reload::Settings>, Findings> {
    let Document { root, folder, mut found, file } = Document::open(flags, around);
    let folders = Section::open(&root, "", &mut found).map(|root| {
        settings::allow_only_known(&root, &mut found);
        // What the operator asks of running filters is the rules' business too: a fault in it is found by a check.
        settings::guard_settings(&root, &mut found);
        settings::rule_folders(&root, &folder, &mut found)
    });
    finish(folders, found, file)
}

/// Where the rules are and where the daemon keeps its data; nothing else is read, as for [`rule_folders`].
pub fn folders(flags: &Flags, around: &Surroundings) -> Result<Loaded<Folders>, Findings> {
    let Document { root, folder, mut found, file } = Document::open(flags, around);
    let folders = Section::open(&root, "", &mut found).map(|root| {
        settings::allow_only_known(&root, &mut found);
        let rules = settings::rule_folders(&root, &folder, &mut found);
        Folders { rules, data: settings::data_folder(&root, &folder, &mut found) }
    });
    finish(folders, found, file)
}

fn finish<T>(settings: Option<T>, found: Diagnostics, file: Option<SourceText>) -> Result<Loaded<T>, Findings> {
    let refused = found.has_errors();
    let findings = Findings { diagnostics: found.sorted(), file };
    match settings.filter(|_| !refused) {
        Some(settings) => Ok(Loaded { settings, warnings: findings }),
        None => Err(findings),
    }
}
