//! One submission: bytes in, one result for every alert in them out.

use super::bench::Bench;
use crate::alert::{Alert, OWN_SOURCE};
use crate::clock::SharedClock;
use crate::decode::{DecodeError, Decoded, Format, Limits, decode_each};
use crate::pipeline::Acceptor;
use crate::store::{Accepted, StoreError};
use crate::telemetry::Metrics;
use std::sync::Arc;

/// The way in for bytes of any known source.
#[derive(Debug)]
pub struct Intake {
    acceptor: Arc<Acceptor>,
    limits: Limits,
    clock: SharedClock,
    metrics: Arc<Metrics>,
    bench: Bench,
}

/// What became of each alert of a body, in order.
#[derive(Debug)]
pub struct Submission {
    /// Stored, or why it could not be read.
    pub results: Vec<Result<Accepted, DecodeError>>,
}

/// The good alerts of a body, and one place for each alert: none where it is good.
type Sorted = (Vec<Decoded>, Vec<Option<DecodeError>>);

/// Why nothing of a body was taken.
#[derive(Debug, thiserror::Error)]
pub enum IntakeFault {
    /// The body as a whole cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It could not be made durable, so it is not acknowledged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Intake {
    /// An intake in front of a pipeline.
    pub fn new(acceptor: Arc<Acceptor>, limits: Limits, clock: SharedClock, metrics: Arc<Metrics>) -> Self {
        Self { acceptor, limits, clock, metrics, bench: Bench::new() }
    }

    /// How large a body and its alerts may be.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Reads a body and accepts its good alerts, all in one commit. `source` forces a decoder; `hops` is how many
    /// requests of playbooks brought the body here.
    pub async fn submit(
        &self,
        body: &[u8],
        format: Format,
        source: Option<&str>,
        hops: u8,
    ) -> Result<Submission, IntakeFault> {
        let read = || self.read(body, format, source, hops);
        let (good, faults) = self.bench.work(body.len(), read).await.inspect_err(|_| self.metrics.alert_rejected())?;
        let mut accepted = if good.is_empty() { Vec::new() } else { self.acceptor.accept(good).await? }.into_iter();
        let results = faults.into_iter().map(|fault| match fault {
            Some(fault) => Err(fault),
            None => Ok(accepted.next().expect("one acceptance for each alert that was read")),
        });
        Ok(Submission { results: results.collect() })
    }

    /// The good alerts of a body, and in the places of the bad ones why they are.
    fn read(&self, body: &[u8], format: Format, source: Option<&str>, hops: u8) -> Result<Sorted, DecodeError> {
        let (mut good, mut faults) = (Vec::new(), Vec::new());
        for item in decode_each(body, format, source, &self.limits, self.clock.now())? {
            match item {
                Ok(mut decoded) => {
                    decoded.alert.flags.extend(Alert::hops_flag(hops));
                    // Whoever may send alerts must not pass for Quell, nor take the place of what it will say.
                    if decoded.alert.source.eq_ignore_ascii_case(OWN_SOURCE) {
                        decoded.alert.source = "native".to_owned();
                        decoded.alert.flags.push(format!("source `{OWN_SOURCE}` is Quell's own; it was left out"));
                    }
                    good.push(decoded);
                    faults.push(None);
                }
                Err(fault) => {
                    self.metrics.alert_rejected();
                    faults.push(Some(fault));
                }
            }
        }
        Ok((good, faults))
    }
}
