//! How the lane of a connection stands, as it is kept over a restart.

use crate::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a lane sends, and if not, why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneState {
    /// It sends.
    Closed,
    /// The receiver fails too often; it sends nothing for a while.
    Open,
    /// It sends one request, to see whether the receiver is well again.
    HalfOpen,
    /// The receiver is gone; it sends nothing until a person resumes it.
    Paused,
    /// The receiver asked for patience; it sends nothing for a while.
    Held,
}

impl LaneState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Closed, Self::Open, Self::HalfOpen, Self::Paused, Self::Held];

    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
            Self::Paused => "paused",
            Self::Held => "held",
        }
    }
}

/// How one connection's lane stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneRecord {
    /// The connection.
    pub connection: String,
    /// Whether it sends.
    pub state: LaneState,
    /// Since when it stands so.
    pub since: Timestamp,
    /// When it sends again by itself; none where it sends, or where only a person can say.
    pub until: Option<Timestamp>,
    /// How often in a row it has opened: each time it stays open for longer.
    pub openings: u32,
}
