//! Stretches anywhere in a text, thousands of them in one pass.
//!
//! Each literal is filed under the rarest of its four-byte stretches. The text is cut into such stretches at every
//! byte; nearly all of them are told from every filed one by a look into a bitmap that stays in the processor's cache,
//! and the rest are compared. A text made to be compared often gives that up at a fixed effort a byte and goes through
//! an Aho-Corasick automaton, whose cost does not depend on the text.

use super::super::atoms::AtomId;
use super::super::filing::{Filing, as_number};
use super::super::scratch::Marks;
use super::RuleMap;
use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton as _;
use aho_corasick::nfa::contiguous::NFA;
use std::collections::{BTreeMap, HashSet};

/// The longest stretch literals are filed under, in bytes.
const GRAM: usize = 4;

/// Literals to be found anywhere.
#[derive(Debug)]
pub struct Substrings {
    /// Filed by the length of their stretch: shorter literals have shorter ones.
    tables: Vec<Table>,
    /// The literals of all tables, one behind the other.
    text: String,
    /// The atoms of the automaton's literals.
    atoms: Vec<AtomId>,
    /// None where it could not be built within its own limits; then every literal is looked for in turn.
    automaton: Option<NFA>,
}

/// Literals filed under stretches of one length.
#[derive(Debug)]
struct Table {
    length: usize,
    filing: Filing<Filed>,
}

/// A literal, where it stands in the text of all, and where in it the stretch begins that it is filed under.
#[derive(Debug, Clone, Copy)]
struct Filed {
    atom: AtomId,
    start: u32,
    length: u32,
    offset: u32,
}

impl Substrings {
    /// Tables of literals that are not empty; none without any.
    pub fn new(literals: Vec<(Box<str>, AtomId)>) -> Option<Self> {
        if literals.is_empty() {
            return None;
        }
        let mut all = Self {
            tables: Vec::new(),
            text: String::new(),
            atoms: literals.iter().map(|(_, atom)| *atom).collect(),
            automaton: NFA::new(literals.iter().map(|(text, _)| text.as_bytes())).ok(),
        };
        for (length, longest) in [(1, 1), (2, GRAM - 1), (GRAM, usize::MAX)] {
            let of_length = literals.iter().filter(|(text, _)| (length..=longest).contains(&text.len()));
            all.tables.extend(Table::new(length, of_length, &mut all.text));
        }
        Some(all)
    }

    /// Marks every literal that stands in the text.
    pub fn scan(&self, text: &str, marks: &mut Marks) {
        // Comparing a byte costs about as much as a step of the automaton.
        let mut effort = 256 + 4 * text.len();
        let all = self.text.as_bytes();
        let done = self.tables.iter().all(|table| table.scan(text.as_bytes(), all, marks, &mut effort));
        if !done {
            self.scan_steadily(text, marks);
        }
    }

    fn scan_steadily(&self, text: &str, marks: &mut Marks) {
        let Some(automaton) = &self.automaton else {
            let filed = self.tables.iter().flat_map(|table| table.filing.all());
            let found = filed.filter(|filed| text.contains(&self.text[filed.range()]));
            return found.for_each(|filed| marks.mark(Some(filed.atom)));
        };
        let mut state = automaton.start_state(Anchored::No).expect("it is built to begin anywhere");
        // What a state stands for need be told once; a text can lead into the same ones at every byte.
        let mut told = HashSet::new();
        for byte in text.bytes() {
            state = automaton.next_state(Anchored::No, state, byte);
            if automaton.is_match(state) && told.insert(state) {
                for number in 0..automaton.match_len(state) {
                    let literal = automaton.match_pattern(state, number).as_usize();
                    marks.mark(Some(self.atoms[literal]));
                }
            }
        }
    }
}

impl Filed {
    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.length) as usize
    }

    /// The text from where the literal would have to begin, its stretch being found at `at`; empty if before the start.
    fn room(self, text: &[u8], at: usize) -> &[u8] {
        at.checked_sub(self.offset as usize).and_then(|begins| text.get(begins..)).unwrap_or_default()
    }
}

