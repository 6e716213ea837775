//! `quell runs start`, `cancel` and `rerun`.

use crate::cli::options::{DaemonArgs, converse};
use crate::cli::{Context, Exit, Failure};
use crate::id::{AlertId, RunId};
use crate::store::RunDetails;
use serde_json::json;

/// Run a playbook for an alert by hand, whatever its trigger and match say
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell runs start al_06dvzq1jm8q3x9k2n4r5t6v7w8 contain-brute-force")]
pub(in crate::cli) struct StartArgs {
    /// The alert's id
    alert: AlertId,
    /// The playbook's id
    playbook: String,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// One run.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RunArgs {
    /// The run's id
    id: RunId,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Starts a run.
pub(super) fn start(args: &StartArgs, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/alerts/{}/runs", args.alert);
    let body = json!({"playbook": args.playbook}).to_string();
    let run: RunDetails = converse(async { Ok(client.post_json(&path, body).await?.json()?) })?;
    told(&run, context)
}

/// Ends a run.
pub(super) fn cancel(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    told(&post(args, "cancel", context)?, context)
}

/// Repeats a run.
pub(super) fn rerun(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    told(&post(args, "rerun", context)?, context)
}

fn post(args: &RunArgs, verb: &str, context: &Context) -> Result<RunDetails, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/runs/{}/{verb}", args.id);
    converse(async { Ok(client.post(&path).await?.json()?) })
}

fn told(run: &RunDetails, context: &Context) -> Result<Exit, Failure> {
    context.terminal.data(&format!("{}  {}  {}", run.summary.id, run.summary.status.as_str(), run.summary.playbook))?;
    Ok(Exit::Fine)
}
