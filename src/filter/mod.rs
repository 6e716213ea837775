//! Suppression filters: the YAML document, and the compiled filter with its guard rail and its term.

mod alert_fields;
pub mod codes;
mod compile;
mod format;
mod inline_tests;
mod limit;
mod model;
mod policy;
mod schedule;
mod schema;
#[cfg(test)]
mod tests;

pub use alert_fields::check_fields;
pub use compile::compile_file;
pub use format::format_file;
pub use inline_tests::{Expectation, FilterTest, compile_tests};
pub use limit::{Limit, LimitKey, MOST_KEYS as MOST_LIMIT_KEYS, Tallies, Tally};
pub use model::{Filter, Mode};
pub use policy::{Demand, Policy};
pub use schedule::Schedule;
pub use schema::{DIALECT, filter_schema, tests_schema};
