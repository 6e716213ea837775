//! What is told of a rule that comes from another system.

use crate::diag::Code;

/// Something no importer knows.
pub const UNKNOWN: Code = Code::new("I001", "an object that is no rule of a known kind");
/// A text that cannot be read.
pub const UNREADABLE: Code = Code::new("I002", "a file that cannot be read as JSON or YAML");
/// An object with a part missing, or of the wrong kind.
pub const SHAPE: Code = Code::new("I003", "a rule with a part that is missing or of the wrong kind");
/// A part that is left out; the filter dismisses no more for it.
pub const NOT_CARRIED: Code = Code::new("I004", "a part of a rule that is not carried over");
/// A rule that no filter can stand for without dismissing more.
pub const WIDER: Code = Code::new("I005", "a rule that cannot be carried over without dismissing more than it did");
/// A rule that dismisses nothing.
pub const NO_SUPPRESSION: Code = Code::new("I006", "a rule that dismisses nothing");
/// A Sigma filter that keeps what it selects.
pub const POLARITY: Code = Code::new("I007", "a Sigma filter whose condition is not negated");
/// A rule that is not written because what came of it does not compile.
pub const UNCOMPILED: Code = Code::new("I008", "a rule that no filter that compiles can stand for");
/// Too much of something.
pub const LIMIT: Code = Code::new("I009", "more rules or bytes than are taken at once");
/// A rule that is no longer in force.
pub const OVER: Code = Code::new("I010", "a rule that is over or switched off");

/// Every code of this module.
pub const ALL: &[Code] =
    &[UNKNOWN, UNREADABLE, SHAPE, NOT_CARRIED, WIDER, NO_SUPPRESSION, POLARITY, UNCOMPILED, LIMIT, OVER];
