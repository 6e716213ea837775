//! The tests that stand beside filters and playbooks, run on the very code the daemon decides and steps with: only
//! the answers and the clock are made up.

pub(super) mod case;
pub mod codes;
mod coverage;
mod filters;
mod playbooks;
mod schema;
mod selection;
mod watch;

pub use coverage::{BlockCoverage, Coverage, FilterCoverage, PlaybookCoverage, Share};
pub use schema::playbook_tests_schema;
pub use selection::Selection;

use super::source::{strip_rhai, strip_yaml, tested};
use super::{FilterExplanation, Ruleset, SourceKind, Sources};
use crate::diag::{Diagnostics, Position};
use std::path::Path;
use std::sync::Arc;
use watch::Watch;

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

/// Reads the file of an alert that a test names: given the test's own file and the path as it is written.
pub type Samples<'a> = dyn Fn(&Path, &str) -> Result<Vec<u8>, String> + 'a;

/// What is to be tested.
#[derive(Clone)]
pub struct Wish<'a> {
    /// Which filters and playbooks.
    pub only: Selection,
    /// Where alerts in files of their own come from.
    pub samples: &'a Samples<'a>,
}

impl std::fmt::Debug for Wish<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wish").field("only", &self.only).finish_non_exhaustive()
    }
}

/// What came of the tests of a set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tested {
    /// Every test that was run.
    pub trials: Vec<Trial>,
    /// What they have tried.
    pub coverage: Coverage,
}

/// Runs every test of a set that is wished for. Tests that cannot be read are reported to `found`.
///
/// Scripts nest values deep: call it on a thread with 64 MiB of stack.
pub fn run(ruleset: &Ruleset, sources: &Sources, wish: &Wish<'_>, found: &mut Diagnostics) -> Tested {
    let mut watch = Watch::new(ruleset, &wish.only);
    let chosen = ruleset.filters().iter().filter(|filter| wish.only.takes(&filter.id, &filter.file));
    let mut trials: Vec<Trial> = chosen.flat_map(|filter| filters::inline(filter, &mut watch)).collect();
    for file in &sources.files {
        let (Some(subject), Ok(text)) = (tested(&file.name), std::str::from_utf8(&file.bytes)) else { continue };
        let stands_beside = |other: &Arc<Path>, stem: fn(&str) -> Option<&str>| {
            let mut files = sources.files.iter().filter(|source| source.path == *other);
            files.any(|source| stem(&source.name) == Some(subject))
        };
        match file.kind {
            SourceKind::RuleTest => {
                let beside = ruleset.filters().iter().filter(|filter| stands_beside(&filter.file, strip_yaml));
                let beside: Vec<_> = beside.collect();
                // All of them have a say in what becomes of an alert, so one that is wished for brings the others.
                if beside.iter().any(|filter| wish.only.takes(&filter.id, &filter.file)) {
                    trials.extend(filters::sibling(text, &file.path, &beside, &mut watch, found));
                }
            }
            SourceKind::PlaybookTest => {
                let mut chosen =
                    ruleset.playbooks().iter().filter(|playbook| wish.only.takes(&playbook.id, &playbook.file));
                let beside = chosen.find(|playbook| stands_beside(&playbook.file, strip_rhai));
                trials.extend(
                    beside.into_iter().flat_map(|playbook| {
                        playbooks::run(text, &file.path, playbook, wish.samples, &mut watch, found)
                    }),
                );
            }
            SourceKind::Rule | SourceKind::Placeholders | SourceKind::Playbook | SourceKind::Module { .. } => {}
        }
    }
    Tested { trials, coverage: watch.coverage() }
}
