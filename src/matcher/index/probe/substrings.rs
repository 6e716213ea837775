//! Stretches anywhere in a text, thousands of them in one pass.
//!
//! Each literal is filed under the rarest two of its stretches that begin one byte apart: wherever it stands, one of them
//! is at an even place. Nearly all stretches at even places of a text are told from every filed one by a look into a bitmap
//! that stays in the processor's cache, and the rest are compared. A text made to be compared often gives that up at a fixed
//! effort a byte and goes through an Aho-Corasick automaton, whose steps do not depend on the text, and so do long texts if its
//! states are rows of a table.

use super::super::atoms::AtomId;
use super::super::filing::{Filing, as_number, in_a_row};
use super::super::scratch::Marks;
use super::RuleMap;
use super::automaton::Automaton;
use memchr::memmem::{self, Finder};
use std::collections::BTreeMap;

/// The stretches of long literals, in bytes.
const LONG: usize = 4;
/// The stretches of those too short for two of them.
const SHORT: usize = 2;

/// As many short ones are looked for one by one.
const FEW: usize = 3;
/// Texts as long go through the automaton at once, if it is quick: it takes as many steps whatever they say.
const LONG_TEXT: usize = 1 << 15;

/// Literals to be found anywhere.
#[derive(Debug)]
pub struct Substrings {
    /// Single bytes.
    bytes: Bytes,
    /// Short ones, if they are few, looked for as those are.
    few: Vec<(Finder<'static>, AtomId)>,
    /// Those as long as a short stretch.
    shortest: Option<Table<SHORT>>,
    short: Option<Table<SHORT>>,
    long: Option<Table<LONG>>,
    /// The literals of all tables, one behind the other.
    text: String,
    /// None where it could not be built within its own limits; then every literal is looked for in turn.
    automaton: Option<Automaton>,
}

/// Literals filed under stretches of one length.
#[derive(Debug)]
struct Table<const N: usize>(Filing<Filed>);

/// A literal, where it stands in the text of all, and where in it the stretch begins that it is filed under.
#[derive(Debug, Clone, Copy)]
struct Filed {
    atom: AtomId,
    start: u32,
    length: u32,
    offset: u32,
    /// Another stretch of it, if it has one, and where that begins: many literals share the one they are filed under.
    other: (u32, u32),
}

impl Substrings {
    /// Tables of literals that are not empty, and an automaton as there is room for one; none without any.
    pub fn new(literals: Vec<(Box<str>, AtomId)>, room: &mut usize) -> Option<Self> {
        if literals.is_empty() {
            return None;
        }
        let automaton = Automaton::new(&literals, room);
        let mut text = String::new();
        let mut place = |(literal, atom): (Box<str>, AtomId)| {
            let start = text.len() as u32;
            text.push_str(&literal);
            Filed { atom, start, length: literal.len() as u32, offset: 0, other: (0, 0) }
        };
        let placed: Vec<Filed> = literals.into_iter().map(&mut place).collect();
        let of_length = |shortest, longest| {
            let fits = move |filed: &&Filed| (shortest..=longest).contains(&(filed.length as usize));
            placed.iter().filter(fits).copied()
        };
        let are_few = of_length(SHORT, LONG).count() <= FEW;
        let finder = |filed: Filed| (Finder::new(&text[filed.range()]).into_owned(), filed.atom);
        let filed_from = |shortest| if are_few { usize::MAX } else { shortest };
        Some(Self {
            bytes: Bytes::new(of_length(1, 1).map(|filed| (text.as_bytes()[filed.start as usize], filed.atom))),
            few: if are_few { of_length(SHORT, LONG).map(finder).collect() } else { Vec::new() },
            shortest: Table::new(of_length(filed_from(SHORT), SHORT), &text),
            short: Table::new(of_length(filed_from(SHORT + 1), LONG), &text),
            long: Table::new(of_length(LONG + 1, usize::MAX), &text),
            text,
            automaton,
        })
    }

    /// Marks every literal that stands in the text.
    pub fn scan(&self, text: &[u8], marks: &mut Marks) {
        if text.len() >= LONG_TEXT
            && let Some(automaton) = self.automaton.as_ref().filter(|automaton| automaton.is_quick())
        {
            return automaton.scan(text, marks);
        }
        // Comparing a byte costs about as much as a step of the automaton.
        let mut effort = 256 + 4 * text.len();
        if !self.scan_by_stretches(text, marks, &mut effort) {
            self.scan_steadily(text, marks);
        }
    }

