//! A few literals looked for by some bytes of each, many places of a text at a time.

use aho_corasick::Span;
use aho_corasick::packed::Searcher;
use std::collections::{BTreeMap, BTreeSet};

/// So many stretches are looked for in one pass: with more, too many places would have to be looked at twice.
const MOST_OF_ONE_PASS: usize = 48;
/// In more passes than that, filing under stretches is as quick.
const MOST_PASSES: usize = 3;
/// How much more a byte weighs that is not looked for at its place yet.
const NEW: u64 = 3;
/// The most bytes of a literal that are looked for.
const LONGEST: usize = 4;

/// What is filed under stretches that are looked for.
#[derive(Debug)]
pub struct Packed<F>(Vec<Pass<F>>);

#[derive(Debug)]
struct Pass<F> {
    searcher: Searcher,
    /// What is filed under each stretch.
    filed: Vec<Vec<F>>,
}

impl<F> Packed<F> {
    /// Of literals, each with what is made of the place in it where the stretch begins that it is looked for by: the one that
    /// weighs least. None without any, if they are not so few, or if the processor cannot look at many places at a time.
    pub fn new<'l, T>(
        literals: impl Iterator<Item = (&'l [u8], T)> + Clone,
        weigh: impl Fn(u8) -> u32,
        file: impl Fn(T, usize) -> F,
    ) -> Option<Self> {
        let shortest = literals.clone().map(|(literal, _)| literal.len()).min().filter(|shortest| *shortest > 0)?;
        let mut by_stretch: BTreeMap<&[u8], Vec<F>> = BTreeMap::new();
        // What is looked for is a mask of the bytes at each place: the fewer there are, the fewer places of a text pass it.
        let mut at_place: [BTreeSet<u8>; LONGEST] = Default::default();
        for (literal, what) in literals {
            let weight =
                |byte: &u8, seen: &BTreeSet<u8>| u64::from(weigh(*byte)) * if seen.contains(byte) { 1 } else { NEW };
            let weigh_all =
                |stretch: &[u8]| stretch.iter().zip(&at_place).map(|(byte, seen)| weight(byte, seen)).product::<u64>();
            let stretches = literal.windows(shortest.min(LONGEST)).enumerate();
            let (offset, stretch) = stretches.min_by_key(|(_, stretch)| weigh_all(stretch))?;
            stretch.iter().zip(&mut at_place).for_each(|(byte, seen)| {
                seen.insert(*byte);
            });
            by_stretch.entry(stretch).or_default().push(file(what, offset));
        }
        if by_stretch.len() > MOST_OF_ONE_PASS * MOST_PASSES {
            return None;
        }
        let mut passes = Vec::new();
        while !by_stretch.is_empty() {
            let rest = by_stretch.keys().nth(MOST_OF_ONE_PASS).copied();
            let rest = rest.map_or_else(BTreeMap::new, |from| by_stretch.split_off(from));
            let searcher = Searcher::new(by_stretch.keys())?;
            passes.push(Pass { searcher, filed: std::mem::replace(&mut by_stretch, rest).into_values().collect() });
        }
        Some(Self(passes))
    }

    /// Whether any of what is filed under a stretch that stands in a text `is_it`, told where the stretch begins.
    pub fn any_in(&self, text: &[u8], mut is_it: impl FnMut(usize, &[F]) -> bool) -> bool {
        for Pass { searcher, filed } in &self.0 {
            let mut rest = Span::from(0..text.len());
            while let Some(found) = searcher.find_in(text, rest) {
                if is_it(found.start(), &filed[found.pattern().as_usize()]) {
                    return true;
                }
                rest.start = found.start() + 1;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places and numbers of the literals that stand in a text.
    fn found(literals: &[String], text: &str) -> Vec<(usize, usize)> {
        let numbered = literals.iter().enumerate().map(|(number, literal)| (literal.as_bytes(), number));
        let packed =
            Packed::new(numbered, |byte| byte.into(), |number, offset| (number, offset)).expect("they are few");
        let mut found = Vec::new();
        packed.any_in(text.as_bytes(), |at, filed| {
            found.extend(filed.iter().filter_map(|(number, offset)| Some((at.checked_sub(*offset)?, *number))));
            false
        });
        found.retain(|(at, number)| text[*at..].starts_with(&literals[*number]));
        found.sort_unstable();
        found
    }

    #[test]
    fn every_literal_is_found_wherever_it_stands_also_within_another() {
        let mut random = fastrand::Rng::with_seed(5);
        for count in [1, 2, 40, 60, 140] {
            for _ in 0..30 {
                let word = |random: &mut fastrand::Rng, most| -> String {
                    (0..random.usize(3..most)).map(|_| random.char('a'..='d')).collect()
                };
                let mut literals: Vec<String> = (0..count).map(|_| word(&mut random, 9)).collect();
                literals.sort();
                literals.dedup();
                let text = word(&mut random, 200);
                let places = (0..text.len()).flat_map(|at| (0..literals.len()).map(move |number| (at, number)));
                let mut expected: Vec<_> =
                    places.filter(|(at, number)| text[*at..].starts_with(&literals[*number])).collect();
                expected.sort_unstable();
                assert_eq!(found(&literals, &text), expected, "{literals:?} in {text}");
            }
        }
    }

    #[test]
    fn many_are_refused_and_none() {
        let many: Vec<String> = (0..400).map(|number| format!("{number:04}")).collect();
        for literals in [&many[..], &[], &[String::new()]] {
            let literals = literals.iter().map(|literal| (literal.as_bytes(), ()));
            assert!(Packed::new(literals, |_| 1, |(), _| ()).is_none());
        }
    }
}
