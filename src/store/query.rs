//! What can be asked of a store: list filters, order, and pages by cursor.

use crate::alert::Status;
use crate::clock::Timestamp;
use crate::store::RunStatus;

/// Which alerts, in which order. Empty lists and `None` ask for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertQuery {
    /// Any of these statuses.
    pub status: Vec<Status>,
    /// Any of these severities, as words.
    pub severity: Vec<String>,
    /// Any of these sources.
    pub source: Vec<String>,
    /// Any of these alert types, exact, case-insensitive.
    pub alert_type: Vec<String>,
    /// A resource whose id, name or the compromised entity contains this, case-insensitive.
    pub resource: Option<String>,
    /// Any of these tactics, case-insensitive.
    pub tactic: Vec<String>,
    /// Any of these tags.
    pub tag: Vec<String>,
    /// Any of these assignees.
    pub assignee: Vec<String>,
    /// Received at or after.
    pub since: Option<Timestamp>,
    /// Received before.
    pub until: Option<Timestamp>,
    /// Id, title, type or compromised entity contains this, case-insensitive.
    pub q: Option<String>,
    /// The order.
    pub sort: AlertSort,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
    /// Items in a page, 1 to 1,000.
    pub limit: usize,
}

/// The order of a list of alerts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AlertSort {
    /// Gravest first, newest first among equals.
    #[default]
    Severity,
    /// Newest first.
    Time,
}

/// Which runs, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunQuery {
    /// Any of these statuses; empty asks for all.
    pub status: Vec<RunStatus>,
    /// Of this playbook.
    pub playbook: Option<String>,
    /// For this alert.
    pub alert_id: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
    /// Items in a page, 1 to 1,000.
    pub limit: usize,
}

/// An opaque place in a list. Only the engine that made it reads it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// A page of a list.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; none after the last.
    pub next_cursor: Option<Cursor>,
}
