//! Values that nobody asks about and that are always the same: product names, empty lists, what one kind of alert always
//! says. They are compared with all that stands around them rather than stepped over one by one.
//!
//! Every short value that nobody asks about is taken for such a one until another is seen in its place. From then on it is
//! stepped over, wherever it stands behind the same.

use super::trace::Passed;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::ops::Range;

/// Longer values are always stepped over.
const LONGEST: usize = 128;
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
        let is_steady = |(number, stop): (usize, &Passed)| {
            let is_short = value(passed, number).is_some_and(|value| value.len() <= LONGEST);
            let place = || self.place(text, stop);
            !stop.is_asked && is_short && has_room && place().is_some_and(|place| !self.other.contains(&place))
        };
        passed.iter().enumerate().map(is_steady).collect()
    }

    /// Another value was seen at a stop.
    pub fn note_other(&mut self, text: &str, stop: &Passed) {
        let place = self.place(text, stop);
        self.other.extend(place);
    }

    fn place(&self, text: &str, stop: &Passed) -> Option<u64> {
        Some(self.other.hasher().hash_one(text.get(stop.between.clone())?))
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
            steady.note_other(&text, &passed[0]);
            assert_eq!(steady.among(&text, passed), [false, false], "{at}");
        }
        let (other, trace) = ("????1 ", stop(0));
        let (passed, _) = trace.whole().unwrap();
        assert_eq!(steady.among(other, passed), [false, false]);
        steady.make_room();
        assert_eq!((steady.among(other, passed), steady.among(&text, passed)), (vec![true, false], vec![true, false]));
    }
}
