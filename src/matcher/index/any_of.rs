//! Whether any of some literals stands in a text, told in a pass that looks at every other byte, one for long literals and
//! one for short ones.
//!
//! Each literal is filed under two stretches of equal length that begin one byte apart: wherever it stands, one of the two
//! begins at an even place. Nearly all places are told from every filed stretch by a look into a bitmap that stays in the
//! processor's cache, and the rest are compared.

use super::filing::{Filing, pair_of};
use std::collections::BTreeMap;

/// The stretches of long literals, in bytes.
const LONG: usize = 4;
/// The stretches of those too short for two of them.
const SHORT: usize = 2;
/// No literal is shorter: two stretches of two bytes.
pub const SHORTEST: usize = SHORT + 1;

/// Literals of which any is looked for.
#[derive(Debug)]
pub struct AnyOf {
    long: Option<Stretches<LONG>>,
    short: Option<Stretches<SHORT>>,
}

/// Literals filed under stretches of one length.
#[derive(Debug)]
struct Stretches<const N: usize> {
    filing: Filing<Filed>,
    literals: Vec<Box<str>>,
}

/// A literal and where in it the stretch begins that it is filed under.
#[derive(Debug, Clone, Copy)]
struct Filed {
    literal: u32,
    offset: u32,
}

impl AnyOf {
    /// Of literals that are not too short; none without any, and if one is.
    pub fn new(literals: Vec<Box<str>>) -> Option<Self> {
        if literals.is_empty() || literals.iter().any(|literal| literal.len() < SHORTEST) {
            return None;
        }
        let (long, short) = literals.into_iter().partition(|literal| literal.len() > LONG);
        Some(Self { long: Stretches::new(long), short: Stretches::new(short) })
    }

    /// Whether any literal stands in the text. A text made to be compared often is said to hold one.
    pub fn may_stand_in(&self, text: &str) -> bool {
        // Comparing a byte costs a multiple of passing over it.
        let mut effort = 256 + 4 * text.len();
        let text = text.as_bytes();
        self.long.as_ref().is_some_and(|long| long.may_stand_in(text, &mut effort))
            || self.short.as_ref().is_some_and(|short| short.may_stand_in(text, &mut effort))
    }
}

impl<const N: usize> Stretches<N> {
    /// Of literals longer than a stretch; none without any.
    fn new(literals: Vec<Box<str>>) -> Option<Self> {
        let mut by_stretch: BTreeMap<u32, Vec<Filed>> = BTreeMap::new();
        for (number, literal) in literals.iter().enumerate() {
            for (stretch, offset) in pair_of::<N>(literal.as_bytes(), weight::<N>) {
                by_stretch.entry(stretch).or_default().push(Filed { literal: number as u32, offset: offset as u32 });
            }
        }
        Some(Self { filing: Filing::new(by_stretch)?, literals })
    }

    fn may_stand_in(&self, text: &[u8], effort: &mut usize) -> bool {
        let mut stretches = self.filing.in_text::<N>(text);
        stretches.any(|(at, stretch)| self.may_stand_at(text, at, stretch, effort))
    }

    /// Whether a literal stands around a stretch, or the effort does not suffice to tell.
    fn may_stand_at(&self, text: &[u8], at: usize, stretch: u32, effort: &mut usize) -> bool {
        self.filing.under(stretch).iter().any(|filed| {
            let literal = self.literals[filed.literal as usize].as_bytes();
            let Some(left) = effort.checked_sub(8 + literal.len()) else { return true };
            *effort = left;
            let begins = at.checked_sub(filed.offset as usize);
            begins.is_some_and(|begins| text[begins..].starts_with(literal))
        })
    }
}

/// How often a stretch stands in texts, to compare: the more often its bytes do in JSON that machines write.
fn weight<const N: usize>(stretch: u32) -> u32 {
    let of_byte = |byte: u8| match byte {
        b'"' | b':' | b',' | b' ' | b'0' | b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 8,
        b'1'..=b'9' | b'a'..=b'z' | b'.' | b'\\' | b'/' | b'-' | b'_' => 4,
        _ => 1,
    };
    stretch.to_le_bytes()[..N].iter().map(|byte| of_byte(*byte)).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any_of(literals: &[&str]) -> Option<AnyOf> {
        AnyOf::new(literals.iter().map(|literal| (*literal).into()).collect())
    }

    #[test]
    fn a_literal_is_found_wherever_it_stands_and_nothing_else_is() {
        for literals in [&["abc", "xyz="][..], &["abcd", "={{x"], &["abcde", "sekurlsa::"], &["abcdef", "ünïcode"]] {
            let any_of = any_of(literals).unwrap();
            for before in 0..9 {
                for literal in literals {
                    let text = format!("{}{literal}", "-".repeat(before));
                    assert!(any_of.may_stand_in(&text) && any_of.may_stand_in(&format!("{text}--")), "{text}");
                    let cut = &text[..text.len() - 1];
                    assert!(!any_of.may_stand_in(cut) && !any_of.may_stand_in(&format!("{cut}-")), "{cut}");
                }
            }
        }
        assert!(any_of(&[]).is_none() && any_of(&["long enough", "ab"]).is_none());
    }

    #[test]
    fn random_literals_are_found_in_random_texts() {
        const LETTERS: &[char] = &['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'é'];
        let mut random = fastrand::Rng::with_seed(7);
        let (mut found, mut missed) = (0, 0);
        for number in 0..2_000 {
            let mut word = |lengths: std::ops::Range<usize>| -> String {
                (0..random.usize(lengths)).map(|_| random.choice(LETTERS).unwrap_or(&'a')).collect()
            };
            let mut literals: Vec<String> = (0..5).map(|_| word(3..12)).collect();
            let text = format!("{}{}{}", word(0..30), literals[0], word(0..30));
            // Every other time it is another one that is looked for.
            literals.drain(..number % 2);
            let any_of = AnyOf::new(literals.iter().map(|literal| (**literal).into()).collect()).unwrap();
            let stands = literals.iter().any(|literal| text.contains(literal));
            assert_eq!(any_of.may_stand_in(&text), stands, "one of {literals:?} in {text}");
            *(if stands { &mut found } else { &mut missed }) += 1;
        }
        assert!(found >= 1_000 && missed > 900, "{found} {missed}");
    }

    /// Whatever the text, comparing ends at its effort.
    #[test]
    fn a_text_made_to_be_compared_is_said_to_hold_a_literal() {
        let never: Vec<Box<str>> = (1..=200).map(|length| format!("{}b", "a".repeat(length + 300)).into()).collect();
        assert!(AnyOf::new(never).unwrap().may_stand_in(&"a".repeat(20_000)));
    }
}
