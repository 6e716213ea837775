//! Bytes of a text looked at many at a time. A branch that depends on how long a value is cannot be foreseen by a processor,
//! and costs more than all the rest: here nothing depends on that.

use wide::{u8x16, u8x32};

/// So many bytes are compared at once.
pub const AT_ONCE: usize = 32;
/// As many bytes are looked at together in strings: most of those of alerts end within one look.
pub const LOOK: usize = 64;

/// How many bytes are the same, from the first on.
#[inline]
pub fn alike(one: &[u8; AT_ONCE], other: &[u8; AT_ONCE]) -> usize {
    u8x32::new(*one).simd_eq(u8x32::new(*other)).to_bitmask().trailing_ones() as usize
}

/// Whether some bytes begin with others, of which there are as many as are compared at once.
#[inline]
pub fn begins_with(bytes: &[u8], beginning: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..beginning.len()) else { return false };
    let whole = |bytes: &[u8; AT_ONCE], other: &[u8; AT_ONCE]| alike(bytes, other) == AT_ONCE;
    let (chunks, others) = (bytes.as_chunks::<AT_ONCE>().0, beginning.as_chunks::<AT_ONCE>().0);
    // The last may have been compared in part before.
    let last = || bytes.last_chunk().zip(beginning.last_chunk()).is_none_or(|(bytes, other)| whole(bytes, other));
    chunks.iter().zip(others).all(|(bytes, other)| whole(bytes, other)) && last()
}

/// Which bytes of a look are quotes and which are backslashes, a bit for each.
#[derive(Debug, Clone, Copy)]
pub struct Marked {
    /// The quotes.
    pub quotes: u64,
    /// The backslashes.
    pub backslashes: u64,
}

/// What is told of the look at a place; zeros stand behind the end. None at the end.
#[inline]
pub fn look<T>(bytes: &[u8], from: usize, tell: impl Fn(&[u8; LOOK]) -> T) -> Option<T> {
    let rest = bytes.get(from..).filter(|rest| !rest.is_empty())?;
    Some(match rest.first_chunk() {
        Some(look) => tell(look),
        None => {
            let mut last = [0; LOOK];
            last[..rest.len()].copy_from_slice(rest);
            tell(&last)
        }
    })
}

impl Marked {
    /// Those of a look.
    #[inline]
    pub fn of(look: &[u8; LOOK]) -> Self {
        Self { quotes: places_of(look, b'"'), backslashes: places_of(look, b'\\') }
    }

    /// Which bytes a backslash before them escapes, where it is known whether the first one is; and whether the first one of
    /// the next look is.
    #[inline]
    pub fn escaped(self, first: bool) -> (u64, bool) {
        const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
        let first = u64::from(first);
        let begin = self.backslashes & !first;
        // In a row of backslashes every other one escapes: adding up carries through a row, and whether that began at an odd
        // place tells which.
        let ends = ((begin << 1) | ODD).wrapping_sub(begin) ^ ODD;
        (ends ^ (self.backslashes | first), ends & self.backslashes & 1 << 63 != 0)
    }
}

/// Which bytes of a look are quotes or backslashes, a bit for each.
#[inline]
pub fn quotes_and_backslashes(look: &[u8; LOOK]) -> u64 {
    let (quote, backslash) = (u8x16::splat(b'"'), u8x16::splat(b'\\'));
    mask(look, |bytes| bytes.simd_eq(quote) | bytes.simd_eq(backslash))
}

/// Which bytes of a look are this one.
#[inline]
pub fn places_of(look: &[u8; LOOK], byte: u8) -> u64 {
    let byte = u8x16::splat(byte);
    mask(look, |bytes| bytes.simd_eq(byte))
}

#[inline]
fn mask(look: &[u8; LOOK], is_it: impl Fn(u8x16) -> u8x16) -> u64 {
    let (vectors, _) = look.as_chunks::<16>();
    vectors.iter().rev().fold(0, |found, bytes| found << 16 | u64::from(is_it(u8x16::new(*bytes)).to_bitmask()))
}

/// How many bytes a number has that begins here and ends within these, if it has no exponent.
#[inline]
pub fn plain_number(bytes: &[u8; AT_ONCE]) -> Option<usize> {
    let bytes = u8x32::new(*bytes);
    let is = |byte: u8| bytes.simd_eq(u8x32::splat(byte));
    let is_blank = bytes.min(u8x32::splat(b' ')).simd_eq(bytes);
    let ends = (is(b',') | is(b'}') | is(b']') | is_blank).to_bitmask();
    let exponents = (is(b'e') | is(b'E')).to_bitmask();
    let length = ends.trailing_zeros();
    (length < 32 && exponents & ((1 << length) - 1) == 0).then_some(length as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_is_told_across_looks() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..2_000 {
            let mut text = [b'a'; 3 * LOOK];
            let often = random.usize(1..8);
            text.iter_mut().for_each(|byte| *byte = if random.usize(..often) == 0 { b'\\' } else { b'"' });
            let (mut told, mut first) = (Vec::new(), false);
            for part in text.as_chunks().0 {
                let marked = Marked::of(part);
                let (escaped, next) = marked.escaped(first);
                first = next;
                told.extend((0..LOOK).map(|at| escaped >> at & 1 == 1));
                assert_eq!(quotes_and_backslashes(part), u64::MAX);
                assert_eq!(marked.quotes, !marked.backslashes);
            }
            let mut escapes = false;
            for (at, byte) in text.iter().enumerate() {
                assert_eq!(told[at], escapes, "{at}");
                escapes = *byte == b'\\' && !escapes;
            }
            assert_eq!(first, escapes);
        }
    }

    #[test]
    fn a_number_ends_before_what_cannot_be_of_one() {
        for number in ["0", "-1.5", "1234567890", "1e5", "-0.1E+3", "1234567890123456789012345678901"] {
            for behind in [",", "}", "]", " ", "\n", ""] {
                let mut bytes = [b'1'; AT_ONCE];
                let text = format!("{number}{behind}e,");
                text.bytes().zip(&mut bytes).for_each(|(byte, room)| *room = byte);
                let plain = (!behind.is_empty() && !number.contains(['e', 'E'])).then_some(number.len());
                assert_eq!(plain_number(&bytes), plain, "{text}");
            }
        }
    }

    #[test]
    fn bytes_begin_with_others_if_all_are_the_same() {
        let text: Vec<u8> = (0..200).collect();
        for length in AT_ONCE..150 {
            assert!(begins_with(&text, &text[..length]) && begins_with(&text[..length], &text[..length]));
            assert!(!begins_with(&text[..length - 1], &text[..length]));
            for at in 0..length {
                let mut other = text[..length].to_vec();
                other[at] ^= 1;
                assert!(!begins_with(&text, &other), "{at} of {length}");
            }
        }
    }
}
