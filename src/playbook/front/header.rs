//! What a front matter says, typed.

use crate::alert::Alert;
use crate::diag::Span;
use crate::id::RuleId;
use crate::matcher::{AlertView, Condition, FieldPath};
use std::sync::Arc;
use std::time::Duration;

/// What makes a playbook run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trigger {
    /// An active alert came in.
    #[default]
    Alert,
    /// An alert was dismissed.
    Dismissed,
    /// An alert's source sent news of it, or a person changed it.
    Updated,
    /// Only a person, by hand.
    Manual,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 4] = [Self::Alert, Self::Dismissed, Self::Updated, Self::Manual];

    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Dismissed => "dismissed",
            Self::Updated => "updated",
            Self::Manual => "manual",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.as_str() == word)
    }
}

/// How often a playbook may run.
#[derive(Debug, Clone)]
pub struct RunLimits {
    /// Most runs in any window.
    pub runs: u32,
    /// The window.
    pub window: Duration,
    /// The alert's field whose values are counted apart, such as `entities.ip.address`.
    pub per: Option<FieldPath>,
}

impl RunLimits {
    /// What runs for this alert are counted by: the field's values, or nothing, which counts them all together.
    pub fn key(&self, alert: &Alert) -> String {
        let texts = self.per.as_ref().map(|field| field.texts(&AlertView::new(alert)));
        texts.unwrap_or_default().join(", ")
    }
}

/// What was read of a front matter.
#[derive(Debug, Default)]
pub struct Front {
    /// The connections it declares and where, as far as that can be said whatever else is wrong with it.
    pub connections: Option<Vec<(String, Span)>>,
    /// The rest; none if errors were pushed.
    pub header: Option<Header>,
}

/// A sound front matter, its connections apart.
#[derive(Debug)]
pub struct Header {
    /// The playbook's id.
    pub id: RuleId,
    /// Its title.
    pub title: String,
    /// What it does, at more length.
    pub description: Option<String>,
    /// What makes it run.
    pub trigger: Trigger,
    /// Which alerts it is for; none for all.
    pub condition: Option<Arc<Condition>>,
    /// How often it may run.
    pub limits: Option<RunLimits>,
    /// How long a run may take in all.
    pub timeout: Duration,
    /// Whom to ask about it.
    pub owner: Option<String>,
    /// Whether it records what it would do and does nothing.
    pub audit: bool,
}
