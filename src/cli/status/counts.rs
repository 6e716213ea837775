//! How much a daemon holds, read from its metrics.

use serde::Serialize;

/// Counts by status or by connection, in the order the daemon gives them.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    /// Alerts by status.
    pub alerts: Vec<Count>,
    /// Runs by status.
    pub runs: Vec<Count>,
    /// Requests waiting to be sent, by connection.
    pub requests: Vec<Count>,
    /// Questions that nobody has answered yet; none if the daemon does not say.
    pub approvals: Option<u64>,
    /// Requests that were given up and wait for a person; none if the daemon does not say.
    pub dead_letters: Option<u64>,
}

/// How many there are of one kind.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Count {
    /// The status, or the connection.
    pub of: String,
    /// How many.
    pub count: u64,
}

impl Counts {
    /// Reads OpenMetrics text; what it does not know is passed over.
    pub fn read(metrics: &str) -> Self {
        let mut counts = Self::default();
        for line in metrics.lines() {
            match line.split_once(' ') {
                Some(("quell_open_approvals", number)) => counts.approvals = number.parse().ok(),
                Some(("quell_dead_letters", number)) => counts.dead_letters = number.parse().ok(),
                _ => {}
            }
            let into = match line.split_once('{') {
                Some(("quell_stored_alerts", labels)) => (&mut counts.alerts, labels),
                Some(("quell_stored_runs", labels)) => (&mut counts.runs, labels),
                Some(("quell_queued_requests", labels)) => (&mut counts.requests, labels),
                _ => continue,
            };
            into.0.extend(count(into.1));
        }
        for counts in [&mut counts.alerts, &mut counts.runs, &mut counts.requests] {
            counts.sort_by(|a, b| a.of.cmp(&b.of));
        }
        counts
    }
}

/// `status="active"} 12`.
fn count(labels: &str) -> Option<Count> {
    let (labels, number) = labels.rsplit_once("} ")?;
    let (_, of) = labels.split_once("=\"")?;
    Some(Count { of: of.strip_suffix('"')?.to_owned(), count: number.trim().parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_stored_gauges_and_nothing_else() {
        let text = "# HELP quell_stored_alerts x\nquell_stored_alerts{status=\"dismissed\"} 40\n\
                    quell_stored_alerts{status=\"active\"} 2\nquell_alerts_total{source=\"a\"} 9\n\
                    quell_queued_requests{connection=\"chat\"} 3\nquell_stored_runs{broken\n\
                    quell_open_approvals 2\nquell_dead_letters many\n# EOF\n";
        let count = |of: &str, count| Count { of: of.into(), count };
        let expected = Counts {
            alerts: vec![count("active", 2), count("dismissed", 40)],
            runs: Vec::new(),
            requests: vec![count("chat", 3)],
            approvals: Some(2),
            dead_letters: None,
        };
        assert_eq!(Counts::read(text), expected);
    }
}
