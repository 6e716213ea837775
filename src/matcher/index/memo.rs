//! What values told when they were put to a field's tables, so that those that come again and again, as names of hosts,
//! users and programs do, need not be put to them again. It changes what an alert costs, never what is told of it.

use super::atoms::{AtomId, FieldId};
use super::credit::Credit;
use super::put::Leads;
use super::scratch::Marks;
use crate::alert::same_bytes;
use std::hash::{BuildHasher, Hasher};

/// Longer values are mostly new.
const LONGEST: usize = 1024;
/// The ends of a value tell it from others, unless it is longer: stacks of calls begin and end alike.
const LONGEST_TOLD_BY_ENDS: usize = 128;
/// How many values are remembered at most, a power of two.
const SLOTS: usize = 1 << 12;
/// How many of one alert.
const MOST_OF_ONE: usize = 64;
/// What tells more atoms is not remembered.
const MOST_TOLD: usize = 64;
/// The values that are remembered. Another one that belongs in the same slot takes the place of the one before.
#[derive(Debug)]
pub struct Memo {
    slots: Vec<Slot>,
    /// Senders choose values, so what places them is seeded.
    hasher: foldhash::fast::RandomState,
    /// To find out what a value tells by itself.
    marks: Marks,
    /// How many more values of the alert at hand may be remembered.
    left: usize,
    /// What each field has saved up: of the values of one that has nothing left few are looked up.
    saved: Vec<Credit>,
    passed: u32,
}

/// All that most look-ups need, close together.
#[derive(Debug)]
#[repr(align(128))]
struct Slot {
    /// Of the hash of the value that was seen here last as much as does not place it.
    seen: u32,
    /// The value that is remembered; the empty text if none is.
    field: FieldId,
    written: Written,
    leads: Leads,
    length: u16,
    count: u8,
    told: [AtomId; FEW],
    text: [u8; SHORT],
    /// What has no room here, each where its length leads at once.
    long_text: Option<Box<[u8; LONGEST]>>,
    all_told: Option<Box<[AtomId; MOST_TOLD]>>,
}

/// As many atoms stand in a slot itself, and as many bytes of a text.
const FEW: usize = 3;
const SHORT: usize = 80;

/// How the text of a value is to be read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// As the text it is.
    #[default]
    Plain,
    /// As the rest of a string with escapes, behind its quote.
    Escaped,
    /// As a number.
    Number,
}

/// What is known of a value.
#[derive(Debug)]
pub enum Recalled<'m> {
    /// It tells these atoms, groups and all, and this of keywords.
    Told(&'m [AtomId], Leads),
    /// It is worth remembering.
    Again,
    /// It may never be seen again.
    New,
}

impl Memo {
    /// Of an index with so many fields, and as many atoms of tables as these marks have.
    pub fn new(fields: usize, marks: Marks) -> Self {
        Self {
            slots: std::iter::repeat_with(Slot::empty).take(SLOTS).collect(),
            hasher: foldhash::fast::RandomState::default(),
            marks,
            left: 0,
            saved: vec![Credit::default(); fields],
            passed: 0,
        }
    }

    /// Comes to another alert.
    pub fn begin(&mut self) {
        self.left = MOST_OF_ONE;
    }

