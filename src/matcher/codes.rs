//! The faults of a condition.

use crate::diag::Code;

/// A field the schema does not have.
pub const UNKNOWN_FIELD: Code = Code::new("M001", "a field that an alert does not have");
/// An entity type the schema does not have.
pub const UNKNOWN_ENTITY_TYPE: Code = Code::new("M002", "an entity type that does not exist");
/// A key that is not a path.
pub const PATH: Code = Code::new("M003", "a key that is not a path to a field");
/// A modifier that does not exist.
pub const UNKNOWN_MODIFIER: Code = Code::new("M004", "a modifier that does not exist");
/// Modifiers that exclude each other.
pub const MODIFIERS: Code = Code::new("M006", "modifiers that do not go together");
/// A comparison that cannot hold for the field's type.
pub const IMPOSSIBLE: Code = Code::new("M007", "a comparison that cannot hold");
/// A value the field or the modifier cannot be compared with.
pub const VALUE: Code = Code::new("M008", "a value of the wrong kind");
/// A word that is not in the list.
pub const UNKNOWN_WORD: Code = Code::new("M009", "a word that is not one of the list");
/// A network that is none.
pub const NETWORK: Code = Code::new("M010", "not a network in CIDR notation");
/// A network with bits set beyond its prefix.
pub const HOST_BITS: Code = Code::new("M011", "a network with bits set beyond its prefix");
/// A regular expression that does not compile.
pub const REGEX: Code = Code::new("M012", "a regular expression that does not compile");
/// A regular expression over its limit.
pub const REGEX_LIMIT: Code = Code::new("M013", "a regular expression that is too large");
/// A list without values.
pub const EMPTY_LIST: Code = Code::new("M014", "a list without values");
/// `all` without a list.
pub const ALL_ON_ONE: Code = Code::new("M015", "`all` on a single value");
/// A `condition` that cannot be read.
pub const CONDITION: Code = Code::new("M016", "a `condition` that cannot be read");
/// A selection that does not exist.
pub const UNKNOWN_SELECTION: Code = Code::new("M017", "a selection that does not exist");
/// A selection nothing uses.
pub const UNUSED_SELECTION: Code = Code::new("M018", "a selection that nothing uses");
/// A condition nested too deep.
pub const TOO_DEEP: Code = Code::new("M019", "a condition nested too deep");
/// A condition with too many values.
pub const TOO_MANY: Code = Code::new("M020", "a condition with too many values");
/// A condition every alert meets.
pub const MATCHES_EVERYTHING: Code = Code::new("M021", "a condition that matches every alert");
/// A condition that only says what must not be.
pub const ONLY_NEGATION: Code = Code::new("M022", "a condition that rests only on negations");
/// A condition no alert meets.
pub const MATCHES_NOTHING: Code = Code::new("M023", "a condition that can never match");
/// Values without a field.
pub const KEYWORDS: Code = Code::new("M024", "keywords without a field");
/// A part of a condition that is not a map where one must stand.
pub const SHAPE: Code = Code::new("M025", "a condition of the wrong shape");
/// A plain value that looks like a regular expression.
pub const LOOKS_LIKE_REGEX: Code = Code::new("M026", "a plain value that looks like a regular expression");
/// A text pattern over its limit.
pub const PATTERN_LIMIT: Code = Code::new("M027", "a text pattern that is too costly to search for");
/// A number that is not compared as it was written.
pub const NUMBER_SPELLING: Code = Code::new("M028", "a number written otherwise than it is read");
/// A value that cannot be encoded as asked.
pub const ENCODING: Code = Code::new("M029", "a value that cannot be encoded");
/// A placeholder without values.
pub const PLACEHOLDER: Code = Code::new("M030", "a placeholder that has no values");
/// A condition no index can narrow down to.
pub const NO_WITNESS: Code = Code::new("M031", "a condition that is tried on every alert");
/// What a pattern of selections stands for.
pub const EXPANDED: Code = Code::new("M032", "what `not 1 of` stands for");
/// Pieces of Base64 compared with a whole value.
pub const WHOLE_OFFSET: Code = Code::new("M033", "`base64offset` without `contains`");
/// Two lines that no one value meets.
pub const EMPTY_RANGE: Code = Code::new("M034", "two lines that no one value meets");
/// A condition that every example of an alert meets.
pub const MEETS_EXAMPLES: Code = Code::new("M035", "a filter that every example of an alert meets");

/// Every code of this module.
pub const ALL: &[Code] = &[
    UNKNOWN_FIELD,
    UNKNOWN_ENTITY_TYPE,
    PATH,
    UNKNOWN_MODIFIER,
    MODIFIERS,
    IMPOSSIBLE,
    VALUE,
    UNKNOWN_WORD,
    NETWORK,
    HOST_BITS,
    REGEX,
    REGEX_LIMIT,
    EMPTY_LIST,
    ALL_ON_ONE,
    CONDITION,
    UNKNOWN_SELECTION,
    UNUSED_SELECTION,
    TOO_DEEP,
    TOO_MANY,
    MATCHES_EVERYTHING,
    ONLY_NEGATION,
    MATCHES_NOTHING,
    KEYWORDS,
    SHAPE,
    LOOKS_LIKE_REGEX,
    PATTERN_LIMIT,
    NUMBER_SPELLING,
    ENCODING,
    PLACEHOLDER,
    NO_WITNESS,
    EXPANDED,
    WHOLE_OFFSET,
    EMPTY_RANGE,
    MEETS_EXAMPLES,
];
