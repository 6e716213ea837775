//! Conditions over alerts, the same in filters and playbooks: Sigma's detection grammar, compiled against the
//! schema, evaluated, analysed.

mod analysis;
pub mod codes;
mod compile;
mod expr;
mod fold;
mod index;
mod instant;
mod number;
mod pattern;
mod predicate;
#[cfg(test)]
mod tests;
mod tree;
mod values;
mod view;

pub use compile::compile;
pub(crate) use compile::shown;
pub use expr::Condition;
pub use index::Index;
pub use instant::read_instant;
pub use values::{FieldPath, UnknownPath};
pub use view::AlertView;
