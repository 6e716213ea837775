//! Working memory for one alert at a time, used again for the next.

use super::Engine;
use super::atoms::{AtomId, LAZY};
use super::kept::Kept;
use super::many::Many;
use super::memo::Memo;
use super::outcomes::Outcomes;
use super::shape::{Root, Shapes, Trace};
use super::table::AtomTable;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Working memory of one index.
#[derive(Debug)]
pub struct Scratch {
    /// Which atoms hold.
    pub marks: Marks,
    /// Room for the values that are kept.
    pub kept: Vec<Kept<'static>>,
    /// Unescaped and folded texts, one behind the other.
    pub texts: String,
    /// The texts of what a source said that are not known to hold no keyword, one behind the other as they were written.
    pub gathered: Gathered,
    /// Those of the atoms that hold that lead to conditions.
    pub leading: Vec<AtomId>,
    /// For each place of a path the object it was last found in.
    pub found_in: Vec<u64>,
    /// Whether every value of what the source of the alert at hand said was put to the keywords' tables, or need not be.
    pub knows_keywords: bool,
    /// The keys of the objects that are being read.
    pub keys: OpenKeys,
    /// The number of the object that is being read.
    pub object: u64,
    /// Texts of which there are many.
    pub many: Many,
    /// What values told before.
    pub memo: Memo,
    /// Which conditions alerts met before.
    pub outcomes: Outcomes,
    /// The shapes of texts that were walked; none while they are used.
    pub shapes: Option<Box<Shapes>>,
    /// The way of the walk through the text at hand, if it is to be remembered.
    pub trace: Trace,
}

impl Scratch {
    /// For an index.
    pub fn new(engine: &Engine) -> Self {
        let marks = |lazy| Marks::new(engine.atoms.eager(), lazy, engine.table.clone());
        Self {
            marks: marks(engine.atoms.lazy()),
            memo: Memo::new(engine.probes.len(), marks(0)),
            outcomes: Outcomes::default(),
            many: Many::default(),
            kept: Vec::new(),
            texts: String::new(),
            gathered: Gathered::default(),
            leading: Vec::new(),
            found_in: vec![0; engine.routes.len()],
            knows_keywords: false,
            keys: OpenKeys::default(),
            object: 0,
            shapes: Some(Box::new(Shapes::new(Root::COUNT))),
            trace: Trace::default(),
        }
    }

    /// Forgets the last alert.
    pub fn begin(&mut self) {
        // A text that took much memory once need not keep it.
        const MOST_KEPT: usize = 1 << 20;
        const MOST_KEYS: usize = 1 << 12;
        self.texts.clear();
        self.texts.shrink_to(MOST_KEPT);
        self.gathered.0.clear();
        self.keys.0.clear();
        self.keys.0.shrink_to(MOST_KEYS);
        self.many.begin();
        self.memo.begin();
        self.knows_keywords = false;
        self.gathered.0.shrink_to(MOST_KEPT);
        self.marks.begin();
    }

    /// Looks through the texts of which there are many.
    pub fn tell_many(&mut self, engine: &Engine) {
        self.many.tell(&engine.probes, &mut self.marks);
    }
}

/// The keys of objects that have not ended, by their hashes: those of one within another stand behind its own.
#[derive(Debug, Default)]
pub struct OpenKeys(Vec<u64>, foldhash::fast::RandomState);

impl OpenKeys {
    /// Another object begins; gives where its keys will stand.
    pub fn begin(&self) -> usize {
        self.0.len()
    }

    /// Adds a key.
    pub fn add(&mut self, key: &str) {
        let hash = self.1.hash_one(key);
        self.0.push(hash);
    }

    /// An object ends: whether all its keys differ. Keys of one hash are taken for the same, which costs time alone.
    pub fn differ_from(&mut self, start: usize) -> bool {
        let keys = &mut self.0[start..];
        keys.sort_unstable();
        let differ = keys.windows(2).all(|pair| pair[0] != pair[1]);
        self.0.truncate(start);
        differ
    }
}

/// Texts one behind the other.
#[derive(Debug, Default)]
pub struct Gathered(pub Vec<u8>);

