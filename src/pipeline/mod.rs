//! The life of an alert after it was read: decided and accepted, answered by playbooks, and driven to an end.
//!
//! One file a stage. Nothing here is the only place where a promise is kept in memory: every task can be killed at
//! any line, and `recover` and the store's claims bring its work back.

mod accept;
mod announce;
mod birth;
mod guard;
mod held;
mod lanes;
mod operator;
mod overview;
mod parts;
mod pause;
mod recover;
mod runs;
mod signals;
mod switch;
mod timetable;
mod updates;

pub use accept::Acceptor;
pub use guard::{Budget, Settings as GuardSettings};
pub use held::Held;
pub use lanes::{LaneView, Lanes};
pub use operator::{ByHand, Operator, Redrive};
pub use overview::{Deeds, FilterView, HotFilter, PlaybookView, Report, report};
pub use parts::{Parts, Pipeline};
pub use switch::Switch;
