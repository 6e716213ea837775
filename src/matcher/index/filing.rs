//! What is filed under stretches of a few bytes: nearly every stretch of a text is told from all of them by a look into a
//! bitmap that stays in the processor's cache.

use super::probe::RuleMap;
use std::collections::BTreeMap;

/// Things filed under stretches.
#[derive(Debug)]
pub struct Filing<F> {
    /// One bit for each stretch, by its hash.
    bitmap: Vec<u64>,
    shift: u32,
    /// For each stretch where what is filed under it stands in `filed`.
    places: RuleMap<u32, (u32, u32)>,
    filed: Vec<F>,
}

impl<F> Filing<F> {
    /// Of what is filed under each stretch; none without any.
    pub fn new(by_stretch: BTreeMap<u32, Vec<F>>) -> Option<Self> {
        if by_stretch.is_empty() {
            return None;
        }
        let bits = (by_stretch.len() * 16).next_power_of_two().clamp(1 << 14, 1 << 20);
        let mut filing = Self {
            bitmap: vec![0; bits / 64],
            shift: u32::BITS - bits.trailing_zeros(),
            places: RuleMap::default(),
            filed: Vec::new(),
        };
        for (stretch, filed) in by_stretch {
            let bit = hash(stretch) >> filing.shift;
            filing.bitmap[bit as usize / 64] |= 1 << (bit % 64);
            let start = filing.filed.len() as u32;
            filing.filed.extend(filed);
            filing.places.insert(stretch, (start, filing.filed.len() as u32));
        }
        Some(filing)
    }

    /// Whether anything may be filed under a stretch; mostly nothing is.
    #[inline]
    pub fn may_hold(&self, stretch: u32) -> bool {
        let bit = hash(stretch) >> self.shift;
        self.bitmap.get(bit as usize / 64).is_some_and(|word| word >> (bit % 64) & 1 != 0)
    }

    /// The stretches of two or four bytes at every other byte of a text under which something may be filed, and where they
    /// begin.
    #[inline]
    pub fn in_text<'a, const N: usize>(&'a self, text: &'a [u8]) -> InText<'a, F, N> {
        InText { filing: self, pairs: text.as_chunks().0, next: 0 }
    }

    /// What is filed under a stretch.
    pub fn under(&self, stretch: u32) -> &[F] {
        self.places.get(&stretch).map_or(&[], |(start, end)| &self.filed[*start as usize..*end as usize])
    }

    /// Everything that is filed.
    pub fn all(&self) -> &[F] {
        &self.filed
    }
}

/// What [`Filing::in_text`] goes through.
#[derive(Debug)]
pub struct InText<'a, F, const N: usize> {
    filing: &'a Filing<F>,
    pairs: &'a [[u8; 2]],
    /// The pair that the next stretch begins with.
    next: usize,
}

impl<F, const N: usize> Iterator for InText<'_, F, N> {
    type Item = (usize, u32);

    /// The one loop that is run for every text.
    #[inline]
    fn next(&mut self) -> Option<(usize, u32)> {
        let stretches =
            self.pairs.get(self.next..)?.windows(const { N / 2 }).map(|pairs| as_number::<N>(pairs.as_flattened()));
        for (number, stretch) in stretches.enumerate() {
            if self.filing.may_hold(stretch) {
                let at = self.next + number;
                self.next = at + 1;
                return Some((at * 2, stretch));
            }
        }
        self.next = self.pairs.len();
        None
    }
}

/// So many stretches a literal is filed under and where in it they begin: of those that begin one byte behind one another
/// the ones that weigh least together, so that one of them is at a multiple of their number wherever the literal stands. A
/// literal that has fewer has all of them.
pub fn in_a_row<const N: usize>(literal: &[u8], count: usize, weigh: impl Fn(u32) -> u32) -> Vec<(u32, usize)> {
    let stretches: Vec<(u32, usize)> = literal.windows(N).map(as_number::<N>).zip(0..).collect();
    let weight =
        |row: &&[(u32, usize)]| row.iter().fold(0_u32, |sum, (stretch, _)| sum.saturating_add(weigh(*stretch)));
    match stretches.windows(count).min_by_key(weight) {
        Some(row) => row.to_vec(),
        None => stretches,
    }
}

/// A stretch of two or four bytes as a number.
#[inline]
pub fn as_number<const N: usize>(stretch: &[u8]) -> u32 {
    const { assert!(N == 2 || N == 4) };
    let mut bytes = [0; 4];
    bytes[..N].copy_from_slice(&stretch[..N]);
    u32::from_le_bytes(bytes)
}

#[inline]
fn hash(stretch: u32) -> u32 {
    stretch.wrapping_mul(0x9e37_79b1)
}
