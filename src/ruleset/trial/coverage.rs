//! What the tests of a set have tried: lines of filters seen to hold and to fail, blocks of playbooks reached.

use super::codes;
use crate::diag::{Diagnostics, Span};
use crate::id::RuleId;
use crate::matcher::LineCoverage;
use crate::playbook::Block;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// What was tried of every rule that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// In the order of the set.
    pub filters: Vec<FilterCoverage>,
    /// In the order of the set.
    pub playbooks: Vec<PlaybookCoverage>,
}

/// What was tried of one filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilterCoverage {
    /// The filter.
    pub id: RuleId,
    /// Its file.
    #[serde(serialize_with = "path")]
    pub file: Arc<Path>,
    /// Its document in that file.
    #[serde(skip)]
    pub span: Span,
    /// How many tests are about it.
    pub tests: usize,
    /// The lines of its condition.
    pub lines: Vec<LineCoverage>,
}

/// What was tried of one playbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaybookCoverage {
    /// The playbook.
    pub id: RuleId,
    /// Its file.
    #[serde(serialize_with = "path")]
    pub file: Arc<Path>,
    /// How many tests are about it.
    pub tests: usize,
    /// The blocks of its script.
    pub blocks: Vec<BlockCoverage>,
}

/// A block and whether a test has reached it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BlockCoverage {
    /// Where it begins.
    #[serde(flatten)]
    pub block: Block,
    /// Whether a test has reached it.
    pub reached: bool,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Those that were tried.
    pub covered: usize,
    /// All there are.
    pub of: usize,
}

impl Share {
    /// In percent; all of nothing is 100.
    pub fn percent(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts of lines are small")]
        let percent = if self.of == 0 { 100.0 } else { self.covered as f64 * 100.0 / self.of as f64 };
        percent
    }

    fn and(self, other: Self) -> Self {
        Self { covered: self.covered + other.covered, of: self.of + other.of }
    }
}

impl FilterCoverage {
    /// Of its lines twice: each is to be seen to hold and to fail.
    pub fn share(&self) -> Share {
        let covered = self.lines.iter().map(|line| usize::from(line.held) + usize::from(line.failed)).sum();
        Share { covered, of: 2 * self.lines.len() }
    }
}

impl PlaybookCoverage {
    /// Of its blocks.
    pub fn share(&self) -> Share {
        let covered = self.blocks.iter().filter(|block| block.reached).count();
        Share { covered, of: self.blocks.len() }
    }
}

impl Coverage {
    /// Filters that have a test.
    pub fn filters_tested(&self) -> Share {
        Share { covered: self.filters.iter().filter(|filter| filter.tests > 0).count(), of: self.filters.len() }
    }

    /// Playbooks that have a test.
    pub fn playbooks_tested(&self) -> Share {
        Share { covered: self.playbooks.iter().filter(|playbook| playbook.tests > 0).count(), of: self.playbooks.len() }
    }

    /// Lines of filters, each counted twice.
    pub fn lines(&self) -> Share {
        self.filters.iter().map(FilterCoverage::share).fold(Share::default(), Share::and)
    }

    /// Blocks of playbooks.
    pub fn blocks(&self) -> Share {
        self.playbooks.iter().map(PlaybookCoverage::share).fold(Share::default(), Share::and)
    }

    /// Lines and blocks together.
    pub fn total(&self) -> Share {
        self.lines().and(self.blocks())
    }

    /// Reports every filter and playbook with fewer tests than `least`.
    pub fn report_fewer(&self, least: usize, found: &mut Diagnostics) {
        let filters = self.filters.iter().map(|filter| ("filter", &filter.id, &filter.file, filter.span, filter.tests));
        let playbooks = self.playbooks.iter().map(|it| ("playbook", &it.id, &it.file, Span::START, it.tests));
        for (what, id, file, span, tests) in filters.chain(playbooks).filter(|(.., tests)| *tests < least) {
            let has = match tests {
                0 => "no test".to_owned(),
                1 => "1 test".to_owned(),
                more => format!("{more} tests"),
            };
            let message = format!("the {what} `{id}` has {has}, and {least} are asked for");
            let beside = file.with_extension("test.yaml");
            let beside = beside.display();
            found.warning(file, span, codes::FEW_TESTS, message).help(match what {
                "filter" => format!("add to `tests` in its document, or to {beside}"),
                _ => format!("add to {beside}"),
            });
        }
    }
}

fn path<S: serde::Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}
