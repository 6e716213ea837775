//! `quell filters show`: everything about one filter.

use super::row::Filter;
use crate::cli::options::{DaemonArgs, Format, converse};
use crate::cli::show::time::instant;
use crate::cli::{Context, Exit, Failure};
use crate::diag::visible;
use crate::id::RuleId;

/// Show everything about one filter
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell filters show kubernetes-controllers
  quell filters show kubernetes-controllers --format json")]
pub(in crate::cli) struct Args {
    /// The filter's id
    #[arg(value_parser = super::id)]
    id: RuleId,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Shows it.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/ruleset/filters/{}", args.id);
    let answer = converse(async { Ok(client.get(&path, &[]).await?) })?;
    if args.format == Format::Json {
        context.terminal.verbatim(answer.text())?;
        return Ok(Exit::Fine);
    }
    let filter: Filter = answer.json()?;
    let time = |at: Option<_>, none: &str| at.map_or(none.to_owned(), instant);
    let or = |text: &Option<String>, none: &str| text.clone().unwrap_or_else(|| none.to_owned());
    let lines = [
        ("id", filter.id.clone()),
        ("title", filter.title.clone()),
        ("state", filter.state(context.clock.now()).to_owned()),
        ("held", or(&filter.held, "no")),
        ("reason", filter.reason.clone()),
        ("owner", or(&filter.owner, "nobody")),
        ("ticket", or(&filter.ticket, "none")),
        ("may dismiss", if filter.allow.is_empty() { "nothing grave".to_owned() } else { filter.allow.join(", ") }),
        ("starts", time(filter.starts, "always was")),
        ("expires", time(filter.expires, "never")),
        ("windows", or(&filter.schedule, "always open")),
        ("opens next", time(filter.opens_time, "never")),
        ("limit", or(&filter.limit, "none")),
        ("hits", filter.hits.to_string()),
        ("dismissed", filter.dismissed.to_string()),
        ("last hit", time(filter.last_hit, "never")),
        ("where", format!("{}:{}", filter.file, filter.line)),
    ];
    // When windows open is of interest where there are any.
    let lines = lines.iter().filter(|(name, _)| *name != "opens next" || filter.schedule.is_some());
    let lines: Vec<_> = lines.map(|(name, value)| format!("{name:<12}{}", visible(value))).collect();
    context.terminal.data(&lines.join("\n"))?;
    Ok(Exit::Fine)
}
