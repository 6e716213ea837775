//! At start: what the last process left in flight is taken up again, and what can never be sent is ended.

use super::parts::Parts;
use crate::playbook::StepError;
use crate::store::{AttemptRecord, EMAIL_LANE, StepEnd, StoreError};

/// Requests ended in one claim.
const BATCH: usize = 500;

/// Makes the work of the last process claimable, and fails requests over connections that are configured no more.
pub async fn recover(parts: &Parts) -> Result<(), StoreError> {
    let found = parts.store.recover(parts.clock.now()).await?;
    if found.runs > 0 {
        tracing::info!(runs = found.runs, requests = found.requests, "taking up what was in flight");
    }
    for (connection, _) in parts.store.next_work().await?.next_request {
        let is_there = match connection.as_str() {
            EMAIL_LANE => parts.mailer.is_some(),
            name => parts.connections.get(name).is_some(),
        };
        if !is_there {
            fail_all(&connection, parts).await?;
        }
    }
    Ok(())
}

async fn fail_all(connection: &str, parts: &Parts) -> Result<(), StoreError> {
    let message = match connection {
        EMAIL_LANE => "no mail server is configured on this daemon any more".to_owned(),
        name => format!("connection `{name}` is not configured on this daemon any more"),
    };
    loop {
        // The far future claims what is due later as well.
        let claimed = parts.store.claim_requests(connection, BATCH, crate::clock::Timestamp::MAX).await?;
        if claimed.is_empty() {
            return Ok(());
        }
        tracing::error!(connection, requests = claimed.len(), "{message}");
        for work in claimed {
            let error = StepError {
                kind: "configuration".to_owned(),
                status: None,
                body: serde_json::Value::Null,
                attempts: work.attempts,
                message: message.clone(),
                step: work.key.to_string(),
            };
            let now = parts.clock.now();
            let (run, key) = (work.run, work.key);
            let error_text = Some(message.clone());
            let end = StepEnd::Failed(error);
            let record = AttemptRecord {
                run,
                key,
                time: now,
                status: None,
                error: error_text,
                latency_ms: 0,
                answer: None,
                end,
            };
            parts.store.record_attempt(record, now).await?;
        }
    }
}
