//! `quell playbooks reference`: every function a playbook can call, from the table that registers them.

use crate::cli::{Context, Exit, Failure};
use crate::playbook;

/// Print every function a playbook can call: what it does, what it gives, whether it is recorded
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell playbooks reference                               a page to read
  quell playbooks reference --format rhai > quell.d.rhai  definitions, for an editor's completion

The page is docs/host-functions.md, and the definitions are docs/quell.d.rhai.")]
pub(in crate::cli) struct Args {
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
}

/// How the reference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A page for people
    Markdown,
    /// Rhai's definition syntax
    Rhai,
}

/// Prints the reference.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let text = match args.format {
        Format::Markdown => playbook::page(),
        Format::Rhai => playbook::definitions(),
    };
    context.terminal.verbatim(&text)?;
    Ok(Exit::Fine)
}
