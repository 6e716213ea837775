//! What `quell check` is told.

use crate::cli::options::ConfigArgs;
use crate::diag::Level;
use std::path::PathBuf;

/// Compile all filters and playbooks, and report every fault of every file at once.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell check                              everything in rules/ and playbooks/
  quell check rules/team-a                 report only what concerns this folder
  quell check --fail-level warning         fail on warnings too, for a pull request
  quell check --format sarif > quell.sarif for a code-scanning service

With --format json the answer is one object: loads, generation, files, filters, playbooks, errors, warnings, \
    errors_elsewhere, and diagnostics, each with file, line, column, level, code, message and help.
What a code means: quell explain CODE.

The tests beside filters and playbooks are read, not run: see quell test. The rest of the \
    configuration is checked by quell serve, since checking it takes its secrets.

Exit status: 0 if the set loads, 1 if it loads with warnings and --fail-level is warning, 2 if it does not load.")]
pub(in crate::cli) struct Args {
    /// Report only what concerns these files and folders; the whole set is compiled all the same
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The least level that makes the check fail
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = FailLevel::Error)]
    pub fail_level: FailLevel,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// The least level that makes a check fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum FailLevel {
    /// Warnings fail the check too
    Warning,
    /// Only what keeps the set from loading
    Error,
}

impl FailLevel {
    /// The level itself.
    pub fn level(self) -> Level {
        match self {
            Self::Warning => Level::Warning,
            Self::Error => Level::Error,
        }
    }
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people: findings on stderr, with the source line
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code-scanning services
    Sarif,
    /// Workflow commands, which GitHub shows beside the changed lines
    Github,
}
