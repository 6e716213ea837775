//! The tests that stand beside filters and playbooks, run on the very code the daemon decides and steps with: only
//! the answers and the clock are made up.

pub(super) mod case;
mod filters;
mod playbooks;
mod schema;

pub use schema::playbook_tests_schema;

use super::source::{strip_rhai, strip_yaml, tested};
use super::{FilterExplanation, Ruleset, SourceKind, Sources};
use crate::diag::{Diagnostics, Position};
use std::path::Path;
use std::sync::Arc;

/// One test that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// What it promises.
    pub name: String,
    /// The file it stands in.
    pub file: Arc<Path>,
    /// Where in that file.
    pub place: Position,
    /// What did not hold, a line for each difference; none if all did.
    pub fault: Option<String>,
    /// What the nearest filters say of the alert, where a test of filters did not hold.
    pub explained: Vec<FilterExplanation>,
}

/// Runs every test of a set. Tests that cannot be read are reported to `found`.
///
/// Scripts nest values deep: call it on a thread with 64 MiB of stack.
pub fn run(ruleset: &Ruleset, sources: &Sources, found: &mut Diagnostics) -> Vec<Trial> {
    let mut trials: Vec<Trial> = ruleset.filters().iter().flat_map(filters::inline).collect();
    for file in &sources.files {
        let (Some(subject), Ok(text)) = (tested(&file.name), std::str::from_utf8(&file.bytes)) else { continue };
        let stands_beside = |other: &Arc<Path>, stem: fn(&str) -> Option<&str>| {
            let mut files = sources.files.iter().filter(|source| source.path == *other);
            files.any(|source| stem(&source.name) == Some(subject))
        };
        match file.kind {
            SourceKind::RuleTest => {
                let beside = ruleset.filters().iter().filter(|filter| stands_beside(&filter.file, strip_yaml));
                trials.extend(filters::sibling(text, &file.path, &beside.collect::<Vec<_>>(), found));
            }
            SourceKind::PlaybookTest => {
                let mut all = ruleset.playbooks().iter();
                let beside = all.find(|playbook| stands_beside(&playbook.file, strip_rhai));
                trials
                    .extend(beside.into_iter().flat_map(|playbook| playbooks::run(text, &file.path, playbook, found)));
            }
            SourceKind::Rule | SourceKind::Placeholders | SourceKind::Playbook | SourceKind::Module { .. } => {}
        }
    }
    trials
}
