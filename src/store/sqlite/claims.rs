//! Who works on what: claims, kept in memory, so that they end with the process that holds them.

use crate::playbook::StepKey;
use crate::store::ClaimGuard;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// A request, by the database's own number of its run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct RequestKey {
    pub run: i64,
    pub key: StepKey,
}

/// What can be claimed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

/// Something claimed, with what holds the claim.
pub(super) type Claimed<T> = (T, ClaimGuard);

/// Tells one claim of a thing from a later one of the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// Every claim there is. Clones speak of the same claims.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    claims: HashMap<Claim, Holding>,
    tickets: u64,
    /// The playbook a run was claimed of last.
    turn: String,
}

/// One claim.
#[derive(Debug, Clone, Copy)]
struct Holding {
    ticket: Ticket,
    /// How often a run had been woken when it was claimed: a later wake is news to the claimer.
    wakes: i64,
}

impl Claims {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().expect("no holder of this lock panics")
    }

    /// How often the run had been woken when it was claimed; none if it is not claimed.
    pub fn run(&self, run: i64) -> Option<i64> {
        self.held().claims.get(&Claim::Run(run)).map(|holding| holding.wakes)
    }

    /// Whether the request is claimed.
    pub fn has_request(&self, request: &RequestKey) -> bool {
        self.held().claims.contains_key(&Claim::Request(request.clone()))
    }

    /// The playbook that had the last turn; empty before the first.
    pub fn turn(&self) -> String {
        self.held().turn.clone()
    }

    /// Notes that this playbook has had its turn.
    pub fn had_turn(&self, playbook: &str) {
        playbook.clone_into(&mut self.held().turn);
    }

    /// Claims a run that nobody has claimed.
    pub fn take_run(&self, run: i64, wakes: i64) -> Claimed<i64> {
        (run, self.take(run.into(), wakes))
    }

    /// Claims a request that nobody has claimed.
    pub fn take_request(&self, request: RequestKey) -> Claimed<RequestKey> {
        let guard = self.take(request.clone().into(), 0);
        (request, guard)
    }

    fn take(&self, claim: Claim, wakes: i64) -> ClaimGuard {
        let mut held = self.held();
        held.tickets += 1;
        let ticket = Ticket(held.tickets);
        held.claims.insert(claim.clone(), Holding { ticket, wakes });
        ClaimGuard::new(Hold { claims: self.clone(), claim, ticket })
    }

    /// The claim's ticket, if it is claimed.
    pub fn ticket(&self, claim: &Claim) -> Option<Ticket> {
        self.held().claims.get(claim).map(|holding| holding.ticket)
    }

    /// Lets go of the claim with this ticket. A later claim of the same thing is somebody else's.
    pub fn release(&self, claim: &Claim, ticket: Ticket) {
        let mut held = self.held();
        if held.claims.get(claim).is_some_and(|holding| holding.ticket == ticket) {
            held.claims.remove(claim);
        }
    }
}

/// A claim from the moment it is taken. Dropped, because a commit failed, the claimer went away or could not record
/// what came of it, it lets go.
#[derive(Debug)]
struct Hold {
    claims: Claims,
    claim: Claim,
    ticket: Ticket,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.claims.release(&self.claim, self.ticket);
    }
}
