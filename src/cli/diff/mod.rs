//! `quell diff`: how one set of rules differs from another, rule by rule and key by key, and what that means for alerts.

mod draw;

use super::options::{ConfigArgs, Format};
use super::process::with_stack;
use super::{Context, Exit, Failure, sets};
use crate::config;
use crate::ruleset::compare;
use serde_json::json;

/// Compare two sets of rules: what was added, removed, renamed and changed, and what it means
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell diff HEAD .                     what the working folder changes
  quell diff main team/scanners         what a branch would bring
  quell diff v1.4 HEAD~2 --format json  tags, hashes and steps back name commits
  quell diff old/ new/                  folders that hold rules/ and playbooks/, or filters

Commits are read from the repository around the rules folder; nothing is checked out. A folder goes \
    before a branch of the same name: write heads/NAME for the branch. Comments, layout, the order of \
    rules and tests beside them make no difference.

Exit status: 0 if both hold the same rules, 1 if they differ, 2 if one of them does not compile.")]
pub(super) struct Args {
    /// The older set: a folder or a commit
    #[arg(value_name = "A")]
    old: String,
    /// The newer set: a folder or a commit
    #[arg(value_name = "B")]
    new: String,
    #[command(flatten)]
    config: ConfigArgs,
    /// How the differences are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Compares the sets.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let folders = config::rule_folders(&args.config.flags(), &context.around)?.settings;
    let (old, new) = (sets::named(&args.old, &folders, context)?, sets::named(&args.new, &folders, context)?);
    let comparison = with_stack(|| compare(&old.rules, &new.rules))?;
    match args.format {
        Format::Text => context.terminal.data(&draw::text(&old, &new, &comparison))?,
        Format::Json => {
            let report = json!({
                "same": comparison.is_empty(),
                "old": old.json(),
                "new": new.json(),
                "filters": comparison.filters,
                "playbooks": comparison.playbooks,
            });
            context.terminal.verbatim(&format!("{report:#}"))?;
        }
    }
    Ok(if comparison.is_empty() { Exit::Fine } else { Exit::Findings })
}
