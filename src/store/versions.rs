//! Versions of filters: since when each decides, and whether it is held.

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::RuleId;

/// The version of a filter that was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterVersion {
    /// The filter.
    pub filter: RuleId,
    /// Digest of its own text.
    pub text: Digest,
    /// Since when it is known.
    pub since: Timestamp,
    /// Since when it decides; it may have decided before.
    pub began: Timestamp,
    /// How many alerts versions before it dismissed in the hour of the clock that it began in.
    pub earlier: u64,
    /// Whether a person has said that it is to dismiss whatever the budget says.
    pub vouched: bool,
    /// Since when and why it only records, if it does.
    pub held: Option<(Timestamp, String)>,
}
