//! `quell approvals approve` and `deny`.

use crate::cli::options::{DaemonArgs, converse};
use crate::cli::{Context, Exit, Failure};
use crate::id::ApprovalId;
use crate::store::Approval;
use serde_json::json;

/// An answer.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The question's id
    id: ApprovalId,
    /// Why; kept with the alert
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Answers.
pub(super) fn run(args: &Args, approved: bool, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/approvals/{}", args.id);
    let body = json!({"approved": approved, "comment": args.comment}).to_string();
    let approval: Approval = converse(async { Ok(client.post_json(&path, body).await?.json()?) })?;
    context.terminal.data(&format!("{}: run {} goes on", approval.status.as_str(), approval.run_id))?;
    Ok(Exit::Fine)
}
