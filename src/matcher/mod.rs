//! Conditions over alerts, the same in filters and playbooks: Sigma's detection grammar, compiled against the
//! schema, evaluated, analysed.

mod analysis;
pub mod codes;
mod compile;
mod coverage;
mod explain;
mod expr;
mod expression;
mod fold;
mod index;
mod instant;
mod number;
mod pattern;
mod placeholders;
mod plain_json;
mod predicate;
mod same_value;
mod subject;
#[cfg(test)]
mod tests;
mod value;
mod values;
mod view;

pub use analysis::Change;
pub(crate) use compile::shown;
pub use compile::{Logic, MODIFIERS, compile, compile_with, read_condition};
pub use coverage::{LineCoverage, Observer};
pub use explain::{Explanation, FoundValue, Part, Seen};
pub use expr::Condition;
pub use index::Index;
pub use instant::read_instant;
pub use placeholders::Placeholders;
pub use values::{FieldPath, UnknownPath};
pub use view::AlertView;
