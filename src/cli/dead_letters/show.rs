//! `quell dead-letters show`: what would be sent, and every attempt at it.

use crate::cli::options::{DaemonArgs, Format, converse};
use crate::cli::show::fields::Page;
use crate::cli::show::text::fitted;
use crate::cli::show::time::instant;
use crate::cli::{Context, Exit, Failure};
use crate::diag::visible;
use crate::id::MessageId;
use crate::store::{AttemptView, DeadLetterDetails};

/// Show one request that was given up: what it says, and each attempt
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell dead-letters show msg_06dvzq1jm8q3x9k2n4r5t6v7w8")]
pub(in crate::cli) struct Args {
    /// The message's id
    id: MessageId,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Shows it.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let path = format!("/api/v1/dead-letters/{}", args.id);
    let answer = converse(async { Ok(client.get(&path, &[]).await?) })?;
    match args.format {
        Format::Json => context.terminal.verbatim(answer.text())?,
        Format::Text => context.terminal.data(&text(&answer.json()?, context.terminal.width()))?,
    }
    Ok(Exit::Fine)
}

fn text(details: &DeadLetterDetails, width: Option<usize>) -> String {
    let mut page = Page::default();
    let letter = &details.letter;
    page.line(&format!("{}  {}", letter.status.as_str(), visible(&letter.connection)));
    page.field("id", letter.id.as_str());
    page.field("reason", &format!("{}: {}", letter.kind, letter.reason));
    page.field("died", &instant(letter.died_time));
    page.maybe("next", letter.next_attempt_time.map(instant).as_deref());
    page.field("run", &format!("{}, step {}", letter.run_id, letter.step));
    page.field("playbook", letter.playbook.as_str());
    page.field("alert", letter.alert_id.as_str());
    page.field("request", &format!("{} {}", details.method, details.path.as_deref().unwrap_or("")));
    if let Some(body) = &details.body {
        page.heading("Body");
        page.paragraph(body, width);
    }
    if !details.attempts.is_empty() {
        page.heading("Attempts");
        for AttemptView { time, status, error, latency_ms, answer } in &details.attempts {
            let status = status.map_or("no answer".to_owned(), |status| status.to_string());
            let error = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
            page.line(&visible(&format!("  {}  {status} in {latency_ms} ms{error}", instant(*time))));
            if let Some(answer) = answer {
                page.line(&format!("    answer  {}", visible(&fitted(answer, width, 12))));
            }
        }
    }
    page.finish()
}