impl Table {
    /// Files literals, and adds them to the text of all.
    fn new<'l>(
        length: usize,
        literals: impl Iterator<Item = &'l (Box<str>, AtomId)> + Clone,
        all: &mut String,
    ) -> Option<Self> {
        let mut counts: RuleMap<u32, u32> = RuleMap::default();
        for (text, _) in literals.clone() {
            text.as_bytes().windows(length).for_each(|gram| *counts.entry(as_number(gram)).or_default() += 1);
        }
        let mut by_gram: BTreeMap<u32, Vec<Filed>> = BTreeMap::new();
        for (text, atom) in literals {
            let grams = text.as_bytes().windows(length).map(as_number).enumerate();
            let rarest = grams.min_by_key(|(_, gram)| counts[gram]);
            let (offset, gram) = rarest.expect("the literal is at least as long as its stretch");
            let (start, length, offset) = (all.len() as u32, text.len() as u32, offset as u32);
            by_gram.entry(gram).or_default().push(Filed { atom: *atom, start, length, offset });
            all.push_str(text);
        }
        Some(Self { length, filing: Filing::new(by_gram)? })
    }

    /// Whether the whole text was looked through before the effort was spent.
    fn scan(&self, text: &[u8], all: &[u8], marks: &mut Marks, effort: &mut usize) -> bool {
        match self.length {
            // A byte is found many bytes at a time.
            1 => {
                let stands = |filed: &&Filed| memchr::memchr(all[filed.start as usize], text).is_some();
                self.filing.all().iter().filter(stands).for_each(|filed| marks.mark(Some(filed.atom)));
                true
            }
            2 => self.scan_by::<2>(text, all, marks, effort),
            _ => self.scan_by::<GRAM>(text, all, marks, effort),
        }
    }

    fn scan_by<const N: usize>(&self, text: &[u8], all: &[u8], marks: &mut Marks, effort: &mut usize) -> bool {
        let mut stretches = Stretches { text, next: 0, gram: 0 };
        while let Some((at, gram)) = stretches.next_filed::<N>(&self.filing) {
            if !self.compare(text, at, gram, all, marks, effort) {
                return false;
            }
        }
        true
    }

    /// Compares what is filed under a stretch; whether the effort sufficed.
    fn compare(&self, text: &[u8], at: usize, gram: u32, all: &[u8], marks: &mut Marks, effort: &mut usize) -> bool {
        for filed in self.filing.under(gram) {
            let rest = filed.room(text, at);
            let fits = rest.len() >= filed.length as usize && !marks.holds(filed.atom);
            let cost = if fits { 8 + filed.length as usize } else { 1 };
            let Some(left) = effort.checked_sub(cost) else { return false };
            *effort = left;
            if fits && rest.starts_with(&all[filed.range()]) {
                marks.mark(Some(filed.atom));
            }
        }
        true
    }
}

/// The stretches of a text, one after the other.
struct Stretches<'t> {
    text: &'t [u8],
    /// Where the next byte stands.
    next: usize,
    /// The last bytes as a number.
    gram: u32,
}

impl Stretches<'_> {
    /// The next stretch whose bit is set, and where it begins. The one loop that is run for every byte of every text.
    fn next_filed<const N: usize>(&mut self, filing: &Filing<Filed>) -> Option<(usize, u32)> {
        let mut gram = self.gram;
        for (number, byte) in self.text.get(self.next..)?.iter().enumerate() {
            gram = (gram << 8 | u32::from(*byte)) & (u32::MAX >> (32 - 8 * N));
            // Before the text's first whole stretch the number stands for less than one.
            if filing.may_hold(gram) && self.next + number + 1 >= N {
                self.next += number + 1;
                self.gram = gram;
                return Some((self.next - N, gram));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(literals: &[&str], text: &str) {
        let owned = literals.iter().zip(0..).map(|(literal, atom)| ((*literal).into(), atom)).collect();
        let substrings = Substrings::new(owned).unwrap();
        let (mut marks, mut steadily) = (
            Marks::new(literals.len(), 0, std::sync::Arc::default()),
            Marks::new(literals.len(), 0, std::sync::Arc::default()),
        );
        substrings.scan(text, &mut marks);
        substrings.scan_steadily(text, &mut steadily);
        for (literal, atom) in literals.iter().zip(0..) {
            assert_eq!(marks.holds(atom), text.contains(literal), "{literal} in {text}");
            assert_eq!(steadily.holds(atom), text.contains(literal), "{literal} in {text}, steadily");
        }
    }

    #[test]
    fn every_literal_in_a_text_is_marked_and_no_other() {
        let literals = ["a", "ab", "abc", "abcd", "abcde", "bcdef", "xx", "ä", "\\system32\\", "system"];
        for text in ["", "a", "zabz", "abcde", "xbcdefx", "äxxx", "c:\\windows\\system32\\cmd.exe", "abcabcabcd"] {
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
