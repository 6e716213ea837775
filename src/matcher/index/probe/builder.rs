//! What conditions ask of one field, gathered while the index is built.

use super::affixes::Affixes;
use super::networks::Networks;
use super::substrings::Substrings;
use super::{Numbers, Probe, Texts};
use crate::matcher::index::atoms::AtomId;
use crate::matcher::number::Number;
use crate::matcher::predicate::WordSet;
use ipnet::IpNet;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

/// Questions with their atoms; none where the atom is about to be given.
#[derive(Debug, Default)]
pub struct ProbeBuilder {
    /// Whether tests that no table answers are put to the field.
    pub is_tested: bool,
    /// The key is there.
    pub exists: Option<AtomId>,
    /// A null stands there.
    pub null: Option<AtomId>,
    /// Some value stands there.
    pub present: Option<AtomId>,
    /// Whole texts.
    pub texts: HashMap<Box<str>, Option<AtomId>>,
    /// Whole texts that spell a number, which then counts too.
    pub numeric_texts: HashMap<Box<str>, (Number, Option<AtomId>)>,
    /// Beginnings.
    pub starts: BTreeMap<Box<str>, Option<AtomId>>,
    /// Ends.
    pub ends: BTreeMap<Box<str>, Option<AtomId>>,
    /// Stretches anywhere.
    pub contains: BTreeMap<Box<str>, Option<AtomId>>,
    /// Numbers, by the nearest floating-point number.
    numbers: HashMap<u64, Vec<(Number, Option<AtomId>)>>,
    /// Addresses.
    pub addresses: HashMap<IpAddr, Option<AtomId>>,
    /// Networks.
    pub networks: HashMap<IpNet, Option<AtomId>>,
    /// Sets of words.
    pub words: HashMap<WordSet, Option<AtomId>>,
    /// False and true.
    pub bools: [Option<AtomId>; 2],
}

impl ProbeBuilder {
    /// The place of a number's atom.
    pub fn number(&mut self, number: Number) -> &mut Option<AtomId> {
        let same_kind = |known: &Number| {
            std::mem::discriminant(known) == std::mem::discriminant(&number) && known.order(number).is_eq()
        };
        let near = self.numbers.entry(Numbers::key(number)).or_default();
        let at = near.iter().position(|(known, _)| same_kind(known)).unwrap_or_else(|| {
            near.push((number, None));
            near.len() - 1
        });
        &mut near[at].1
    }

    /// The stretches asked for and their atoms, if nothing else is asked.
    pub fn only_contains(&self) -> Option<impl Iterator<Item = (&str, AtomId)>> {
        let others = self.texts.len() + self.numeric_texts.len() + self.starts.len() + self.ends.len();
        let typed = self.numbers.len() + self.addresses.len() + self.networks.len() + self.words.len();
        let alone = [self.exists, self.null, self.present, self.bools[0], self.bools[1]];
        let only = others + typed == 0 && alone.iter().all(Option::is_none);
        only.then(|| self.contains.iter().map(|(text, atom)| (&**text, given(*atom))))
    }

    /// The tables, those of automata as there is room for them.
    pub fn finish(self, room: &mut usize) -> Probe {
        let mut texts = Texts::default();
        let mut numbers = Numbers::default();
        for (text, atom) in self.texts {
            texts.insert(text, given(atom));
        }
        for (text, (number, atom)) in self.numeric_texts {
            texts.insert(text, given(atom));
            numbers.insert(number, given(atom), false);
        }
        for (number, atom) in self.numbers.into_values().flatten() {
            numbers.insert(number, given(atom), true);
        }
        let literals = |map: BTreeMap<Box<str>, Option<AtomId>>| -> Vec<(Box<str>, AtomId)> {
            map.into_iter().map(|(text, atom)| (text, given(atom))).collect()
        };
        let [starts, ends, contains] = [self.starts, self.ends, self.contains].map(literals);
        let addresses: Vec<_> = self.addresses.into_iter().map(|(address, atom)| (address, given(atom))).collect();
        let networks: Vec<_> = self.networks.into_iter().map(|(network, atom)| (network, given(atom))).collect();
        let mut words: Vec<_> = self.words.into_iter().map(|(words, atom)| (words, given(atom))).collect();
        words.sort_unstable_by_key(|(_, atom)| *atom);
        Probe {
            is_tested: self.is_tested,
            is_remembered: false,
            exists: self.exists,
            null: self.null,
            present: self.present,
            has_texts: !(texts.atoms.is_empty() && starts.is_empty() && ends.is_empty() && contains.is_empty()),
            texts,
            starts: Affixes::new(starts.iter().map(|(text, atom)| (&**text, *atom))),
            ends: Affixes::new(ends.iter().map(|(text, atom)| (&**text, *atom))),
            contains: Substrings::new(contains, room).map(Box::new),
            numbers,
            networks: Networks::new(addresses, networks).map(Box::new),
            words,
            bools: self.bools,
        }
    }
}

fn given(atom: Option<AtomId>) -> AtomId {
    atom.expect("whoever makes a place for an atom fills it at once")
}
