//! Alerts counted by how grave they are.

use crate::alert::Severity;
use serde::Serialize;

/// How many alerts of each severity. An unknown word counts as `other`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Of severity critical.
    pub critical: u64,
    /// Of severity high.
    pub high: u64,
    /// Of severity medium.
    pub medium: u64,
    /// Of severity low.
    pub low: u64,
    /// Of severity informational.
    pub informational: u64,
    /// Of a severity Quell does not know, which filters treat with the care of `high`.
    pub other: u64,
}

impl Count {
    /// One more.
    pub fn add(&mut self, severity: &Severity) {
        *match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Informational => &mut self.informational,
            Severity::Other(_) => &mut self.other,
        } += 1;
    }

    /// Adds another count.
    pub fn merge(&mut self, other: &Self) {
        self.critical += other.critical;
        self.high += other.high;
        self.medium += other.medium;
        self.low += other.low;
        self.informational += other.informational;
        self.other += other.other;
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.by_word().iter().map(|(_, count)| count).sum()
    }

    /// Of the severities that filters dismiss only where `allow` names them.
    pub fn guarded(&self) -> u64 {
        self.critical + self.high + self.other
    }

    /// Each with its word, the gravest first.
    pub fn by_word(&self) -> [(&'static str, u64); 6] {
        [
            ("critical", self.critical),
            ("high", self.high),
            ("other", self.other),
            ("medium", self.medium),
            ("low", self.low),
            ("informational", self.informational),
        ]
    }
}
