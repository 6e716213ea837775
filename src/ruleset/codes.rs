//! The faults of a set as a whole: what no single file can know.

use crate::diag::Code;

/// Two filters, or two playbooks, go by one id.
pub const DUPLICATE_ID: Code = Code::new("R001", "two filters, or two playbooks, have the same id");
/// More filters than a set may hold.
pub const TOO_MANY_FILTERS: Code = Code::new("R002", "the set holds more filters than allowed");
/// A test file beside which there is nothing to test.
pub const ORPHAN_TEST: Code = Code::new("R003", "a test file stands alone");
/// So many faults that the rest of the set was not looked at.
pub const TOO_MANY_FAULTS: Code = Code::new("R004", "too many faults to go on");
/// A filter whose time is over. The build knows no time, so whoever does reports it.
pub const EXPIRED: Code = Code::new("R005", "a filter has expired");
/// A playbook declares a connection that the operator has not set up.
pub const UNCONFIGURED: Code = Code::new("R006", "a connection that is not configured");
/// A filter whose condition says the same as another's.
pub const DUPLICATE: Code = Code::new("R007", "two filters say the same");
/// A filter whose alerts another filter dismisses anyway.
pub const SHADOWED: Code = Code::new("R008", "a filter that another one covers");
/// A playbook runs another one that is not there.
pub const UNKNOWN_PLAYBOOK: Code = Code::new("R009", "a playbook that another one runs and nobody has written");
/// A filter whose time is soon over. Whoever knows the time reports it.
pub const EXPIRES_SOON: Code = Code::new("R010", "a filter expires within days");
/// A playbook sends mail, and there is no server to send it by.
pub const NO_MAIL_SERVER: Code = Code::new("R011", "mail without a mail server");

/// Every code of this module.
pub const ALL: &[Code] = &[
    DUPLICATE_ID,
    TOO_MANY_FILTERS,
    ORPHAN_TEST,
    TOO_MANY_FAULTS,
    EXPIRED,
    UNCONFIGURED,
    DUPLICATE,
    SHADOWED,
    UNKNOWN_PLAYBOOK,
    EXPIRES_SOON,
    NO_MAIL_SERVER,
];
