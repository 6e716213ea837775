//! A few literals, each looked for by its rarest two bytes in a row, many places of a text at a time.

use super::{CASE, Effort, weight};
use wide::u8x32;

/// So many places are looked at together.
const LOOK: usize = 32;

/// Literals and the pairs they are looked for by.
#[derive(Debug)]
pub struct Pairs(Vec<Pair>);

#[derive(Debug)]
struct Pair {
    literal: Box<str>,
    /// Where in it the pair begins.
    offset: usize,
    /// Its bytes, with the bit set that tells the case of letters.
    first: u8x32,
    second: u8x32,
}

impl Pairs {
    /// Of literals that are two bytes at least; none without any.
    pub fn new(literals: Vec<Box<str>>) -> Option<Self> {
        let pair = |literal: Box<str>| {
            let pairs = literal.as_bytes().windows(2).enumerate();
            let (offset, pair) = pairs.min_by_key(|(_, pair)| weight(pair[0]) * weight(pair[1]))?;
            let [first, second] = [pair[0], pair[1]].map(|byte| u8x32::splat(byte | CASE));
            Some(Pair { literal, offset, first, second })
        };
        let pairs: Vec<Pair> = literals.into_iter().map(pair).collect::<Option<_>>()?;
        (!pairs.is_empty()).then_some(Self(pairs))
    }

    /// Whether a literal stands in a text, or the effort does not suffice to tell.
    pub fn may_stand_in(&self, text: &[u8], effort: &mut Effort) -> bool {
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let may = match rest.first_chunk::<{ LOOK + 1 }>() {
                Some(look) => self.may_stand_here(look, text, at, effort),
                None => {
                    let mut last = [0; LOOK + 1];
                    last[..rest.len()].copy_from_slice(rest);
                    self.may_stand_here(&last, text, at, effort)
                }
            };
            if may {
                return true;
            }
            at += LOOK;
        }
        false
    }

    #[inline]
    fn may_stand_here(&self, look: &[u8; LOOK + 1], text: &[u8], at: usize, effort: &mut Effort) -> bool {
        let case = u8x32::splat(CASE);
        let beginning = |from: usize| look[from..].first_chunk().map_or(case, |bytes| u8x32::new(*bytes) | case);
        let (first, second) = (beginning(0), beginning(1));
        let begins = |pair: &Pair| first.simd_eq(pair.first) & second.simd_eq(pair.second);
        // Nearly always none does.
        if self.0.iter().fold(u8x32::ZERO, |any, pair| any | begins(pair)).to_bitmask() == 0 {
            return false;
        }
        self.0.iter().any(|pair| {
            let mut begins = begins(pair).to_bitmask();
            while begins != 0 {
                if effort.may_begin(text, at + begins.trailing_zeros() as usize, pair.offset, &pair.literal) {
                    return true;
                }
                begins &= begins - 1;
            }
            false
        })
    }
}
