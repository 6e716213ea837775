//! Waits while git changes the files: what lies there meanwhile is half of each commit.

use super::Settings;
use super::git::Repository;
use super::listing::{Listing, Stamp};
use crate::clock::Stopwatch;
use crate::shutdown::Shutdown;
use std::time::Duration;

/// With no set in force yet, a lock counts as left behind by a crash once nothing has changed for this long.
const QUIET_AT_START: Duration = Duration::from_secs(5);
/// The same with a set in force: it can stay so while a slow checkout fetches one large file.
const QUIET_WHILE_RUNNING: Duration = Duration::from_secs(60);
/// No checkout is waited for longer. The old set stays then.
const LONGEST: Duration = Duration::from_secs(300);
/// Pause between two looks at the lock.
const BETWEEN_LOCKS: Duration = Duration::from_millis(20);
/// Pause between two listings, which cost more.
const BETWEEN_LISTINGS: Duration = Duration::from_millis(500);

/// The index's lock of the repository around each folder, where git holds one.
pub(super) type Locks = [Option<Stamp>; 2];

/// The locks held now.
pub(super) fn locks_of(repositories: &[Option<Repository>; 2]) -> Locks {
    repositories.each_ref().map(|repository| repository.as_ref()?.lock().as_ref().map(Stamp::from))
}

/// Why a checkout was not waited for to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// The daemon is stopping.
    Stopping,
    /// It goes on and on.
    Endless,
}

/// How a checkout is waited for, and which locks turned out to be nobody's.
#[derive(Debug)]
pub(super) struct Patience {
    quiet: Duration,
    shutdown: Shutdown,
    /// Locks beside which nothing changed for so long that they were left behind. They count again once they change.
    abandoned: Locks,
}

impl Patience {
    /// For whoever has no set yet.
    pub fn at_start(shutdown: Shutdown) -> Self {
        Self::new(QUIET_AT_START, shutdown)
    }

    /// For whoever has a set to stay with meanwhile.
    pub fn while_running(shutdown: Shutdown) -> Self {
        Self::new(QUIET_WHILE_RUNNING, shutdown)
    }

    pub(super) fn new(quiet: Duration, shutdown: Shutdown) -> Self {
        Self { quiet, shutdown, abandoned: Locks::default() }
    }

    /// Whether these locks say that git is at work.
    pub fn heeds(&self, locks: &Locks) -> bool {
        locks.iter().zip(&self.abandoned).any(|(lock, abandoned)| lock.is_some() && lock != abandoned)
    }

    /// Waits until no checkout is under way. Git takes its lock at the beginning of a checkout and does not touch it
    /// until the end, so its age says nothing: the checkout is alive as long as the lock or any file changes.
    ///
    /// `begun` is when the caller began to wait, in case this is not its first checkout.
    ///
    /// # Errors
    /// If there is no end to it, or the daemon stops.
    pub fn outwait(&mut self, settings: &Settings, begun: &Stopwatch) -> Result<(), Unfinished> {
        let mut seen: Option<Listing> = None;
        let (mut unchanged, mut listed) = (Stopwatch::start(), Stopwatch::start());
        loop {
            let repositories = [Repository::around(&settings.rules), Repository::around(&settings.playbooks)];
            if !self.heeds(&locks_of(&repositories)) {
                return Ok(());
            }
            if self.shutdown.is_stopping() {
                return Err(Unfinished::Stopping);
            }
            if begun.elapsed() > LONGEST {
                return Err(Unfinished::Endless);
            }
            if seen.is_none() || listed.elapsed() >= BETWEEN_LISTINGS {
                let listing = Listing::of(settings);
                listed = Stopwatch::start();
                if seen.as_ref() != Some(&listing) {
                    unchanged = Stopwatch::start();
                    seen = Some(listing);
                } else if unchanged.elapsed() >= self.quiet {
                    self.abandoned = listing.locks;
                    return Ok(());
                }
            }
            std::thread::sleep(BETWEEN_LOCKS);
        }
    }
}
