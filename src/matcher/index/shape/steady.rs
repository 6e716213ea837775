//! Values that nobody asks about and that are always the same: product names, empty lists, what one kind of alert always
//! says. They are compared with all that stands around them rather than stepped over one by one.
//!
//! Every short value that nobody asks about is taken for such a one until another is seen in its place. From then on it is
//! stepped over, wherever it stands behind the same.

use super::trace::Passed;
use std::collections::HashSet;
use std::hash::BuildHasher;

/// Longer values are always stepped over.
const LONGEST: usize = 128;
/// How many places are remembered whose values are not always the same; then none is taken to be.
const MOST_PLACES: usize = 1 << 12;

/// What is known of them.
#[derive(Debug, Default)]
pub struct Steady {
    /// Hashes of what stands before values that are not always the same.
    other: HashSet<u64, foldhash::fast::FixedState>,
}

/// Stops of a text that make one step of a way: all before the last are at values that are always the same.
#[derive(Debug, Clone, Copy)]
pub struct Leg<'t> {
    pub passed: &'t [Passed],
    pub last: &'t Passed,
    /// What stands before the last, those values included.
    pub between: &'t [u8],
}

impl<'t> Leg<'t> {
    /// Of stops of a text; none without any.
    pub fn new(text: &'t str, passed: &'t [Passed]) -> Option<Self> {
        let (first, last) = (passed.first()?, passed.last()?);
        let between = text.as_bytes().get(first.between.start..last.between.end)?;
        Some(Self { passed, last, between })
    }
}

impl Steady {
    /// Everything is taken to be always the same again.
    pub fn forget(&mut self) {
        self.other.clear();
    }

    /// The stops of these up to the first one whose value is not always the same.
    pub fn leg<'t>(&self, text: &'t str, passed: &'t [Passed]) -> Option<Leg<'t>> {
        let steady = (0..passed.len()).take_while(|number| self.value(text, passed, *number).is_some()).count();
        Leg::new(text, passed.get(..=steady)?)
    }

    /// How many bytes of a text stand there always, as far as is known.
    pub fn bytes(&self, text: &str, passed: &[Passed]) -> usize {
        let between = passed.iter().map(|passed| passed.between.len());
        let values = (0..passed.len()).filter_map(|number| self.value(text, passed, number));
        between.sum::<usize>() + values.map(str::len).sum::<usize>()
    }

    /// Of stops where another text parted from this one at a place: notes if that is within a value, which is not always the
    /// same then, and gives how many stops there are up to that value.
    pub fn parted(&mut self, text: &str, passed: &[Passed], at: usize) -> Option<usize> {
        let is_within = |pair: &[Passed]| pair[0].between.end <= at && at < pair[1].between.start;
        let number = passed.windows(2).position(is_within)?;
        self.other.insert(self.place(text, &passed[number])?);
        Some(number + 1)
    }

    /// The value at one of these stops, if it is always the same as far as is known.
    fn value<'t>(&self, text: &'t str, passed: &[Passed], number: usize) -> Option<&'t str> {
        let (stop, next) = (&passed[number], passed.get(number + 1)?);
        let value = text.get(stop.between.end..next.between.start)?;
        let may_be = !stop.is_asked && value.len() <= LONGEST && self.other.len() < MOST_PLACES;
        (may_be && !self.other.contains(&self.place(text, stop)?)).then_some(value)
    }

    fn place(&self, text: &str, passed: &Passed) -> Option<u64> {
        Some(self.other.hasher().hash_one(text.get(passed.between.clone())?))
    }
}
