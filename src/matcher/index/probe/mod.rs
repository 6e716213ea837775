//! The tables of one field: a value is put to them once, and they tell every atom of the field that holds.

mod affixes;
mod automaton;
mod builder;
mod networks;
mod substrings;

use super::atoms::AtomId;
use super::scratch::Marks;
use crate::matcher::number::Number;
use crate::matcher::predicate::{Enumeration, WordSet};
use crate::matcher::subject::read_address;
use affixes::Affixes;
pub use automaton::ROOM;
pub use builder::ProbeBuilder;
use networks::Networks;
use std::collections::HashMap;
use substrings::Substrings;

/// A map whose keys come from rules: no sender can make them collide.
pub(super) type RuleMap<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// The tables of one field.
#[derive(Debug)]
pub struct Probe {
    /// Whether values are kept for tests that no table answers.
    pub is_tested: bool,
    /// Whether what texts and numbers tell is remembered.
    pub is_remembered: bool,
    /// The key is there.
    pub exists: Option<AtomId>,
    /// A null stands there.
    pub null: Option<AtomId>,
    present: Option<AtomId>,
    /// Whether any table is about the text of a value.
    pub has_texts: bool,
    texts: Texts,
    starts: Option<Affixes<false>>,
    ends: Option<Affixes<true>>,
    contains: Option<Box<Substrings>>,
    numbers: Numbers,
    networks: Option<Box<Networks>>,
    words: Vec<(WordSet, AtomId)>,
    bools: [Option<AtomId>; 2],
}

impl Probe {
    /// Whether a text must be folded for these tables.
    pub fn folds(&self) -> bool {
        self.has_texts || self.bools != [None, None]
    }

    /// Whether a folded text is all that tables ask for, and all they ask of it is whether it is one, begins or ends with one, or
    /// holds one.
    pub fn wants_folded_only(&self) -> bool {
        !self.numbers.of_texts && self.networks.is_none() && self.words.is_empty() && self.bools == [None, None]
    }

    /// Whether any table asks for numbers as such.
    pub fn asks_for_numbers(&self) -> bool {
        !self.numbers.atoms.is_empty()
    }

    /// Puts a text to the tables.
    pub fn text(&self, original: &str, folded: &str, marks: &mut Marks) {
        self.text_as_a_whole(original, folded, marks);
        self.stretches(folded.as_bytes(), marks);
    }

    /// Puts a text to the tables, but for the one of stretches.
    pub fn text_as_a_whole(&self, original: &str, folded: &str, marks: &mut Marks) {
        marks.mark(self.present);
        if self.has_texts {
            self.whole(folded.as_bytes(), marks);
        }
        if self.numbers.of_texts
            && let Some(number) = Number::spelled(original)
        {
            self.numbers.mark(number, true, marks);
        }
        if let Some(networks) = &self.networks
            && let Some(address) = read_address(original)
        {
            networks.mark(address, marks);
        }
        if let Some((first, _)) = self.words.first() {
            self.word(first.enumeration(), original, marks);
        }
        match folded {
            "true" => marks.mark(self.bools[1]),
            "false" => marks.mark(self.bools[0]),
            _ => {}
        }
    }

    /// Puts a number to the tables: as itself, and as the text it is written as.
    pub fn number(&self, number: Number, marks: &mut Marks) {
        self.number_itself(number, marks);
        if self.has_texts {
            self.spelling(number.to_string().as_bytes(), marks);
        }
    }

    /// Puts a number to the tables as itself alone.
    pub fn number_itself(&self, number: Number, marks: &mut Marks) {
        marks.mark(self.present);
        self.numbers.mark(number, false, marks);
    }

    /// Puts a flag to the tables: as itself, and as the text it is written as.
    pub fn bool(&self, value: bool, marks: &mut Marks) {
        marks.mark(self.present);
        marks.mark(self.bools[usize::from(value)]);
        if self.has_texts {
            self.spelling(if value { b"true" } else { b"false" }, marks);
        }
    }

