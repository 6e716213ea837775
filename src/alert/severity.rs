//! How grave an alert is: five ranked words, and whatever else a source may say.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Severity of an alert. The known words are ranked; an unknown word is kept as it came and has no rank.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Of interest only in the context of an incident.
    Informational,
    /// May be benign, or a blocked attack.
    Low,
    /// Probably suspicious. Also what an alert without a severity gets.
    Medium,
    /// High confidence of compromise.
    High,
    /// As high, and urgent.
    Critical,
    /// A word Quell does not know, lower-cased. Filters treat it with the care of `high`.
    Other(String),
}

impl Severity {
    /// The known words, in rising order.
    pub const WORDS: [&'static str; 5] = ["informational", "low", "medium", "high", "critical"];

    /// Reads a word as sources spell it: any case, with common synonyms.
    pub fn from_word(word: &str) -> Self {
        Self::known(word).unwrap_or_else(|| {
            let word = word.trim().to_lowercase();
            Self::known(&word).unwrap_or(Self::Other(word))
        })
    }

    fn known(word: &str) -> Option<Self> {
        Some(match word {
            "informational" | "information" | "info" | "none" | "debug" => Self::Informational,
            "low" | "minor" | "notice" => Self::Low,
            "" | "medium" | "moderate" | "warning" | "warn" => Self::Medium,
            "high" | "major" | "error" => Self::High,
            "critical" | "fatal" | "emergency" => Self::Critical,
            _ => return None,
        })
    }

    /// The word this is written as.
    pub fn as_str(&self) -> &str {
        match self.rank() {
            Some(rank) => Self::WORDS[rank as usize],
            None => match self {
                Self::Other(word) => word,
                _ => unreachable!("only an unknown word has no rank"),
            },
        }
    }

    /// Place in the order, 0 for informational to 4 for critical.
    pub fn rank(&self) -> Option<u8> {
        match self {
            Self::Informational => Some(0),
            Self::Low => Some(1),
            Self::Medium => Some(2),
            Self::High => Some(3),
            Self::Critical => Some(4),
            Self::Other(_) => None,
        }
    }

    /// Whether a filter needs `allow` to dismiss an alert of this severity.
    pub fn is_guarded(&self) -> bool {
        self.rank().is_none_or(|rank| rank >= 3)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Severity {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Severity {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::from_word(&String::deserialize(from)?))
    }
}
