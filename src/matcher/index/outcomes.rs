//! Which conditions alerts met, by the atoms that were told of them: most alerts of a source tell what others told before, and then
//! no condition need be tried. It changes what an alert costs, never what it meets.

use super::atoms::AtomId;
use super::credit::Credit;
use std::hash::{BuildHasher, Hasher};

/// What tells more atoms is mostly new.
const MOST_TOLD: usize = 58;
/// What meets more conditions is not remembered: there is room for as much as alerts meet, not for what somebody makes them meet.
const MOST_MET: usize = 64;
/// How many outcomes are remembered at most, a power of two.
const SLOTS: usize = 1 << 10;
/// The outcomes that are remembered. Another one that belongs in the same slot takes the place of the one before.
#[derive(Debug)]
pub struct Outcomes {
    slots: Vec<Slot>,
    /// Senders choose what is told, so what places it is seeded.
    hasher: foldhash::fast::RandomState,
    saved: Credit,
    passed: u32,
}

#[derive(Debug, Clone)]
#[repr(align(64))]
struct Slot {
    /// Of the hash of what was told here last as much as does not place it.
    seen: u32,
    /// How many atoms the outcome that is remembered is of; nothing if none is.
    count: u32,
    /// The conditions that were met.
    met: Box<[u32]>,
    told: [AtomId; MOST_TOLD],
}

/// The slot an outcome belongs in.
#[derive(Debug, PartialEq)]
pub struct Place(usize);

/// What is known of an outcome.
#[derive(Debug, PartialEq)]
pub enum Known<'o> {
    /// These conditions are met.
    Met(&'o [u32]),
    /// It is worth remembering.
    Again(Place),
    /// It may never be seen again.
    New,
}

impl Default for Outcomes {
    fn default() -> Self {
        let slot = Slot { seen: 0, count: 0, met: Box::default(), told: [0; MOST_TOLD] };
        Self {
            slots: vec![slot; SLOTS],
            hasher: foldhash::fast::RandomState::default(),
            saved: Credit::default(),
            passed: 0,
        }
    }
}

impl Outcomes {
    /// Recalls which conditions are met where these atoms were told.
    pub fn recall(&mut self, told: &[AtomId]) -> Known<'_> {
        if told.is_empty() || told.len() > MOST_TOLD || !self.saved.is_worth_trying(&mut self.passed) {
            return Known::New;
        }
        let (place, seen) = self.place(told);
        let slot = &mut self.slots[place];
        let has_come_again = std::mem::replace(&mut slot.seen, seen) == seen;
        if slot.told[..slot.count as usize] == *told {
            self.saved.earn();
            return Known::Met(&slot.met);
        }
        if has_come_again { Known::Again(Place(place)) } else { Known::New }
    }

    /// Remembers an outcome where it belongs: the conditions that are met where these atoms were told, of all that may be.
    pub fn remember(&mut self, Place(place): Place, told: &[AtomId], met: &[u32]) {
        let slot = &mut self.slots[place];
        if let Some(room) = slot.told.get_mut(..told.len()).filter(|_| met.len() <= MOST_MET) {
            room.copy_from_slice(told);
            (slot.count, slot.met) = (told.len() as u32, met.into());
        }
    }

    /// The slot of what was told, and what else tells it from others there.
    fn place(&self, told: &[AtomId]) -> (usize, u32) {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_usize(told.len());
        let (fours, rest) = told.as_chunks();
        for [one, two, three, four] in fours {
            let [one, two, three, four] = [one, two, three, four].map(|atom| u128::from(*atom));
            hasher.write_u128(one | two << 32 | three << 64 | four << 96);
        }
        rest.iter().for_each(|atom| hasher.write_u32(*atom));
        let hash = hasher.finish();
        (hash as usize % SLOTS, (hash >> u32::BITS) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::super::credit::{MOST_SAVED, ONE_IN};
    use super::*;

    /// What is recalled of an outcome, which is remembered if that is worth it.
    fn see(outcomes: &mut Outcomes, told: &[AtomId], met: &[u32]) -> Option<Vec<u32>> {
        match outcomes.recall(told) {
            Known::Met(met) => return Some(met.to_vec()),
            Known::Again(place) => outcomes.remember(place, told, met),
            Known::New => {}
        }
        None
    }

    #[test]
    fn an_outcome_is_remembered_once_it_was_seen_again_and_no_other_is_taken_for_it() {
        let mut outcomes = Outcomes::default();
        let all: Vec<AtomId> = (1..=MOST_TOLD as AtomId + 1).collect();
        for count in [1, 2, 3, 4, 5, 30, MOST_TOLD] {
            let (told, met) = (&all[..count], [7, count as u32]);
            assert_eq!([(); 2].map(|()| see(&mut outcomes, told, &met)), [None, None], "{count}");
            assert_eq!(
                [(); 2].map(|()| see(&mut outcomes, told, &[])),
                [Some(met.to_vec()), Some(met.to_vec())],
                "{count}"
            );
            let mut other = told.to_vec();
            other[count - 1] = 100;
            assert_eq!(see(&mut outcomes, &other, &[]), None, "{count}");
            other.reverse();
            assert_eq!(see(&mut outcomes, &other, &[]), None, "{count}");
        }
        assert!((0..5).all(|_| see(&mut outcomes, &all, &[7]).is_none()), "there is no room for so many");
        assert!((0..5).all(|_| see(&mut outcomes, &[], &[7]).is_none()), "what tells nothing is not looked up");
        for (count, is_known) in [(MOST_MET, true), (MOST_MET + 1, false)] {
            let met: Vec<u32> = (0..count as u32).collect();
            let known: Vec<_> = (0..5).filter_map(|_| see(&mut outcomes, &[count as u32, 3], &met)).collect();
            assert!(known.iter().all(|known| *known == met) && known.is_empty() != is_known, "{count}");
        }
    }

    #[test]
    fn outcomes_that_never_come_again_are_hardly_looked_up_until_they_do() {
        let mut outcomes = Outcomes::default();
        assert!((0..u32::from(MOST_SAVED)).all(|number| see(&mut outcomes, &[1, number], &[]).is_none()));
        assert!((0..6).all(|_| see(&mut outcomes, &[9], &[3]).is_none()));
        assert!(
            (0..4 * ONE_IN).any(|_| see(&mut outcomes, &[9], &[3]).is_some()),
            "it is found out that one comes again"
        );
        assert!((0..20).all(|_| see(&mut outcomes, &[9], &[3]).is_some()));
    }

    #[test]
    fn of_many_outcomes_some_are_remembered_and_each_is_what_it_was() {
        let mut outcomes = Outcomes::default();
        let (mut random, mut recalled) = (fastrand::Rng::with_seed(1), 0);
        for _ in 0..100_000 {
            // Some more often than others.
            let number = random.u32(..3_000).min(random.u32(..3_000));
            let known = see(&mut outcomes, &[number, 5, number % 7], &[number]);
            assert!(known.as_ref().is_none_or(|met| *met == [number]), "{number}: {known:?}");
            recalled += usize::from(known.is_some());
        }
        assert!((10_000..90_000).contains(&recalled), "{recalled}");
    }
}
