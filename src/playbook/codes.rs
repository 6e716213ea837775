//! The faults of a playbook.

use crate::diag::Code;

/// The script is not valid Rhai.
pub const SYNTAX: Code = Code::new("P001", "the script is not valid Rhai");
/// No front matter.
pub const FRONT_MATTER: Code = Code::new("P002", "a playbook begins with front matter in `//!` lines");
/// A key of the front matter that means nothing.
pub const UNKNOWN_KEY: Code = Code::new("P003", "the front matter has no such key");
/// A key of the front matter that must be there.
pub const MISSING_KEY: Code = Code::new("P004", "the front matter lacks a key it must have");
/// A value of the front matter that does not fit its key.
pub const BAD_VALUE: Code = Code::new("P005", "the value does not fit the key");
/// No `fn on_alert(alert)`.
pub const ENTRY: Code = Code::new("P006", "a playbook has one `fn on_alert(alert)`");
/// A statement outside a function.
pub const TOP_LEVEL: Code = Code::new("P007", "only functions, constants and imports stand outside functions");
/// A call of something that does not exist.
pub const UNKNOWN_FUNCTION: Code = Code::new("P008", "there is no function or method of this name");
/// A call with another number of arguments than the function takes.
pub const ARITY: Code = Code::new("P009", "the function takes another number of arguments");
/// A connection the front matter does not declare.
pub const UNDECLARED_CONNECTION: Code = Code::new("P010", "the connection is not declared under `connections`");
/// A declared connection nothing uses.
pub const UNUSED_CONNECTION: Code = Code::new("P011", "the declared connection is not used");
/// A connection whose name is not written out.
pub const CONNECTION_NAME: Code = Code::new("P012", "a connection's name is written out as a text");
/// `switch` on a severity.
pub const SWITCH_SEVERITY: Code = Code::new("P013", "`switch` never matches a severity");
/// An import that cannot be followed.
pub const IMPORT: Code = Code::new("P014", "an import names a module of `playbooks/lib` as a written-out text");
/// A field an alert does not have.
pub const UNKNOWN_FIELD: Code = Code::new("P015", "an alert has no such field");
/// A written-out argument that the function will refuse.
pub const BAD_LITERAL: Code = Code::new("P016", "the function will refuse this value");
/// Too large.
pub const LIMIT: Code = Code::new("P017", "the script exceeds a limit");
/// A character that cannot be seen or that reorders the line.
pub const INVISIBLE: Code = Code::new("P018", "an invisible or reordering character");
/// Nobody to ask about it.
pub const OWNERLESS: Code = Code::new("P019", "the playbook names no owner");
/// A function of the script that hides a built-in one.
pub const REDEFINED: Code = Code::new("P020", "the function has the name of a built-in one");
/// A name a module does not offer.
pub const MODULE_MEMBER: Code = Code::new("P021", "the module offers no such name");
/// An option that a function does not have.
pub const UNKNOWN_OPTION: Code = Code::new("P030", "the function has no such option");
/// A variable that branches of `parallel` share is changed by one of them.
pub const SHARED_BY_BRANCHES: Code = Code::new("P031", "a branch of `parallel` changes no variable it shares");
/// A step where nobody can say how often it is taken.
pub const STEP_IN_COMPARER: Code = Code::new("P032", "a comparer takes no steps");
/// A `try` that looks as if it had a value.
pub const TRY_WITHOUT_VALUE: Code = Code::new("P033", "a `try` has no value");
/// A field of something that may be missing.
pub const MAYBE_MISSING: Code = Code::new("P034", "a field is read of a value that may be missing");
/// A closure that uses what its method is called on.
pub const CAPTURED_RECEIVER: Code = Code::new("P035", "a closure leaves alone the value its method is called on");
/// An assignment to the alert.
pub const READ_ONLY_ALERT: Code = Code::new("P036", "the alert is changed by steps, not by assignment");
/// A field that a step's result never has.
pub const UNKNOWN_RESULT_FIELD: Code = Code::new("P037", "the result of a step has no such field");
/// An interpolation where nothing is interpolated.
pub const PLAIN_QUOTES: Code = Code::new("P038", "a text in double quotes keeps `${…}` as it is written");
/// A block where a map was meant.
pub const BLOCK_FOR_MAP: Code = Code::new("P039", "`{}` is an empty block; an empty map is `#{}`");

/// Every code of this module.
pub const ALL: &[Code] = &[
    SYNTAX,
    FRONT_MATTER,
    UNKNOWN_KEY,
    MISSING_KEY,
    BAD_VALUE,
    ENTRY,
    TOP_LEVEL,
    UNKNOWN_FUNCTION,
    ARITY,
    UNDECLARED_CONNECTION,
    UNUSED_CONNECTION,
    CONNECTION_NAME,
    SWITCH_SEVERITY,
    IMPORT,
    UNKNOWN_FIELD,
    BAD_LITERAL,
    LIMIT,
    INVISIBLE,
    OWNERLESS,
    REDEFINED,
    MODULE_MEMBER,
    UNKNOWN_OPTION,
    SHARED_BY_BRANCHES,
    STEP_IN_COMPARER,
    TRY_WITHOUT_VALUE,
    MAYBE_MISSING,
    CAPTURED_RECEIVER,
    READ_ONLY_ALERT,
    UNKNOWN_RESULT_FIELD,
    PLAIN_QUOTES,
    BLOCK_FOR_MAP,
];
