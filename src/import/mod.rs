//! Other systems' suppression rules to native filters. What cannot be said without dismissing more than the original
//! did is not written.

mod alertmanager;
mod azure;
pub mod codes;
mod condition;
mod defender;
mod detect;
mod draft;
mod go_regex;
mod ids;
mod object;
mod read;
mod run;
mod sentinel;
mod sigma;
mod sigma_rule;
mod zone;

pub use detect::Kind;
pub use run::{Imported, Options, Outcome, Source, Unnegated, Written, import};
