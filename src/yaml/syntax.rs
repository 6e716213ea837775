//! What the parser says is broken, in the words of a finding: its code, and what to do where that is plain.

use super::{Limits, codes};
use crate::diag::Code;
use serde_saphyr::granit_parser::ErrorKind;

/// What is told of an anchor or an alias, and what to do about it.
pub(super) const NO_ALIASES: &str = "anchors and aliases are not allowed";
pub(super) const WITHOUT_ALIASES: &str =
    "put a text that begins with `*` or `&` in quotes, or write the value out where it is used";

/// The code, what is wrong, and what to do.
pub(super) fn told(kind: &ErrorKind, limits: Limits) -> (Code, String, Option<&'static str>) {
    match kind {
        ErrorKind::UnknownAnchor | ErrorKind::AnchorCountOverflow | ErrorKind::MissingAnchorOrAliasName => {
            (codes::ALIAS, NO_ALIASES.to_owned(), Some(WITHOUT_ALIASES))
        }
        ErrorKind::RecursionLimitExceeded => {
            let message = format!("lists and maps nest deeper than {} levels", limits.depth);
            (codes::LIMIT, message, Some("write some of them on a level of their own"))
        }
        ErrorKind::InputByteLimitExceeded { .. }
        | ErrorKind::DirectiveByteLimitExceeded { .. }
        | ErrorKind::TooManyReservedDirectiveParams { .. } => (codes::LIMIT, kind.to_string(), None),
        kind => (codes::SYNTAX, kind.to_string(), help(kind)),
    }
}

fn help(kind: &ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => "indent with spaces; YAML takes no tabs there",
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => {
            "add the bracket that closes it, or quote a key or value that holds a bracket or a comma"
        }
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping => "add the bracket that closes it",
        ErrorKind::UnclosedQuotedScalar => "add the closing quote, of the same kind",
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidMappingValueWhitespace => {
            "write `key: value`, with a space after the colon"
        }
        ErrorKind::MappingValueNotAllowed => "quote a value that holds `: `",
        ErrorKind::InvalidColonPlacement => "close the bracket before it, or quote a value that holds `: `",
        ErrorKind::UnexpectedCharacter { .. } => "put the value in quotes",
        _ => return None,
    })
}
