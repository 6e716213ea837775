//! What `quell test` is told.

use crate::cli::options::ConfigArgs;
use std::path::PathBuf;

/// Run the tests beside filters and playbooks; playbooks get the answers their tests list, and send nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell test
  quell test rules/team-a                        only what stands in this folder, or in this file
  quell test --filter 'qualys-*'                 only what is about these filters and playbooks
  quell test --coverage                          what no test has tried, line by line
  quell test --min-tests 1 --min-coverage 80     for a pull request
  quell test --format junit > quell.xml          for a CI server
  quell test --format json | jq '.tests[] | select(.fault)'

A test of a filter that does not hold is shown with the filter's condition, line by line, and what each saw.

Covered are the lines of a filter's condition, once where tests have seen them hold and once where they have seen them \
    fail, and the blocks { } of a playbook's script that tests have reached; what modules hold is not counted.

Exit status: 0 if every test holds, 1 if one does not or there is too little of them, 2 if the set does not compile.")]
pub(in crate::cli) struct Args {
    /// Test only filters and playbooks of these files and folders; the whole set is compiled all the same
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Test only filters and playbooks whose id fits: `*` stands for any characters, `?` for one
    #[arg(long, value_name = "ID")]
    pub filter: Option<String>,
    /// Fail if a filter or playbook has fewer tests than this
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub min_tests: u16,
    /// Fail if fewer of the lines and blocks are covered, in percent
    #[arg(long, value_name = "PCT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub min_coverage: Option<u8>,
    /// Show what each filter and playbook has been tried on
    #[arg(long)]
    pub coverage: bool,
    /// How the outcome is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How the outcome is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// JUnit XML, which CI servers show
    Junit,
}
