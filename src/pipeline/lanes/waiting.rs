//! What waits in a lane that rests: when to look whether some of it has expired. Pure, and on no clock of its own.

use crate::clock::Timestamp;
use jiff::SignedDuration;
use std::time::Duration;

/// How often it is looked at when nothing is known of it.
const LOOK: SignedDuration = SignedDuration::from_secs(30);
/// How often at most, however much comes in.
const PACE: SignedDuration = SignedDuration::from_secs(1);

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    looked: Option<Timestamp>,
    /// When the first of what was seen expires.
    earliest: Option<Timestamp>,
    /// Whether more has come in since.
    more: bool,
}

impl Waiting {
    /// Whether to look now.
    pub(super) fn is_to_be_seen(&self, now: Timestamp) -> bool {
        // A look that lies ahead was before the clock was set back.
        self.looked.is_none_or(|looked| now < looked) || self.next() <= Some(now)
    }

    /// It was looked at: the first of it expires then.
    pub(super) fn seen(&mut self, earliest: Option<Timestamp>, now: Timestamp) {
        *self = Self { looked: Some(now), earliest, more: false };
    }

    /// More may have come in.
    pub(super) fn rung(&mut self) {
        self.more = true;
    }

    /// How long there is no need to look.
    pub(super) fn quiet(&self, now: Timestamp) -> Duration {
        self.next().map_or(Duration::ZERO, |next| Duration::try_from(next.duration_since(now)).unwrap_or_default())
    }

    fn next(&self) -> Option<Timestamp> {
        let looked = self.looked?;
        let after = |time| looked.checked_add(time).unwrap_or(Timestamp::MAX);
        let soon = self.more.then(|| after(PACE));
        // Not even for something that expires at once more often than that.
        let expiry = self.earliest.map(|earliest| earliest.max(after(PACE)));
        [Some(after(LOOK)), expiry, soon].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + seconds).unwrap()
    }

    /// The first whole second at which it is to be looked at.
    fn next(waiting: &Waiting) -> i64 {
        let next = (0..100).find(|second| waiting.is_to_be_seen(at(*second))).unwrap();
        assert_eq!(waiting.quiet(at(0)), Duration::from_secs(next.unsigned_abs()), "and it is slept until then");
        next
    }

    #[test]
    fn it_is_looked_at_when_something_expires_or_comes_in_and_now_and_then() {
        let mut waiting = Waiting::default();
        assert_eq!(next(&waiting), 0, "nothing is known of it");
        waiting.seen(None, at(0));
        assert_eq!(next(&waiting), 30);
        waiting.rung();
        assert_eq!(next(&waiting), 1, "what came in may expire soon");
        waiting.seen(Some(at(7)), at(0));
        assert_eq!(next(&waiting), 7);
        waiting.seen(Some(at(-5)), at(0));
        assert_eq!(next(&waiting), 1, "never without a pause");
    }

    #[test]
    fn a_clock_that_was_set_back_hides_nothing() {
        let mut waiting = Waiting::default();
        waiting.seen(None, at(3600));
        assert!(waiting.is_to_be_seen(at(0)));
    }
}
