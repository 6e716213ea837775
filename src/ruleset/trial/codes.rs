//! What is wrong with the tests of a set, besides that they fail.

use crate::diag::Code;

/// A filter or playbook with fewer tests than were asked for.
pub const FEW_TESTS: Code = Code::new("T001", "a filter or playbook with too few tests");

/// Every code of this module.
pub const ALL: &[Code] = &[FEW_TESTS];