impl Gathered {
    /// Adds so many bytes of a text from its beginning on.
    #[inline(always)]
    pub fn add(&mut self, text: &[u8], length: usize) {
        // As many are copied at once: how many it would be depends on the value, which a processor cannot foresee.
        const AT_ONCE: usize = 64;
        match text.first_chunk::<AT_ONCE>() {
            Some(chunk) if length <= AT_ONCE => {
                let end = self.0.len() + length;
                self.0.extend_from_slice(chunk);
                self.0.truncate(end);
            }
            _ => self.0.extend_from_slice(&text[..length]),
        }
    }

    /// Adds a text that stands by itself, not in JSON, and what ends one there. Few do, and the code for it need stand once.
    #[inline(never)]
    pub fn add_text(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
    }
}

/// As many atoms that are told again are listed; those of an alert that holds so many are marked at once.
const MOST_LISTED: usize = 1 << 10;

/// What is known of each atom for the alert at hand.
#[derive(Debug)]
pub struct Marks {
    /// A bit for each atom of a table: so few bytes that they stay close to the processor.
    bits: Vec<u64>,
    /// The atoms that tables told, in the order they did.
    pub told: Vec<AtomId>,
    /// Those that were told before and are told again, some of them more than once; they count once that is settled.
    again: Vec<AtomId>,
    /// Of each other atom twice the number of the alert, and one more if it holds. Anything else is of another alert.
    worked_out: Vec<u32>,
    alert: u32,
    table: Arc<AtomTable>,
}

impl Marks {
    /// For so many atoms of tables, and so many others.
    pub fn new(eager: usize, lazy: usize, table: Arc<AtomTable>) -> Self {
        Self {
            bits: vec![0; eager.div_ceil(64)],
            told: Vec::new(),
            again: Vec::new(),
            worked_out: vec![0; lazy],
            alert: 1,
            table,
        }
    }

    /// Forgets the last alert.
    pub fn begin(&mut self) {
        // A bit for each atom of an index is not much, unless the index is large.
        if self.bits.len() <= 4 * self.told.len() {
            self.bits.fill(0);
        } else {
            self.told.iter().for_each(|atom| self.bits[*atom as usize / 64] = 0);
        }
        self.told.clear();
        self.again.clear();
        self.alert += 1;
        if self.alert > u32::MAX / 2 {
            self.worked_out.fill(0);
            self.alert = 1;
        }
    }

    /// An atom holds, and with it the groups it is in.
    #[inline]
    pub fn mark(&mut self, atom: Option<AtomId>) {
        if let Some(atom) = atom {
            self.mark_one(atom);
        }
    }

    /// These atoms hold, among them all groups that any of them is in. That counts once it is settled: to put so few into a list
    /// takes little, and mostly the list is known.
    #[inline]
    pub fn mark_again(&mut self, atoms: &[AtomId]) {
        if self.lists_all() {
            self.again.extend_from_slice(atoms);
        } else {
            self.set_all(atoms);
        }
    }

    /// Whether all that was told again is listed.
    #[inline]
    pub fn lists_all(&self) -> bool {
        self.again.len() < MOST_LISTED
    }

    /// What was told again.
    #[inline]
    pub fn again(&self) -> &[AtomId] {
        &self.again
    }

    /// All that was told: what was told again, and then the rest, which counts as told again from now on. Alerts that are alike
    /// give the same list.
    pub fn all_as_told(&mut self) -> &[AtomId] {
        self.again.extend_from_slice(&self.told);
        &self.again
    }

    /// What was told again counts as what was told.
    pub fn settle(&mut self) {
        let again = std::mem::take(&mut self.again);
        self.set_all(&again);
        self.again = again;
    }

    fn set_all(&mut self, atoms: &[AtomId]) {
        atoms.iter().for_each(|atom| {
            self.set(*atom);
        });
    }

    fn mark_one(&mut self, atom: AtomId) {
        if self.set(atom) {
            for number in self.table.groups(atom) {
                let group = self.table.group(number);
                self.set(group);
            }
        }
    }

    fn set(&mut self, atom: AtomId) -> bool {
        let (word, bit) = (&mut self.bits[atom as usize / 64], 1 << (atom % 64));
        let is_new = *word & bit == 0;
        if is_new {
            *word |= bit;
            self.told.push(atom);
        }
        is_new
    }

    /// How much is marked.
    pub fn so_far(&self) -> (usize, usize) {
        (self.told.len(), self.again.len())
    }