    /// Whether the whole text was looked through before the effort was spent.
    fn scan_by_stretches(&self, text: &[u8], marks: &mut Marks, effort: &mut usize) -> bool {
        let all = self.text.as_bytes();
        self.scan_one_by_one(text, marks);
        if let Some(table) = &self.shortest
            && !(table.scan(text, 0, all, marks, effort) && table.scan(text, 1, all, marks, effort))
        {
            return false;
        }
        self.short.as_ref().is_none_or(|table| table.scan(text, 0, all, marks, effort))
            && self.long.as_ref().is_none_or(|table| table.scan(text, 0, all, marks, effort))
    }

    fn scan_one_by_one(&self, text: &[u8], marks: &mut Marks) {
        self.bytes.scan(text, marks);
        let few = self.few.iter().filter(|(finder, _)| finder.find(text).is_some());
        few.for_each(|(_, atom)| marks.mark(Some(*atom)));
    }

    fn scan_steadily(&self, text: &[u8], marks: &mut Marks) {
        let Some(automaton) = &self.automaton else {
            let tables = [&self.shortest, &self.short].into_iter().flatten().flat_map(|table| table.0.all());
            self.scan_one_by_one(text, marks);
            let filed = tables.chain(self.long.iter().flat_map(|table| table.0.all()));
            let found = filed.filter(|filed| memmem::find(text, self.text[filed.range()].as_bytes()).is_some());
            return found.for_each(|filed| marks.mark(Some(filed.atom)));
        };
        automaton.scan(text, marks);
    }
}

/// Single bytes to be found anywhere.
#[derive(Debug)]
struct Bytes {
    atoms: Vec<(u8, AtomId)>,
    /// A bit for each of them.
    set: [u64; 4],
}

impl Bytes {
    fn new(atoms: impl Iterator<Item = (u8, AtomId)>) -> Self {
        let atoms: Vec<(u8, AtomId)> = atoms.collect();
        let mut set = [0; 4];
        atoms.iter().for_each(|(byte, _)| set[usize::from(byte / 64)] |= 1 << (byte % 64));
        Self { atoms, set }
    }

    fn scan(&self, text: &[u8], marks: &mut Marks) {
        // A longer text is quickly gone through for each, many bytes at a time.
        const SHORT_TEXT: usize = 32;
        if text.len() <= SHORT_TEXT {
            let is_one = |byte: &&u8| self.set[usize::from(**byte / 64)] >> (**byte % 64) & 1 != 0;
            for byte in text.iter().filter(is_one) {
                let of_byte = self.atoms.iter().filter(|(one, _)| one == byte);
                of_byte.for_each(|(_, atom)| marks.mark(Some(*atom)));
            }
            return;
        }
        let stands = |(byte, _): &&(u8, AtomId)| memchr::memchr(*byte, text).is_some();
        self.atoms.iter().filter(stands).for_each(|(_, atom)| marks.mark(Some(*atom)));
    }
}

impl Filed {
    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.length) as usize
    }

    /// The text from where the literal would have to begin, its stretch being found at `at`; none if its other stretch does
    /// not stand there.
    #[inline]
    fn room<const N: usize>(self, text: &[u8], at: usize) -> Option<&[u8]> {
        let (stretch, offset) = self.other;
        let room = text.get(at.checked_sub(self.offset as usize)?..)?;
        let stands = as_number::<N>(room.get(offset as usize..)?.get(..N)?) == stretch;
        stands.then_some(room)
    }
}

impl<const N: usize> Table<N> {
    /// Files literals that stand in the text of all: under the one stretch that they are, or under two; none without any.
    fn new(literals: impl Iterator<Item = Filed> + Clone, all: &str) -> Option<Self> {
        let literal = |filed: &Filed| &all.as_bytes()[filed.range()];
        let mut counts: RuleMap<u32, u32> = RuleMap::default();
        for filed in literals.clone() {
            literal(&filed).windows(N).for_each(|stretch| *counts.entry(as_number::<N>(stretch)).or_default() += 1);
        }
        let mut by_stretch: BTreeMap<u32, Vec<Filed>> = BTreeMap::new();
        for filed in literals {
            let literal = literal(&filed);
            let stretches = || literal.windows(N).map(as_number::<N>).zip(0_u32..);
            for (stretch, offset) in in_a_row::<N>(literal, 2, |stretch| counts[&stretch]) {
                let offset = offset as u32;
                // The rarest that is left.
                let other = stretches().min_by_key(|(stretch, at)| (*at == offset, counts[stretch]));
                let other = other.unwrap_or((stretch, offset));
                by_stretch.entry(stretch).or_default().push(Filed { offset, other, ..filed });
            }
        }
        Filing::new(by_stretch).map(Self)
    }

