//! What is coloured how. Output strips the colours where nobody would see them.

use crate::alert::{Severity, Status};
use crate::store::{RunStatus, StepStatus};
use anstyle::{AnsiColor, Style};

/// A failure.
pub(in crate::cli) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Something to look at.
pub(in crate::cli) const WARNING: Style = AnsiColor::Yellow.on_default();
/// All is well.
pub(in crate::cli) const GOOD: Style = AnsiColor::Green.on_default();
/// Labels and headings.
pub(in crate::cli) const HEADING: Style = Style::new().bold();
/// What is rarely looked at.
pub(in crate::cli) const FAINT: Style = Style::new().dimmed();
/// Nothing special.
pub(in crate::cli) const PLAIN: Style = Style::new();

/// A severity's.
pub(in crate::cli) fn severity(severity: &Severity) -> Style {
    match severity.rank() {
        Some(0) => FAINT,
        Some(1) => PLAIN,
        Some(2) => WARNING,
        _ => ERROR,
    }
}

/// An alert's status's.
pub(in crate::cli) fn status(status: Status) -> Style {
    match status {
        Status::Active => HEADING,
        Status::InProgress => PLAIN,
        Status::Resolved | Status::Dismissed => FAINT,
    }
}

/// A run's status's.
pub(in crate::cli) fn run(status: RunStatus) -> Style {
    match status {
        RunStatus::Queued | RunStatus::Running | RunStatus::Waiting => PLAIN,
        RunStatus::Done => GOOD,
        RunStatus::Failed | RunStatus::Expired => ERROR,
        RunStatus::Cancelled => FAINT,
    }
}

/// A step's status's.
pub(in crate::cli) fn step(status: StepStatus) -> Style {
    match status {
        StepStatus::Pending => PLAIN,
        StepStatus::Done => GOOD,
        StepStatus::Failed => ERROR,
        StepStatus::Cancelled => FAINT,
    }
}
