//! Takes a body in: bounded in size, time, and in what all bodies together may hold in memory.

use super::problem::Problem;
use crate::clock::Stopwatch;
use crate::decode::Format;
use axum::body::{Body, BodyDataStream, HttpBody};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// What a body may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimits {
    /// Most bytes of one body.
    pub(super) bytes: usize,
    /// Most bytes of all bodies being read or taken in at one moment.
    pub(super) bytes_at_once: usize,
    /// How long a body may take, however small.
    pub(super) time: Duration,
    /// A body gets a second more for each of these many bytes that arrived.
    pub(super) bytes_per_second: usize,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { bytes: 16 << 20, bytes_at_once: 128 << 20, time: Duration::from_secs(15), bytes_per_second: 256 << 10 }
    }
}

/// How long a refused body is read on.
const DISCARD: Duration = Duration::from_secs(2);

/// Takes bodies in under one budget.
#[derive(Debug, Clone)]
pub(super) struct Bodies {
    limits: BodyLimits,
    budget: Arc<Semaphore>,
}

/// A whole body. Its share of the budget is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Received {
    bytes: Vec<u8>,
    _share: Option<OwnedSemaphorePermit>,
}

impl std::ops::Deref for Received {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Bodies {
    /// A fresh budget.
    pub(super) fn new(limits: BodyLimits) -> Self {
        Self { limits, budget: Arc::new(Semaphore::new(limits.bytes_at_once)) }
    }

    /// Reads a body to its end. A body that says it is too large is refused before a byte of it is kept.
    pub(super) async fn receive(&self, body: Body) -> Result<Received, Problem> {
        let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        let mut chunks = body.into_data_stream();
        let received = if declared > self.limits.bytes {
            Err(Problem::body_too_large(self.limits.bytes))
        } else {
            self.collect(&mut chunks).await
        };
        if received.is_err() {
            self.discard(&mut chunks).await;
        }
        received
    }

    /// Most senders read no answer before they have sent everything, and a connection closed on them meanwhile loses
    /// it. So a refused body is read on for a little, and dropped as it comes.
    async fn discard(&self, chunks: &mut BodyDataStream) {
        let mut left = self.limits.bytes.saturating_mul(4);
        let reading = async {
            while let Some(Ok(chunk)) = chunks.next().await {
                left = left.saturating_sub(chunk.len());
                if left == 0 {
                    return;
                }
            }
        };
        drop(timeout(DISCARD, reading).await);
    }

    async fn collect(&self, chunks: &mut BodyDataStream) -> Result<Received, Problem> {
        let limits = self.limits;
        let started = Stopwatch::start();
        let mut received = Received { bytes: Vec::new(), _share: None };
        loop {
            let earned = Duration::from_secs((received.bytes.len() / limits.bytes_per_second) as u64);
            let left = (limits.time + earned).saturating_sub(started.elapsed());
            let chunk = match timeout(left, chunks.next()).await {
                Err(_) => return Err(Problem::body_timeout()),
                Ok(None) => return Ok(received),
                Ok(Some(Err(_))) => return Err(Problem::body_incomplete()),
                Ok(Some(Ok(chunk))) => chunk,
            };
            if chunk.len() > limits.bytes - received.bytes.len() {
                return Err(Problem::body_too_large(limits.bytes));
            }
            let share = self.share(chunk.len())?;
            match &mut received._share {
                Some(held) => held.merge(share),
                none => *none = Some(share),
            }
            received.bytes.extend_from_slice(&chunk);
        }
    }

    fn share(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let full = || Problem::overloaded("too many bodies are being taken in at this moment; try again");
        let bytes = u32::try_from(bytes).map_err(|_| full())?;
        self.budget.clone().try_acquire_many_owned(bytes).map_err(|_| full())
    }
}

/// How a body is written, by what the request says of it. Only plain, uncompressed text is taken: a limit on bytes
/// is worth nothing once they may unfold.
pub(super) fn format(headers: &HeaderMap) -> Result<Format, Problem> {
    for encoding in headers.get_all(header::CONTENT_ENCODING) {
        if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") {
            return Err(Problem::content_encoding_unsupported(&String::from_utf8_lossy(encoding.as_bytes())));
        }
    }
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return Ok(Format::Json) };
    let content_type = String::from_utf8_lossy(content_type.as_bytes());
    let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => {
            Ok(Format::Ndjson)
        }
        "" | "application/json" | "text/json" | "text/plain" => Ok(Format::Json),
        _ if essence.starts_with("application/") && essence.ends_with("+json") => Ok(Format::Json),
        _ => Err(Problem::content_type_unsupported(&essence)),
    }
}