    /// Looks at the stretches at every other byte from one on; whether the effort sufficed.
    fn scan(&self, text: &[u8], from: usize, all: &[u8], marks: &mut Marks, effort: &mut usize) -> bool {
        let mut stretches = self.0.in_text::<N>(text.get(from..).unwrap_or_default());
        stretches.all(|(at, stretch)| self.compare(text, from + at, stretch, all, marks, effort))
    }

    /// Compares what is filed under a stretch; whether the effort sufficed.
    fn compare(&self, text: &[u8], at: usize, stretch: u32, all: &[u8], marks: &mut Marks, effort: &mut usize) -> bool {
        for filed in self.0.under(stretch) {
            let room = filed.room::<N>(text, at).filter(|_| !marks.holds(filed.atom));
            let cost = if room.is_some() { 8 + filed.length as usize } else { 1 };
            let Some(left) = effort.checked_sub(cost) else { return false };
            *effort = left;
            if room.is_some_and(|room| room.starts_with(&all[filed.range()])) {
                marks.mark(Some(filed.atom));
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(literals: &[&str], text: &str) {
        for mut room in [0, usize::MAX] {
            let owned = literals.iter().zip(0..).map(|(literal, atom)| ((*literal).into(), atom)).collect();
            let substrings = Substrings::new(owned, &mut room).unwrap();
            let (mut marks, mut steadily) = (
                Marks::new(literals.len(), 0, std::sync::Arc::default()),
                Marks::new(literals.len(), 0, std::sync::Arc::default()),
            );
            substrings.scan(text.as_bytes(), &mut marks);
            substrings.scan_steadily(text.as_bytes(), &mut steadily);
            for (literal, atom) in literals.iter().zip(0..) {
                assert_eq!(marks.holds(atom), text.contains(literal), "{literal} in {text}");
                assert_eq!(steadily.holds(atom), text.contains(literal), "{literal} in {text}, steadily");
            }
        }
    }

    #[test]
    fn every_literal_in_a_text_is_marked_and_no_other() {
        let literals = ["a", "-", "\u{7f}", "ab", "abc", "abcd", "abcde", "bcdef", "xx", "ä", "\\system32\\", "system"];
        for text in [
            "",
            "a",
            "-\u{7f}",
            "\u{7f} and a text that is longer than those are - ",
            "zabz",
            "abcde",
            "xbcdefx",
            "äxxx",
            "c:\\windows\\system32\\cmd.exe",
            "abcabcabcd",
        ] {
            check(&literals, text);
        }
    }

    /// Whatever the text, comparing ends at its effort, and the automaton goes on from there.
    #[test]
    fn a_text_made_to_be_compared_costs_no_more_than_any_other() {
        let long: Vec<String> = (1..=200).map(|length| "a".repeat(length)).collect();
        let never: Vec<String> = (1..=200).map(|length| format!("{}b", "a".repeat(length + 300))).collect();
        let literals: Vec<&str> = long.iter().chain(&never).map(String::as_str).collect();
        check(&literals, &format!("{}c", "a".repeat(250)).repeat(40));
    }

    #[test]
    fn random_literals_are_found_in_random_texts() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..300 {
            let word = |random: &mut fastrand::Rng| -> String {
                (0..random.usize(1..9)).map(|_| random.choice(['a', 'b', 'c', 'é']).unwrap_or('a')).collect()
            };
            let mut literals: Vec<String> = (0..random.usize(1..40)).map(|_| word(&mut random)).collect();
            literals.sort();
            literals.dedup();
            let text: String = (0..20).map(|_| word(&mut random)).collect();
            check(&literals.iter().map(String::as_str).collect::<Vec<_>>(), &text);
        }
    }
}
