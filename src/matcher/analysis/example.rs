//! What a condition comes to by example: alerts as different as they come, and whether it lets any of them pass. Shapes
//! do not tell that every id begins with `al_`, or that nothing is older than 1970.

use super::truth::rests_on_negation;
use crate::alert::Alert;
use crate::matcher::expr::Condition;
use crate::matcher::view::AlertView;
use std::sync::LazyLock;

/// The alert of which least is known comes first: most conditions are not met by it, and no other one is looked at.
static EXAMPLES: LazyLock<Vec<Alert>> = LazyLock::new(|| {
    let lines = include_str!("examples.ndjson").lines();
    lines.map(|line| serde_json::from_str(line).expect("every example is an alert")).collect()
});

impl Condition {
    /// Whether each of a dozen alerts that have little in common meets it. It stops at the first that does not. What
    /// rests on negations only is met by most alerts that are made up; a warning of its own tells of that.
    pub fn is_met_by_every_example(&self) -> bool {
        EXAMPLES.iter().all(|alert| self.matches(&AlertView::new(alert))) && !rests_on_negation(&self.expr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Severity, Status};
    use std::collections::BTreeSet;

    /// How many different ones there are.
    fn different<T: Ord>(of: impl Fn(&Alert) -> T) -> usize {
        EXAMPLES.iter().map(of).collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn examples_have_little_in_common() {
        assert_eq!(EXAMPLES.len(), 12);
        assert_eq!(different(|alert| alert.severity.as_str().to_owned()), Severity::WORDS.len());
        assert_eq!(different(|alert| alert.status), Status::ALL.len());
        assert_eq!(different(|alert| alert.id.as_str().to_owned()), 12);
        assert_eq!(different(|alert| alert.alert_type.clone()), 12);
        assert!(different(|alert| alert.source.clone()) >= 5);
        for both in [
            different(|alert| alert.simulated),
            different(|alert| alert.is_incident),
            different(|alert| alert.entities.is_empty()),
            different(|alert| alert.tactics.is_empty()),
            different(|alert| alert.raw.text() == "{}"),
        ] {
            assert_eq!(both, 2);
        }
    }
}
