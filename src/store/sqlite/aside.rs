//! Claimed work that can be neither read nor ended for now: passed over for a while, so that it holds up nobody else.

use crate::clock::Timestamp;
use crate::store::ClaimGuard;
use std::sync::Mutex;
use std::time::Duration;

/// How long it is passed over.
const WHILE: Duration = Duration::from_secs(10);

/// What is passed over, and until when. Its claims are held meanwhile.
#[derive(Debug, Default)]
pub(super) struct Aside(Mutex<Vec<(Timestamp, ClaimGuard)>>);

impl Aside {
    /// Passes work over from now on.
    pub fn put(&self, guard: ClaimGuard, now: Timestamp) {
        let until = now.checked_add(WHILE).unwrap_or(Timestamp::MAX);
        self.0.lock().expect("no holder of this lock panics").push((until, guard));
    }

    /// Lets what was passed over long enough be claimed again.
    pub fn give_back(&self, now: Timestamp) {
        self.0.lock().expect("no holder of this lock panics").retain(|(until, _)| *until > now);
    }
}
