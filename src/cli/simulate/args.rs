//! What `quell simulate` is told.

use crate::cli::options::ConfigArgs;
use crate::clock::Timestamp;
use crate::matcher::read_instant;
use crate::playbook::duration;
use crate::simulate::Limit;
use std::time::Duration;

/// Put stored alerts, or alerts of files, to the rules in place, and show what would change; nothing is sent or stored
#[derive(Debug, clap::Args)]
#[command(
    group = clap::ArgGroup::new("alerts").required(true).args(["since", "events"]),
    after_help = "Examples:
  quell simulate --since 30d                      the rules in place, beside what was decided then
  quell simulate --since 30d --against main       both decide anew: main, and the rules in place
  quell simulate --events alerts.ndjson --against HEAD~1 --max-newly-dismissed 5% --fail-on-high
  quell simulate --events - --format json < alerts.json
  quell simulate --since 7d --rules draft/rules --format markdown

Stored alerts are read from the data folder, beside a running daemon. Files hold alerts of any source \
    that is taken over HTTP, a line each, as a list or as one document.

Stored alerts are decided on as of when they were: a filter that has expired since counts. Alerts of \
    files are received now. --at decides all as of one instant. Rate limits, and runs that updates or \
    people start, are not simulated.

Exit status: 0 if no gate is exceeded, 1 if one is, 2 if the rules do not compile."
)]
pub(in crate::cli) struct Args {
    /// Replay the alerts a daemon has stored since then: `30d`, `12h`, a date or a time
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Since>,
    /// Replay the alerts of these files; `-` is the standard input
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub events: Vec<String>,
    /// Compare with this commit or folder, rather than with what was decided when the alerts came in
    #[arg(long, value_name = "COMMIT|DIR")]
    pub against: Option<String>,
    /// Decide as of this instant
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub at: Option<Timestamp>,
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The folder of the daemon's own data [default: quell-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,
    /// Fail if more alerts would vanish: a number, or a share such as `5%`
    #[arg(long, value_name = "LIMIT")]
    pub max_newly_dismissed: Option<Limit>,
    /// Fail if more alerts would appear: a number, or a share such as `5%`
    #[arg(long, value_name = "LIMIT")]
    pub max_newly_shown: Option<Limit>,
    /// Fail if any alert of severity high, critical or unknown would vanish
    #[arg(long)]
    pub fail_on_high: bool,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For a comment on a pull request
    Markdown,
}

/// Since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Since {
    /// So long ago.
    Ago(Duration),
    /// An instant.
    At(Timestamp),
}

impl Since {
    /// The instant; the beginning of time where that is too long ago.
    pub fn instant(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(age) => now.checked_sub(age).unwrap_or(Timestamp::MIN),
            Self::At(at) => at,
        }
    }
}

fn since(text: &str) -> Result<Since, String> {
    let ago = duration::parse(text).map(Since::Ago);
    ago.or_else(|| read_instant(text).map(Since::At))
        .ok_or_else(|| format!("write {}, a date or a time such as 2027-03-31T12:00:00Z", duration::SHAPE))
}

fn instant(text: &str) -> Result<Timestamp, String> {
    read_instant(text).ok_or_else(|| "write a date or a time, such as 2027-03-31T12:00:00Z".to_owned())
}
