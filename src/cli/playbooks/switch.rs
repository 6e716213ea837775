//! `quell playbooks disarm` and `arm`.

use crate::cli::options::{DaemonArgs, converse};
use crate::cli::{Context, Exit, Failure};
use serde_json::json;

/// Why, and which daemon.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DisarmArgs {
    /// Why; shown by `quell status`
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Which daemon.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ArmArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Holds all playbooks.
pub(super) fn disarm(args: &DisarmArgs, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let body = json!({"why": args.why}).to_string();
    converse(async { Ok(client.post_json("/api/v1/playbooks/disarm", body).await?) })?;
    context.terminal.data("all playbooks are disarmed; `quell playbooks arm` lets them go on")?;
    Ok(Exit::Fine)
}

/// Lets playbooks go on.
pub(super) fn arm(args: &ArmArgs, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    converse(async { Ok(client.post("/api/v1/playbooks/arm").await?) })?;
    context.terminal.data("playbooks are armed")?;
    Ok(Exit::Fine)
}
