//! `quell rollback`: puts an earlier set of rules in force until the files change, and lists those there are.

mod list;

use super::options::{DaemonArgs, Format, converse};
use super::reload::{Reloaded, say_rejected};
use super::show::style::GOOD;
use super::show::text::count;
use super::{Context, Exit, Failure};
use crate::client::ClientError;
use serde_json::json;

/// Put an earlier set of rules in force. It decides until the files change; then they are loaded again
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell rollback --list
  quell rollback
  quell rollback 3f9c1e0b77aa

Without a generation it goes to the one in force before. Mend the files meanwhile: what they hold now is not loaded again. \
    To end it without changing them, roll back to the generation that they hold.

Exit status: 0 if the earlier rules decide now, 2 if they do not compile any more and the ones in force stay.")]
pub(super) struct Args {
    /// The generation to go to, or how it begins
    #[arg(conflicts_with = "list")]
    generation: Option<String>,
    /// Show the generations that can be gone back to, newest first
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    daemon: DaemonArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Goes back, or shows where to.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.list {
        return list::run(&args.daemon, args.format, context);
    }
    let client = args.daemon.client(context)?;
    let wish = json!({"generation": args.generation}).to_string();
    match converse(async { Ok(client.post_json("/api/v1/ruleset/rollback", wish).await) })? {
        Ok(answer) => {
            match args.format {
                Format::Text => context.terminal.data(&text(&answer.json()?))?,
                Format::Json => context.terminal.verbatim(answer.text())?,
            }
            Ok(Exit::Fine)
        }
        Err(ClientError::Refused(problem)) if problem.code == "ruleset_rejected" => {
            say_rejected(&problem, args.format, context)
        }
        Err(fault) => Err(fault.into()),
    }
}

fn text(set: &Reloaded) -> String {
    let (filters, playbooks) = (count(set.filters, "filter"), count(set.playbooks, "playbook"));
    let until = match &set.rolled_back {
        Some(_) => "until the files change",
        None => "as the files say",
    };
    format!("{GOOD}in force{GOOD:#} {until}: {filters}, {playbooks}, generation {}", set.generation.short())
}