    /// Recalls a value of a field.
    #[inline]
    pub fn recall(&mut self, field: FieldId, written: Written, text: &str) -> Recalled<'_> {
        if text.is_empty() || text.len() > LONGEST || !self.saved[field as usize].is_worth_trying(&mut self.passed) {
            return Recalled::New;
        }
        let (place, seen) = self.place(field, written, text);
        let slot = &mut self.slots[place];
        if slot.holds(field, written, text) {
            slot.seen = seen;
            self.saved[field as usize].earn();
            return Recalled::Told(slot.told(), slot.leads);
        }
        if slot.seen == seen && self.left > 0 {
            return Recalled::Again;
        }
        // One that comes twice in a row takes the slot, or one of its length with the same ends.
        slot.seen = seen;
        Recalled::New
    }

    /// Remembers what a value tells, that is, what it marks when it is `put`, and gives it; none if that cannot be, or not be
    /// remembered.
    pub fn remember(
        &mut self,
        (field, written, text): (FieldId, Written, &str),
        leads: Leads,
        put: impl FnOnce(&mut Marks) -> Option<()>,
    ) -> Option<&[AtomId]> {
        self.left = self.left.saturating_sub(1);
        self.marks.begin();
        put(&mut self.marks)?;
        let (place, _) = self.place(field, written, text);
        let (slot, told) = (&mut self.slots[place], &self.marks.told);
        if told.len() > MOST_TOLD {
            // To find that out each time would cost more than it could save.
            slot.seen = 0;
            return None;
        }
        slot.take(Known { field, written, leads, text, told });
        Some(slot.told())
    }

    /// What a value tells by itself, that is, what it marks when it is `put`.
    pub fn told(&mut self, put: impl FnOnce(&mut Marks) -> Option<()>) -> Option<Vec<AtomId>> {
        self.marks.begin();
        put(&mut self.marks)?;
        Some(self.marks.told.clone())
    }

    /// The slot of a value, and what else tells it from others there.
    #[inline]
    fn place(&self, field: FieldId, written: Written, text: &str) -> (usize, u32) {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(u64::from(field << 2 | written as u32) << u32::BITS | text.len() as u64);
        // Where the ends do not tell two texts apart, one takes the slot of the other.
        let ends = (text.as_bytes().first_chunk(), text.as_bytes().last_chunk());
        match ends {
            (Some(first), Some(last)) if text.len() <= LONGEST_TOLD_BY_ENDS => {
                hasher.write_u128(u128::from_ne_bytes(*first));
                hasher.write_u128(u128::from_ne_bytes(*last));
            }
            _ => hasher.write(text.as_bytes()),
        }
        let hash = hasher.finish();
        (hash as usize % SLOTS, (hash >> u32::BITS) as u32)
    }
}

/// What is remembered of a value.
#[derive(Debug)]
struct Known<'k> {
    field: FieldId,
    written: Written,
    leads: Leads,
    text: &'k str,
    told: &'k [AtomId],
}

impl Slot {
    fn empty() -> Self {
        Self {
            seen: 0,
            field: 0,
            written: Written::default(),
            leads: Leads::default(),
            length: 0,
            count: 0,
            told: [0; FEW],
            text: [0; SHORT],
            long_text: None,
            all_told: None,
        }
    }

    /// Remembers another value. Room for what is long is kept.
    fn take(&mut self, Known { field, written, leads, text, told }: Known<'_>) {
        (self.field, self.written, self.leads) = (field, written, leads);
        (self.length, self.count) = (text.len() as u16, told.len() as u8);
        let text_room = match text.len() {
            ..=SHORT => &mut self.text[..],
            _ => &mut self.long_text.get_or_insert_with(|| Box::new([0; LONGEST]))[..],
        };
        text_room[..text.len()].copy_from_slice(text.as_bytes());
        let told_room = match told.len() {
            ..=FEW => &mut self.told[..],
            _ => &mut self.all_told.get_or_insert_with(|| Box::new([0; MOST_TOLD]))[..],
        };
        told_room[..told.len()].copy_from_slice(told);
    }

    #[inline]
    fn holds(&self, field: FieldId, written: Written, text: &str) -> bool {
        self.field == field && self.written == written && usize::from(self.length) == text.len() && {
            let known = match &self.long_text {
                Some(long) if text.len() > SHORT => &long[..],
                _ => &self.text[..],
            };
            known.get(..text.len()).is_some_and(|known| same_bytes(text.as_bytes(), known))
        }
    }

