//! A filter as a daemon tells it, and as a line of a table.

use crate::cli::show::style::{FAINT, PLAIN, WARNING};
use crate::cli::show::table::{Cell, Column, render};
use crate::cli::show::time::age;
use crate::clock::Timestamp;
use serde::Deserialize;

/// What is shown of a filter.
#[derive(Debug, Deserialize)]
pub(super) struct Filter {
    pub id: String,
    pub title: String,
    pub reason: String,
    pub owner: Option<String>,
    pub ticket: Option<String>,
    pub mode: String,
    pub allow: Vec<String>,
    pub starts: Option<Timestamp>,
    pub expires: Option<Timestamp>,
    pub schedule: Option<String>,
    pub opens_time: Option<Timestamp>,
    pub limit: Option<String>,
    pub held: Option<String>,
    pub in_force: bool,
    pub file: String,
    pub line: u32,
    pub hits: u64,
    pub dismissed: u64,
    pub last_hit: Option<Timestamp>,
}

impl Filter {
    /// The mode, unless the filter is not in force at all.
    pub fn state(&self, now: Timestamp) -> &str {
        match self {
            Self { in_force: true, held: Some(_), .. } => "held",
            Self { in_force: true, mode, .. } => mode,
            Self { expires: Some(expires), .. } if *expires <= now => "expired",
            Self { starts: Some(starts), .. } if *starts > now => "not begun",
            _ => "closed",
        }
    }
}

/// A day, which is all that most filters name.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// A table of filters.
pub(super) fn table(filters: &[Filter], now: Timestamp, width: Option<usize>) -> String {
    const COLUMNS: [Column; 8] = [
        Column::whole("STATE"),
        Column::whole("ID"),
        Column::whole("HITS"),
        Column::whole("DISMISSED"),
        Column::whole("LAST"),
        Column::whole("EXPIRES"),
        Column::shrinking("WHEN", 8),
        Column::shrinking("OWNER", 8),
    ];
    let row = |filter: &Filter| {
        let state = filter.state(now);
        let style = match state {
            "enforce" => PLAIN,
            "audit" | "held" => WARNING,
            _ => FAINT,
        };
        [
            Cell::styled(state, style),
            Cell::new(&filter.id),
            Cell::new(&filter.hits.to_string()),
            Cell::new(&filter.dismissed.to_string()),
            Cell::new(&filter.last_hit.map_or("never".to_owned(), |last| age(last, now))),
            Cell::new(&filter.expires.map_or("never".to_owned(), day)),
            Cell::new(filter.schedule.as_deref().unwrap_or("always")),
            Cell::new(filter.owner.as_deref().unwrap_or("nobody")),
        ]
    };
    render(COLUMNS, &filters.iter().map(row).collect::<Vec<_>>(), width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_stay_whole_on_a_narrow_terminal() {
        let id = "qualys-scanners-try-ssh-passwords-every-night";
        let filter: Filter = serde_json::from_value(json!({
            "id": id, "title": "t", "reason": "noise", "owner": "secops-team-of-the-night@example.com", "ticket": null,
            "mode": "enforce", "allow": [], "starts": null, "expires": "2027-03-31T00:00:00Z", "schedule": null,
            "opens_time": null, "limit": null, "held": null, "in_force": true, "file": "rules/a.yaml", "line": 1,
            "hits": 12, "dismissed": 12, "last_hit": null,
        }))
        .unwrap();
        let shown = table(&[filter], "2026-03-01T12:00:00Z".parse().unwrap(), Some(80));
        assert!(shown.contains(id) && shown.contains("secops-…"), "{shown}");
    }
}