    /// Some value is there. An instant answers no other table.
    pub fn is_there(&self, marks: &mut Marks) {
        marks.mark(self.present);
    }

    /// Puts folded texts, each with a byte behind it that is in none, to the table of stretches, and where no table asks for a
    /// text as it was written to those of whole texts, beginnings and ends, which were asked before otherwise.
    pub fn texts(&self, texts: &[u8], end: u8, marks: &mut Marks) {
        self.is_there(marks);
        if self.wants_folded_only() {
            let mut rest = texts;
            while let Some(length) = memchr::memchr(end, rest) {
                self.whole(&rest[..length], marks);
                rest = &rest[length + 1..];
            }
        }
        self.stretches(texts, marks);
    }

    fn spelling(&self, text: &[u8], marks: &mut Marks) {
        self.whole(text, marks);
        self.stretches(text, marks);
    }

    fn stretches(&self, text: &[u8], marks: &mut Marks) {
        if let Some(contains) = &self.contains {
            contains.scan(text, marks);
        }
    }

    /// Puts a folded text to the tables of whole texts, beginnings and ends.
    #[inline]
    pub fn whole(&self, text: &[u8], marks: &mut Marks) {
        self.texts.mark(text, marks);
        if let Some(starts) = &self.starts {
            starts.walk(text, marks);
        }
        if let Some(ends) = &self.ends {
            ends.walk(text, marks);
        }
    }

    /// All sets of one field are of one enumeration: the field's.
    fn word(&self, enumeration: Enumeration, word: &str, marks: &mut Marks) {
        if let Some(place) = enumeration.place(word) {
            for (words, atom) in &self.words {
                if words.contains_place(place) {
                    marks.mark(Some(*atom));
                }
            }
        }
    }
}

/// Whole texts.
#[derive(Debug, Default)]
struct Texts {
    /// A text that spells a number can be asked for as a text and as a number.
    atoms: RuleMap<Box<[u8]>, [Option<AtomId>; 2]>,
    /// The lengths there are, those of 127 and more as one.
    lengths: u128,
}

impl Texts {
    fn insert(&mut self, text: Box<str>, atom: AtomId) {
        let text: Box<[u8]> = text.into();
        self.lengths |= length_bit(&text);
        let atoms = self.atoms.entry(text).or_default();
        atoms[usize::from(atoms[0].is_some())] = Some(atom);
    }

    fn mark(&self, text: &[u8], marks: &mut Marks) {
        if self.lengths & length_bit(text) != 0
            && let Some(atoms) = self.atoms.get(text)
        {
            atoms.iter().for_each(|atom| marks.mark(*atom));
        }
    }
}

fn length_bit(text: &[u8]) -> u128 {
    1 << text.len().min(127)
}

/// Numbers by the floating-point number they are nearest to, which equal numbers share.
#[derive(Debug, Default)]
struct Numbers {
    atoms: RuleMap<u64, Vec<NumberAtom>>,
    /// Whether texts that spell a number count for any of them.
    of_texts: bool,
}

#[derive(Debug)]
struct NumberAtom {
    number: Number,
    atom: AtomId,
    /// Whether a text that spells the number counts too; if not, the text itself is compared as text.
    of_texts: bool,
}

impl Numbers {
    fn key(number: Number) -> u64 {
        // Zero has two signs and is one number.
        (number.float() + 0.0).to_bits()
    }

    fn insert(&mut self, number: Number, atom: AtomId, of_texts: bool) {
        self.of_texts |= of_texts;
        self.atoms.entry(Self::key(number)).or_default().push(NumberAtom { number, atom, of_texts });
    }

    fn mark(&self, number: Number, is_text: bool, marks: &mut Marks) {
        if self.atoms.is_empty() {
            return;
        }
        for known in self.atoms.get(&Self::key(number)).into_iter().flatten() {
            if (known.of_texts || !is_text) && known.number.order(number).is_eq() {
                marks.mark(Some(known.atom));
            }
        }
    }
}
