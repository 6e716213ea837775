//! Who works on what: claims, kept in memory, so that they end with the process that holds them.

use crate::playbook::StepKey;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// A request, by the database's own number of its run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct RequestKey {
    pub run: i64,
    pub key: StepKey,
}

/// One thing claimed.
#[derive(Debug, Clone)]
pub(super) enum Claim {
    /// A run to step, by its number.
    Run(i64),
    /// A request to attempt.
    Request(RequestKey),
}

impl From<i64> for Claim {
    fn from(run: i64) -> Self {
        Self::Run(run)
    }
}

impl From<RequestKey> for Claim {
    fn from(request: RequestKey) -> Self {
        Self::Request(request)
    }
}

/// Every claim there is. Clones speak of the same claims.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    /// Claimed runs, with how often each had been woken then: a later wake is news to the claimer.
    runs: HashMap<i64, i64>,
    requests: HashSet<RequestKey>,
}

impl Claims {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().expect("no holder of this lock panics")
    }

    /// How often the run had been woken when it was claimed; none if it is not claimed.
    pub fn run(&self, run: i64) -> Option<i64> {
        self.held().runs.get(&run).copied()
    }

    /// Whether the request is claimed.
    pub fn has_request(&self, request: &RequestKey) -> bool {
        self.held().requests.contains(request)
    }

    /// Lets go of a claim.
    pub fn release(&self, claim: &Claim) {
        let mut held = self.held();
        match claim {
            Claim::Run(run) => {
                held.runs.remove(run);
            }
            Claim::Request(request) => {
                held.requests.remove(request);
            }
        }
    }

    /// An empty hand, to claim with.
    pub fn hand<T: Clone + Into<Claim>>(&self) -> Hand<T> {
        Hand { claims: self.clone(), holds: Vec::new() }
    }
}

/// Claims on their way to the claimer. Dropped on the way, because a commit failed or the claimer went away, it
/// lets go of them all.
#[derive(Debug)]
pub(super) struct Hand<T: Clone + Into<Claim>> {
    claims: Claims,
    holds: Vec<T>,
}

impl Hand<i64> {
    /// Claims a run that nobody has claimed.
    pub fn take(&mut self, run: i64, wakes: i64) {
        self.claims.held().runs.insert(run, wakes);
        self.holds.push(run);
    }
}

impl Hand<RequestKey> {
    /// Claims a request that nobody has claimed.
    pub fn take(&mut self, request: RequestKey) {
        self.claims.held().requests.insert(request.clone());
        self.holds.push(request);
    }
}

impl<T: Clone + Into<Claim>> Hand<T> {
    /// What it holds, in the order taken.
    pub fn holds(&self) -> &[T] {
        &self.holds
    }

    /// The claimer has them now.
    pub fn deliver(mut self) {
        self.holds.clear();
    }
}

impl<T: Clone + Into<Claim>> Drop for Hand<T> {
    fn drop(&mut self) {
        for claim in self.holds.drain(..) {
            self.claims.release(&claim.into());
        }
    }
}
