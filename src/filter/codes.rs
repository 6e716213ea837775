//! The faults of a filter's document; those of its condition are the matcher's.

use crate::diag::Code;

/// A key filters do not have.
pub const UNKNOWN_KEY: Code = Code::new("F001", "a key that a filter does not have");
/// A key that must be there and is not.
pub const MISSING_KEY: Code = Code::new("F002", "a key that must be there is missing");
/// A value of the wrong kind for its key.
pub const VALUE: Code = Code::new("F003", "a value of the wrong kind for its key");
/// A word that is not in the list.
pub const UNKNOWN_WORD: Code = Code::new("F004", "a word that is not one of the list");
/// An id of the wrong shape, or none where one is needed.
pub const ID: Code = Code::new("F005", "a filter without a proper id");
/// A filter nobody owns.
pub const OWNERLESS: Code = Code::new("F006", "a filter that nobody owns");
/// A time that is none.
pub const TIME: Code = Code::new("F007", "not a date or a time");
/// A filter that ends before it begins.
pub const NEVER_IN_FORCE: Code = Code::new("F008", "a filter that ends before it begins");
/// A schedule that cannot be read.
pub const SCHEDULE: Code = Code::new("F009", "a schedule that cannot be read");
/// A file without a filter.
pub const EMPTY: Code = Code::new("F010", "a file that holds no filter");
/// A test that cannot be read.
pub const TEST: Code = Code::new("F011", "a test that cannot be read");
/// A filter that may dismiss grave alerts for ever.
pub const GRAVE_FOR_EVER: Code = Code::new("F012", "a filter for grave alerts that never expires");
/// A filter in force for longer than the policy allows.
pub const LONG_LIFE: Code = Code::new("F013", "a filter that lives longer than the policy allows");
/// A key that the policy asks for.
pub const REQUIRED: Code = Code::new("F014", "a key that the policy asks for is missing");
/// A value that the policy bans.
pub const BANNED: Code = Code::new("F015", "a value that the policy bans");
/// A field that an alert does not have, in a test's alert.
pub const UNKNOWN_ALERT_FIELD: Code = Code::new("F016", "a field that a test's alert cannot have");
/// A `limit` that means nothing.
pub const LIMIT: Code = Code::new("F017", "a limit that cannot be read");
/// An `allow` of severities that need none.
pub const NEEDLESS_ALLOW: Code = Code::new("F018", "an `allow` that allows nothing");
/// A condition that only alerts meet which the filter may not dismiss.
pub const DISMISSES_NOTHING: Code = Code::new("F019", "a filter that may dismiss none of the alerts it matches");

/// Every code of this module.
pub const ALL: &[Code] = &[
    UNKNOWN_KEY,
    MISSING_KEY,
    VALUE,
    UNKNOWN_WORD,
    ID,
    OWNERLESS,
    TIME,
    NEVER_IN_FORCE,
    SCHEDULE,
    EMPTY,
    TEST,
    GRAVE_FOR_EVER,
    LONG_LIFE,
    REQUIRED,
    BANNED,
    UNKNOWN_ALERT_FIELD,
    LIMIT,
    NEEDLESS_ALLOW,
    DISMISSES_NOTHING,
];
