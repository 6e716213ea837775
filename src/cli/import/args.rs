//! What `quell import` is told.

use crate::cli::options::Format;
use crate::import::Unnegated;
use std::path::PathBuf;

/// Turn other systems' suppression rules into native filters.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell import silences.json                        write filters to stdout
  amtool silence query -o json > silences.json      silences of Alertmanager, to import
  quell import exports/ --out rules/imported        a file for each rule, none overwritten
  quell import suppression.json --owner soc@example.com --expires 2027-03-31
  quell import sigma/ --sigma-event raw.event --format json

Known by their shape, in JSON, lines of JSON, lists, pages, templates or YAML: suppression rules of \
    Defender for Cloud, silences of Alertmanager, alert processing rules of Azure Monitor, automation \
    rules of Sentinel that close incidents, filters of Sigma, and the exclusions of Sigma's rules.

A filter never dismisses more than its original did. What is left out is said on stderr and stands \
    in the filter as `# not carried over:`; a rule that cannot be said without dismissing more is not \
    written.

Exit status: 0 if everything is carried over, 1 if something is not, 3 if it could not be read.")]
pub(in crate::cli) struct Args {
    /// Files, or folders of them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Write each filter to a file of its own in this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Overwrite files that are there
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Who answers for filters whose original names nobody
    #[arg(long, value_name = "WHO", default_value = "unassigned")]
    pub owner: String,
    /// When filters end whose original has no end; without, they leave alerts of severity high and critical alone
    #[arg(long, value_name = "DATE")]
    pub expires: Option<String>,
    /// Where in an alert the event stands that a Sigma rule is about
    #[arg(long, value_name = "PATH", default_value = "raw")]
    pub sigma_event: String,
    /// What a Sigma filter that is not negated does with what it selects [default: it is written in audit mode]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub sigma_unnegated: Option<Selected>,
    /// How the outcome is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// What becomes of the alerts that a Sigma filter selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Selected {
    /// They are kept and the rest is dismissed, as Sigma's tools do
    Keep,
    /// They are dismissed
    Dismiss,
}

impl From<Selected> for Unnegated {
    fn from(selected: Selected) -> Self {
        match selected {
            Selected::Keep => Self::Keep,
            Selected::Dismiss => Self::Dismiss,
        }
    }
}