    /// Forgets what was marked since there was so much.
    pub fn forget_from(&mut self, (told, again): (usize, usize)) {
        self.again.truncate(again);
        for atom in self.told.drain(told..) {
            self.bits[atom as usize / 64] &= !(1 << (atom % 64));
        }
    }

    /// Whether a table told an atom.
    pub fn holds(&self, atom: AtomId) -> bool {
        self.bits[atom as usize / 64] & 1 << (atom % 64) != 0
    }

    /// What was worked out of another atom, if it was.
    pub fn remembered(&self, atom: AtomId) -> Option<bool> {
        let known = self.worked_out[(atom - LAZY) as usize];
        (known / 2 == self.alert).then_some(known % 2 == 1)
    }

    /// Remembers what was worked out.
    pub fn remember(&mut self, atom: AtomId, holds: bool) {
        self.worked_out[(atom - LAZY) as usize] = self.alert * 2 + u32::from(holds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_the_last_alert_even_when_numbers_run_out() {
        let mut marks = Marks::new(100, 1, Arc::default());
        for alert in [1, 2, u32::MAX / 2 - 1, u32::MAX / 2] {
            marks.alert = alert;
            marks.mark(Some(77));
            marks.remember(LAZY, false);
            assert!(marks.holds(77) && !marks.holds(78) && marks.remembered(LAZY) == Some(false) && marks.told == [77]);
            marks.begin();
            assert!(!marks.holds(77) && marks.remembered(LAZY).is_none());
        }
    }

    #[test]
    fn what_was_marked_since_is_forgotten_and_nothing_else() {
        let mut marks = Marks::new(200, 0, Arc::default());
        [1, 63, 64].iter().for_each(|atom| marks.mark(Some(*atom)));
        marks.mark_again(&[5]);
        let so_far = marks.so_far();
        [2, 64, 150].iter().for_each(|atom| marks.mark(Some(*atom)));
        marks.mark_again(&[6, 5]);
        marks.forget_from(so_far);
        marks.settle();
        assert_eq!(marks.told, [1, 63, 64, 5]);
        assert_eq!((0..200).filter(|atom| marks.holds(*atom)).collect::<Vec<_>>(), [1, 5, 63, 64]);
    }

    #[test]
    fn what_is_told_again_counts_once_it_is_settled_and_is_told_once() {
        let mut marks = Marks::new(200, 0, Arc::default());
        marks.mark_again(&[7, 9]);
        marks.mark(Some(9));
        marks.mark_again(&[7]);
        assert!(!marks.holds(7) && marks.holds(9) && marks.told == [9]);
        assert_eq!(marks.all_as_told(), [7, 9, 7, 9]);
        marks.settle();
        assert!(marks.holds(7) && marks.told == [9, 7]);
        marks.settle();
        assert_eq!((marks.told.as_slice(), marks.again()), (&[9, 7][..], &[7, 9, 7, 9][..]));
        marks.begin();
        marks.settle();
        assert!(marks.told.is_empty() && !marks.holds(7));
        // However many there are, they take little room and all of them hold.
        (0..100_000).for_each(|number| marks.mark_again(&[number % 100, 150]));
        assert!(!marks.lists_all() && marks.again().len() <= MOST_LISTED + 1);
        marks.settle();
        assert_eq!((0..200).filter(|atom| marks.holds(*atom)).count(), 101);
    }

    #[test]
    fn texts_are_gathered_one_behind_the_other() {
        let text: Vec<u8> = (0..200).collect();
        let (mut gathered, mut expected) = (Gathered::default(), Vec::<u8>::new());
        for from in [0, 100, 136, 137, 199, 200] {
            for length in [0, 1, 63, 64, 65].into_iter().filter(|length| from + length <= text.len()) {
                gathered.add(&text[from..], length);
                expected.extend(&text[from..from + length]);
                assert_eq!(gathered.0, expected, "{length} from {from}");
            }
        }
    }

    #[test]
    fn keys_of_an_object_are_compared_with_its_own_alone() {
        let mut keys = OpenKeys::default();
        let outer = keys.begin();
        keys.add("a");
        let inner = keys.begin();
        ["b", "a"].iter().for_each(|key| keys.add(key));
        assert!(keys.differ_from(inner));
        keys.add("b");
        let twice = keys.begin();
        ["c", "d", "c"].iter().for_each(|key| keys.add(key));
        assert!(!keys.differ_from(twice) && keys.differ_from(outer) && keys.0.is_empty());
    }
}
