//! `quell schema`: what people write, as JSON Schema for their editors.

use super::{Context, Exit, Failure};
use crate::config;
use crate::filter;
use crate::ruleset::trial;

/// Print the JSON Schema of a kind of file, for editors that complete and check as one types
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell schema filter > filter.schema.json
  quell schema config > quell.schema.json

An editor with a YAML language server uses it for a file that begins with
  # yaml-language-server: $schema=filter.schema.json

A schema knows less than quell check, which alone says whether a set loads.")]
pub(super) struct Args {
    /// The kind of file
    #[arg(value_enum)]
    kind: Kind,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// rules/**/*.yaml
    Filter,
    /// FILE.test.yaml beside a rule file
    Test,
    /// quell.yaml
    Config,
    /// NAME.test.yaml beside a playbook
    PlaybookTest,
}

/// Prints the schema.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let schema = match args.kind {
        Kind::Filter => filter::filter_schema(),
        Kind::Test => filter::tests_schema(),
        Kind::Config => config::schema(),
        Kind::PlaybookTest => trial::playbook_tests_schema(),
    };
    context.terminal.verbatim(&format!("{schema:#}"))?;
    Ok(Exit::Fine)
}
