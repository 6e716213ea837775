//! The faults of a YAML text itself.

use crate::diag::Code;

/// The text is not YAML.
pub const SYNTAX: Code = Code::new("Y001", "the text is not valid YAML");
/// A key stands twice in one map.
pub const DUPLICATE_KEY: Code = Code::new("Y002", "a key stands twice in one map");
/// An anchor or alias.
pub const ALIAS: Code = Code::new("Y003", "anchors and aliases are not allowed");
/// A tag such as `!!binary`.
pub const TAG: Code = Code::new("Y004", "tags are not allowed");
/// The merge key `<<`.
pub const MERGE: Code = Code::new("Y005", "merge keys are not allowed");
/// A key that is not a text.
pub const KEY: Code = Code::new("Y006", "a key must be a text");
/// Too deep, too many values, too large.
pub const LIMIT: Code = Code::new("Y007", "the text exceeds a limit");
/// A character that cannot be seen or that reorders the line.
pub const INVISIBLE: Code = Code::new("Y008", "an invisible or reordering character");
/// Bytes that are not UTF-8.
pub const ENCODING: Code = Code::new("Y009", "the file is not UTF-8 text");
/// A file that cannot be formatted.
pub const UNTIDY: Code = Code::new("Y010", "a file that cannot be formatted without changing it");

/// Every code of this module.
pub const ALL: &[Code] = &[SYNTAX, DUPLICATE_KEY, ALIAS, TAG, MERGE, KEY, LIMIT, INVISIBLE, ENCODING, UNTIDY];
