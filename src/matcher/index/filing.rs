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

    /// What is filed under a stretch.
    pub fn under(&self, stretch: u32) -> &[F] {
        self.places.get(&stretch).map_or(&[], |(start, end)| &self.filed[*start as usize..*end as usize])
    }

    /// Everything that is filed.
    pub fn all(&self) -> &[F] {
        &self.filed
    }
}

/// A stretch of up to four bytes as a number.
#[inline]
pub fn as_number(stretch: &[u8]) -> u32 {
    stretch.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

#[inline]
fn hash(stretch: u32) -> u32 {
    stretch.wrapping_mul(0x9e37_79b1)
}
