//! All filters and playbooks of one generation: built from sources or refused whole, and swapped as one pointer.

mod breaches;
mod build;
mod bundle;
pub mod codes;
mod compare;
mod diff;
mod explain;
mod judgement;
mod live;
mod overlap;
mod source;
#[cfg(test)]
mod tests;
pub mod trial;
mod unconfigured;
mod verdict;

pub use breaches::breaches;
pub use build::{MOST_FILTERS, Refusal, build};
pub use bundle::{Decision, Limited, Ruleset};
pub use compare::{
    ChangeCounts, ChangedRule, Comparison, KeyChange, KindCounts, NamedRule, RenamedRule, RuleChanges, compare,
};
pub use diff::{Changes, Diff};
pub use explain::{AlertExplanation, Effect, FilterExplanation};
pub use judgement::Judgement;
pub use live::Live;
pub use source::{Revision, SourceFile, SourceKind, Sources};
pub use unconfigured::{Outlets, unconfigured};
pub use verdict::Verdict;
