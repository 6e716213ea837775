//! Stretches anywhere in a text by an automaton, whose cost does not depend on what the text says.

use super::super::atoms::AtomId;
use super::super::scratch::Marks;
use aho_corasick::Anchored;
use aho_corasick::automaton::{self, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::nfa::contiguous::NFA;
use std::collections::HashSet;

/// How many bytes there are in one index for tables that have a row for each state and a column for each byte: as long as there
/// is room for another, each byte of a text is one look into it.
pub const ROOM: usize = 1 << 25;

/// An automaton of literals.
#[derive(Debug)]
pub struct Automaton {
    kind: Kind,
    atoms: Vec<AtomId>,
}

#[derive(Debug)]
enum Kind {
    Table(DFA),
    Lists(NFA),
}

impl Automaton {
    /// Of sorted literals, as a table if there is room; none where it could not be built within its own limits.
    pub fn new(literals: &[(Box<str>, AtomId)], room: &mut usize) -> Option<Self> {
        let texts = || literals.iter().map(|(text, _)| text.as_bytes());
        let kind = if size(literals) <= *room {
            let table = DFA::builder().prefilter(false).build(texts()).ok()?;
            // With what stands beside it, of each state the literals that end there.
            *room = room.saturating_sub(automaton::Automaton::memory_usage(&table));
            Kind::Table(table)
        } else {
            Kind::Lists(NFA::builder().prefilter(false).build(texts()).ok()?)
        };
        Some(Self { kind, atoms: literals.iter().map(|(_, atom)| *atom).collect() })
    }

    /// Whether each byte of a text is one look into a table.
    pub fn is_quick(&self) -> bool {
        matches!(self.kind, Kind::Table(_))
    }

    /// Marks every literal that stands in a text.
    pub fn scan(&self, text: &[u8], marks: &mut Marks) {
        match &self.kind {
            Kind::Table(automaton) => self.scan_with(automaton, text, marks),
            Kind::Lists(automaton) => self.scan_with(automaton, text, marks),
        }
    }

    fn scan_with(&self, automaton: &impl automaton::Automaton, text: &[u8], marks: &mut Marks) {
        let mut state = automaton.start_state(Anchored::No).expect("it is built to begin anywhere");
        // What a state stands for need be told once; a text can lead into the same ones at every byte.
        let mut told: HashSet<StateID, foldhash::fast::FixedState> = HashSet::default();
        let mut rest = text.iter();
        while let Some(found) = next_match(automaton, state, &mut rest) {
            state = found;
            if told.insert(state) {
                for number in 0..automaton.match_len(state) {
                    let literal = automaton.match_pattern(state, number).as_usize();
                    marks.mark(Some(self.atoms[literal]));
                }
            }
        }
    }
}

/// The next state on the way through some bytes in which a literal ends. By itself, so that nothing else is in the way of the
/// one loop that every byte goes through.
#[inline(never)]
fn next_match(
    automaton: &impl automaton::Automaton,
    mut state: StateID,
    bytes: &mut std::slice::Iter<'_, u8>,
) -> Option<StateID> {
    bytes.find_map(|byte| {
        state = automaton.next_state(Anchored::No, state, *byte);
        automaton.is_match(state).then_some(state)
    })
}

/// How large the table of all states by all bytes is: literals that begin alike, which stand side by side where they are sorted,
/// share states, and bytes that no literal tells apart share a column.
fn size(literals: &[(Box<str>, AtomId)]) -> usize {
    let (mut before, mut states, mut parts): (&[u8], usize, HashSet<u32>) = (&[], 1, HashSet::new());
    for (literal, _) in literals {
        let literal = literal.as_bytes();
        states += literal.len() - literal.iter().zip(before).take_while(|(one, other)| one == other).count();
        parts.extend(literal.iter().flat_map(|byte| [u32::from(*byte), u32::from(*byte) + 1]));
        before = literal;
    }
    let columns = parts.len() + 1;
    states * columns.next_power_of_two() * size_of::<StateID>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_literal_in_a_text_is_marked_and_no_other_by_a_table_or_by_lists() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..100 {
            let mut word = |most| -> String {
                (0..random.usize(1..most)).map(|_| random.choice(['a', 'b', 'c', 'z', 'é']).unwrap_or('a')).collect()
            };
            let mut literals: Vec<String> = (0..60).map(|_| word(7)).collect();
            literals.sort();
            literals.dedup();
            let text = word(300);
            let literals: Vec<(Box<str>, AtomId)> =
                literals.into_iter().zip(0..).map(|(literal, atom)| (literal.into(), atom)).collect();
            for (mut room, is_quick) in [(size(&literals), true), (size(&literals) - 1, false)] {
                let automaton = Automaton::new(&literals, &mut room).unwrap();
                assert_eq!(room == 0, is_quick, "{room}");
                assert!(!Automaton::new(&literals, &mut room).unwrap().is_quick(), "there is room for one alone");
                assert_eq!(automaton.is_quick(), is_quick);
                let mut marks = Marks::new(literals.len(), 0, std::sync::Arc::default());
                automaton.scan(text.as_bytes(), &mut marks);
                for (literal, atom) in &literals {
                    assert_eq!(marks.holds(*atom), text.contains(&**literal), "{literal} in {text}");
                }
            }
        }
    }

    #[test]
    fn a_table_is_as_large_as_it_is_said_to_be() {
        for word in ["a", "-enc job ", "\\cmd.exe État "] {
            let mut literals: Vec<(Box<str>, AtomId)> =
                (0..300).map(|number| (format!("{word}{number}").into(), 0)).collect();
            literals.sort_unstable();
            let texts = literals.iter().map(|(text, _)| text.as_bytes());
            let table = DFA::builder().prefilter(false).build(texts).unwrap();
            let (said, is) = (size(&literals), automaton::Automaton::memory_usage(&table));
            assert!((is / 2..=is).contains(&said), "{word}: {said} {is}");
        }
    }
}
