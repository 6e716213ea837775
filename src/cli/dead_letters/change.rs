//! `quell dead-letters redrive` and `discard`: some by id, or all that a list shows.

use crate::cli::options::{DaemonArgs, converse};
use crate::cli::show::text::count;
use crate::cli::{Context, Exit, Failure};
use crate::client::{Client, ClientError};
use crate::diag::visible;
use crate::id::MessageId;
use crate::store::{DeadLetter, Page};

/// Which of them.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false, id = "which", args = ["ids", "connection", "all"])]
pub(in crate::cli) struct Args {
    /// The messages' ids
    #[arg(value_name = "ID")]
    ids: Vec<MessageId>,
    /// Every dead one of this connection
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// Every dead one
    #[arg(long)]
    all: bool,
    /// Say which, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// What to do with them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verb {
    Redrive,
    Discard,
}

/// Does it, one by one, and says how many.
pub(super) fn run(args: &Args, verb: Verb, context: &Context) -> Result<Exit, Failure> {
    let client = args.daemon.client(context)?;
    let word = match verb {
        Verb::Redrive => "redrive",
        Verb::Discard => "discard",
    };
    let ids = if args.ids.is_empty() { converse(dead(&client, args.connection.as_deref()))? } else { args.ids.clone() };
    let mut refused = 0;
    for id in &ids {
        if !args.dry_run {
            let path = format!("/api/v1/dead-letters/{id}/{word}");
            match converse(async { Ok(client.post(&path).await?) }) {
                Ok(_) => {}
                // Somebody else may have been quicker with one; the others are still wished for.
                Err(Failure::Client(ClientError::Refused(problem))) if ids.len() > 1 => {
                    refused += 1;
                    context.terminal.say(&visible(&format!("{id}: {}", problem.detail)));
                    continue;
                }
                Err(failure) => return Err(failure),
            }
        }
        context.terminal.data(id.as_str())?;
    }
    let letters = count(ids.len() - refused, "letter");
    let told = match (verb, args.dry_run) {
        (Verb::Redrive, true) => "would be sent again",
        (Verb::Redrive, false) => "on the way again",
        (Verb::Discard, true) => "would be discarded",
        (Verb::Discard, false) => "discarded",
    };
    context.terminal.say(&format!("{letters} {told}"));
    Ok(if refused > 0 { Exit::Unusable } else { Exit::Fine })
}

/// Every dead letter of a connection, or of all.
async fn dead(client: &Client, connection: Option<&str>) -> Result<Vec<MessageId>, Failure> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let query =
            [("connection", connection.unwrap_or("").to_owned()), ("cursor", cursor), ("limit", "1000".to_owned())];
        let query: Vec<_> = query.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let page: Page<DeadLetter> = client.get("/api/v1/dead-letters", &query).await?.json()?;
        found.extend(page.items.into_iter().map(|letter| letter.id));
        match page.next_cursor {
            Some(next) => cursor = next.0,
            None => return Ok(found),
        }
    }
}
