//! The generations that can be gone back to.

use crate::cli::options::{DaemonArgs, Format, converse};
use crate::cli::show::style::{GOOD, PLAIN};
use crate::cli::show::table::{Cell, Column, render};
use crate::cli::show::time::age;
use crate::cli::{Context, Exit, Failure};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::ruleset::ChangeCounts;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Answer {
    items: Vec<Generation>,
}

#[derive(Debug, Deserialize)]
struct Generation {
    in_force: bool,
    at: Timestamp,
    cause: String,
    by: Option<String>,
    generation: Digest,
    commit: Option<String>,
    #[serde(default)]
    dirty: bool,
    author: Option<String>,
    changes: ChangeCounts,
}

/// Lists them.
pub(super) fn run(daemon: &DaemonArgs, format: Format, context: &Context) -> Result<Exit, Failure> {
    let client = daemon.client(context)?;
    let answer = converse(async { Ok(client.get("/api/v1/ruleset/generations", &[]).await?) })?;
    let terminal = &context.terminal;
    match format {
        Format::Json => terminal.verbatim(answer.text())?,
        Format::Text => {
            let Answer { items } = answer.json()?;
            terminal.data(&table(&items, context.clock.now(), terminal.width()))?;
        }
    }
    Ok(Exit::Fine)
}

fn table(generations: &[Generation], now: Timestamp, width: Option<usize>) -> String {
    const COLUMNS: [Column; 7] = [
        Column::whole("GENERATION"),
        Column::whole("SINCE"),
        Column::whole("CAUSE"),
        Column::whole("COMMIT"),
        Column::shrinking("BY", 10),
        Column::shrinking("FILTERS", 8),
        Column::shrinking("PLAYBOOKS", 9),
    ];
    let row = |it: &Generation| {
        let style = if it.in_force { GOOD } else { PLAIN };
        let commit = it.commit.as_deref().map(|commit| commit.chars().take(12).collect::<String>()).unwrap_or_default();
        let since = format!("{} ago{}", age(it.at, now), if it.in_force { ", in force" } else { "" });
        [
            Cell::styled(&it.generation.short(), style),
            Cell::styled(&since, style),
            Cell::new(&it.cause),
            Cell::new(&format!("{commit}{}", if it.dirty { "+" } else { "" })),
            Cell::new(it.by.as_deref().or(it.author.as_deref()).unwrap_or_default()),
            Cell::new(&it.changes.filters.to_string()),
            Cell::new(&it.changes.playbooks.to_string()),
        ]
    };
    render(COLUMNS, &generations.iter().map(row).collect::<Vec<_>>(), width)
}
