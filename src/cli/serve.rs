//! `quell serve`: the daemon in the foreground, until it is told to stop.

use super::failure::report_findings;
use super::options::ConfigArgs;
use super::process::{self, worker};
use super::{Context, Exit, Failure};
use crate::config::{self, Config, Flags, Loaded};
use crate::daemon::{self, StartFault};
use crate::shutdown::Shutdown;
use crate::telemetry::{LogFormat, start_logs};

/// Run the daemon: take alerts, watch the rules, run playbooks
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell serve
  quell serve --config /etc/quell/quell.yaml
  quell serve --rules /srv/rules/rules --playbooks /srv/rules/playbooks --data /var/lib/quell
  QUELL_LOG=debug quell serve --log-format json")]
pub struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// The address to listen on [default: 127.0.0.1:8642]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The folder of the daemon's own data [default: quell-data]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// How log lines on stderr are written; QUELL_LOG sets what is logged
    #[arg(long, value_enum, default_value = "text")]
    log_format: LogFormatArg,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum LogFormatArg {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Runs the daemon.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let format = match args.log_format {
        LogFormatArg::Text => LogFormat::Text,
        LogFormatArg::Json => LogFormat::Json,
    };
    start_logs(context.around.variable("QUELL_LOG").unwrap_or("info"), format);
    let flags = Flags { listen: args.listen.clone(), data: args.data.clone(), ..args.config.flags() };
    let Loaded { settings, warnings } = config::load(&flags, &context.around)?;
    report_findings(&warnings, &context.terminal);
    process::with_runtime(|shutdown| serve(settings, shutdown))?;
    Ok(Exit::Fine)
}

async fn serve(config: Config, shutdown: Shutdown) -> Result<(), Failure> {
    let running = daemon::start(config, worker()?, shutdown).await?;
    Ok(running.ended().await?)
}

impl From<StartFault> for Failure {
    fn from(fault: StartFault) -> Self {
        match fault {
            StartFault::Rules(found) => Self::Rules(found),
            fault => Self::Daemon(fault.to_string()),
        }
    }
}
