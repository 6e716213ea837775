//! `quell demo`: see it work, with nothing to set up.

use super::process::{self, worker};
use super::{Context, Exit, Failure};
use crate::demo::{self, DemoFault, Options};
use crate::telemetry::{LogFormat, start_logs};
use std::net::SocketAddr;
use std::path::PathBuf;

/// See it work: the real daemon, sample alerts, and a receiver that plays every outside system
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell demo
  quell demo --listen 127.0.0.1:0      on any free port
  quell demo --rules my/rules          with filters of your own")]
pub struct Args {
    /// The address to serve on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8642")]
    listen: SocketAddr,
    /// The folder of filters [default: ./rules, else the binary's own copy]
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// The folder of playbooks [default: ./playbooks, else the binary's own copy]
    #[arg(long, value_name = "DIR")]
    playbooks: Option<PathBuf>,
}

/// Runs the demo.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    // The demo shows what happens itself; the log is for what should not.
    start_logs(context.around.variable("QUELL_LOG").unwrap_or("quell=error"), LogFormat::Text);
    let options = Options { listen: args.listen, rules: args.rules.clone(), playbooks: args.playbooks.clone() };
    process::with_runtime(|shutdown| async move { Ok(demo::run(options, worker()?, shutdown).await?) })?;
    Ok(Exit::Fine)
}

impl From<DemoFault> for Failure {
    fn from(fault: DemoFault) -> Self {
        match fault {
            DemoFault::Start(fault) => fault.into(),
            DemoFault::Client(fault) => fault.into(),
            fault => Self::Daemon(fault.to_string()),
        }
    }
}
