//! Values that are always the same: product names, empty lists, what one kind of alert always says. They are compared with all
//! that stands around them rather than stepped over or put to tables one by one.
//!
//! Every short value is taken for such a one until another is seen in its place. From then on it is read each time: one that
//! nobody asks about wherever it stands behind the same, one that is asked about only behind the same keys, since what it is
//! mostly follows from those.

use super::trace::Passed;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::ops::Range;

/// Longer values are always stepped over.
pub const LONGEST_STEADY: usize = 128;
/// How many places are remembered whose values are not always the same; then none is taken to be.
const MOST_PLACES: usize = 1 << 12;

/// What is known of them.
#[derive(Debug, Default)]
pub struct Steady {
    /// Hashes of what stands before values that are not always the same. Senders choose that, so the hash is seeded.
    other: HashSet<u64, foldhash::fast::RandomState>,
}

impl Steady {
    /// Everything is taken to be always the same again, if nothing is any more.
    pub fn make_room(&mut self) {
        if self.other.len() >= MOST_PLACES {
            self.other.clear();
        }
    }

    /// Of each of these stops whether its value is always the same, as far as is known.
    pub fn among(&self, text: &str, passed: &[Passed]) -> Vec<bool> {
        let has_room = self.other.len() < MOST_PLACES;
        let is_steady = |(number, (stop, place)): (usize, (&Passed, u64))| {
            let is_short = value(passed, number).is_some_and(|value| value.len() <= LONGEST_STEADY);
            !stop.is_read && is_short && has_room && !self.other.contains(&place)
        };
        passed.iter().zip(self.places(text, passed)).enumerate().map(is_steady).collect()
    }

    /// Another value was seen at the last of these stops.
    pub fn note_other(&mut self, text: &str, passed: &[Passed]) {
        let place = self.places(text, passed).last();
        self.other.extend(place);
    }

    /// What tells the place of each stop from others.
    fn places(&self, text: &str, passed: &[Passed]) -> impl Iterator<Item = u64> {
        let hash = |before: u64, between: &str| self.other.hasher().hash_one((before, between));
        let mut keys = 0;
        passed.iter().map(move |stop| {
            let between = text.get(stop.between.clone()).unwrap_or_default();
            keys = hash(keys, between);
            if stop.stop.is_asked() { keys } else { hash(0, between) }
        })
    }
}

/// Where in a text the value at one of these stops stands; none behind the last.
pub fn value(passed: &[Passed], number: usize) -> Option<Range<usize>> {
    Some(passed.get(number)?.between.end..passed.get(number + 1)?.between.start)
}

#[cfg(test)]
mod tests {
    use super::super::{Stop, Trace};
    use super::*;

    #[test]
    fn where_too_many_values_differ_none_is_always_the_same_until_room_is_made() {
        let mut steady = Steady::default();
        let stop = |at: usize| {
            let mut trace = Trace::default();
            trace.begin(at);
            trace.stop(Stop::Text(None), at + 4, false);
            trace.resume(at + 6);
            trace.stop(Stop::End, at + 6, true);
            trace
        };
        let text: String = (0..MOST_PLACES).map(|place| format!("{place:04}1 ")).collect();
        for at in (0..text.len()).step_by(6) {
            let trace = stop(at);
            let (passed, _) = trace.whole().unwrap();
            assert_eq!(steady.among(&text, passed), [true, false], "{at}");
            steady.make_room();
            steady.note_other(&text, &passed[..1]);
            assert_eq!(steady.among(&text, passed), [false, false], "{at}");
        }
        let (other, trace) = ("????1 ", stop(0));
        let (passed, _) = trace.whole().unwrap();
        assert_eq!(steady.among(other, passed), [false, false]);
        steady.make_room();
        assert_eq!((steady.among(other, passed), steady.among(&text, passed)), (vec![true, false], vec![true, false]));
    }
}