    #[inline]
    fn told(&self) -> &[AtomId] {
        let told = match &self.all_told {
            Some(all) if usize::from(self.count) > FEW => &all[..],
            _ => &self.told[..],
        };
        &told[..usize::from(self.count)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::credit::{MOST_SAVED, ONE_IN};
    use super::*;
    use std::sync::Arc;

    /// What is recalled of a value: its atoms, or whether it was worth remembering, which it then is.
    fn see(memo: &mut Memo, field: FieldId, written: Written, text: &str, tells: &[AtomId]) -> Option<Vec<AtomId>> {
        match memo.recall(field, written, text) {
            Recalled::Told(atoms, leads) => {
                assert_eq!(leads, Leads::Maybe);
                return Some(atoms.to_vec());
            }
            Recalled::Again => {
                let put = |marks: &mut Marks| {
                    tells.iter().for_each(|atom| marks.mark(Some(*atom)));
                    Some(())
                };
                let told = memo.remember((field, written, text), Leads::Maybe, put);
                assert!(told.is_none_or(|told| told == tells), "{told:?}");
            }
            Recalled::New => {}
        }
        None
    }

    fn memo() -> Memo {
        let mut memo = Memo::new(5, Marks::new(200, 0, Arc::default()));
        memo.begin();
        memo
    }

    #[test]
    fn a_value_is_remembered_once_it_was_seen_again_and_nothing_else_is_taken_for_it() {
        let mut memo = memo();
        for _ in 0..2 {
            assert_eq!(see(&mut memo, 1, Written::Plain, "web-1", &[7, 64]), None);
        }
        for _ in 0..2 {
            assert_eq!(see(&mut memo, 1, Written::Plain, "web-1", &[]), Some(vec![7, 64]));
        }
        assert_eq!(see(&mut memo, 2, Written::Plain, "web-1", &[]), None);
        assert_eq!(see(&mut memo, 1, Written::Escaped, "web-1", &[]), None);
        assert_eq!(see(&mut memo, 1, Written::Plain, "web-12", &[]), None);
        assert_eq!(see(&mut memo, 1, Written::Number, "web-1", &[]), None);
        assert!((0..3).all(|_| see(&mut memo, 1, Written::Plain, "", &[7]).is_none()), "nothing is looked up");
        let long = "x".repeat(LONGEST + 1);
        assert!((0..3).all(|_| see(&mut memo, 1, Written::Plain, &long, &[]).is_none()));
        for length in [1, SHORT, SHORT + 1, LONGEST] {
            let text = &long[..length];
            assert!((0..3).any(|_| see(&mut memo, 1, Written::Plain, text, &[7]) == Some(vec![7])), "{length}");
        }
        let many: Vec<AtomId> = (0..=MOST_TOLD as AtomId).collect();
        assert!((0..5).all(|_| see(&mut memo, 1, Written::Plain, "many", &many).is_none()));
        for told in [0, 1, FEW, FEW + 1, MOST_TOLD] {
            let (text, told) = (format!("{told}"), &many[..told]);
            let seen: Vec<_> = (0..3).filter_map(|_| see(&mut memo, 1, Written::Plain, &text, told)).collect();
            assert!(!seen.is_empty() && seen.iter().all(|seen| seen == told), "{text}: {seen:?}");
        }
    }

    #[test]
    fn long_values_that_begin_and_end_alike_are_each_remembered() {
        let mut memo = memo();
        let stacks =
            ["kernel32", "kernelba"].map(|middle| format!("{}{middle}{}", "ntdll|".repeat(40), "|".repeat(40)));
        let seen = |memo: &mut Memo, stack: &String| see(memo, 1, Written::Plain, stack, &[7]).is_some();
        let all_seen = |memo: &mut Memo| stacks.iter().filter(|stack| seen(memo, stack)).count() == stacks.len();
        assert!((0..4).any(|_| all_seen(&mut memo)));
        assert!((0..4).all(|_| all_seen(&mut memo)));
    }

    #[test]
    fn values_of_a_field_that_never_come_again_are_hardly_looked_up_until_they_do() {
        let mut memo = memo();
        for number in 0..u32::from(MOST_SAVED) {
            assert_eq!(see(&mut memo, 1, Written::Plain, &number.to_string(), &[]), None);
        }
        assert!((0..6).all(|_| see(&mut memo, 1, Written::Plain, "web-1", &[]).is_none()));
        assert!((0..3).any(|_| see(&mut memo, 2, Written::Plain, "web-1", &[]).is_some()), "another field is");
        let told = |memo: &mut Memo| see(memo, 1, Written::Plain, "web-1", &[]).is_some();
        assert!((0..4 * ONE_IN).any(|_| told(&mut memo)), "it is found out that one comes again");
        assert!((0..20).all(|_| told(&mut memo)));
    }

    #[test]
    fn one_alert_does_not_make_much_be_remembered() {
        let mut memo = memo();
        let seen = |memo: &mut Memo| {
            let twice =
                |number: &u32| (0..3).any(|_| see(memo, 1, Written::Plain, &number.to_string(), &[1]).is_some());
            (0..1_000).filter(twice).count()
        };
        assert_eq!(seen(&mut memo), MOST_OF_ONE);
        memo.begin();
        assert!((MOST_OF_ONE..=2 * MOST_OF_ONE).contains(&seen(&mut memo)));
    }

    #[test]
    fn of_many_values_some_are_remembered_and_each_tells_what_it_told() {
        let mut memo = memo();
        let (mut random, mut recalled) = (fastrand::Rng::with_seed(1), 0);
        for _ in 0..200_000 {
            memo.begin();
            // Some more often than others.
            let number = random.u32(..6_000).min(random.u32(..6_000));
            let told = see(&mut memo, 3, Written::Plain, &number.to_string(), &[number % 100]);
            assert!(told.as_ref().is_none_or(|told| *told == [number % 100]), "{number}: {told:?}");
            recalled += usize::from(told.is_some());
        }
        assert!((20_000..180_000).contains(&recalled), "{recalled}");
    }
}
