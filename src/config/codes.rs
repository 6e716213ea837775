//! The faults of a configuration.

use crate::diag::Code;

/// The file cannot be read.
pub const UNREADABLE: Code = Code::new("C001", "the configuration file cannot be read");
/// A key that means nothing.
pub const UNKNOWN_KEY: Code = Code::new("C002", "a key of the configuration that does not exist");
/// A list where a text belongs, or the like.
pub const WRONG_KIND: Code = Code::new("C003", "a value of the wrong kind");
/// A value out of its range or shape.
pub const INVALID: Code = Code::new("C004", "a value that is not allowed");
/// A key of a later version.
pub const NOT_AVAILABLE: Code = Code::new("C005", "a setting that this version does not have yet");
/// A credential in plain sight.
pub const LITERAL_SECRET: Code = Code::new("C006", "a secret written out in the configuration");
/// A secret that is not there.
pub const MISSING_SECRET: Code = Code::new("C007", "a secret that cannot be read");
/// A secret that is no secret.
pub const EXPOSED_SECRET: Code = Code::new("C008", "a secret file that others can read or change");
/// A key that must be there.
pub const MISSING_KEY: Code = Code::new("C009", "a key that is needed is missing");
/// Two things of one name.
pub const DUPLICATE: Code = Code::new("C010", "two entries that must differ are the same");
/// A variable that sets nothing.
pub const UNKNOWN_VARIABLE: Code = Code::new("C011", "an environment variable that sets nothing");
/// Open to the network, and to everybody on it.
pub const OPEN_TO_ALL: Code = Code::new("C012", "listening beyond this machine without tokens");

/// Every code of this module.
pub const ALL: &[Code] = &[
    UNREADABLE,
    UNKNOWN_KEY,
    WRONG_KIND,
    INVALID,
    NOT_AVAILABLE,
    LITERAL_SECRET,
    MISSING_SECRET,
    EXPOSED_SECRET,
    MISSING_KEY,
    DUPLICATE,
    UNKNOWN_VARIABLE,
    OPEN_TO_ALL,
];
