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

/// Whether some bytes are the same as others, of which there are as many. To call a function that finds out how best to compare
/// them takes longer than to compare what values are.
#[inline]
pub fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    #[inline]
    fn ends<const N: usize>(one: &[u8], other: &[u8]) -> Option<bool> {
        let first = one.first_chunk::<N>()? == other.first_chunk()?;
        Some(first & (one.last_chunk::<N>()? == other.last_chunk()?))
    }
    if one.len() >= AT_ONCE {
        return begins_with(one, other);
    }
    ends::<16>(one, other)
        .or_else(|| ends::<8>(one, other))
        .or_else(|| ends::<4>(one, other))
        .unwrap_or_else(|| one == other)
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

/// Which bytes of a look are quotes or backslashes, a bit for each.
#[inline(always)]
pub fn quotes_and_backslashes(look: &[u8; LOOK]) -> u64 {
    places(look, |bytes| bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\')))
}

/// Which bytes of a look are this one, a bit for each.
#[inline(always)]
pub fn all_of(look: &[u8; LOOK], byte: u8) -> u64 {
    places(look, |bytes| bytes.simd_eq(u8x16::splat(byte)))
}

/// Whether a quote stands in a look, or a character that is written by its code point begins there, or seems to.
#[inline(always)]
pub fn has_quote_or_code_point(look: &[u8; LOOK + 1]) -> bool {
    let [_, behind @ ..] = look;
    let (vectors, behind) = (look.as_chunks::<16>().0, behind.as_chunks::<16>().0);
    let any = vectors.iter().zip(behind).fold(u8x16::ZERO, |any, (bytes, behind)| {
        let bytes = u8x16::new(*bytes);
        let begins = bytes.simd_eq(u8x16::splat(b'\\')) & u8x16::new(*behind).simd_eq(u8x16::splat(b'u'));
        any | bytes.simd_eq(u8x16::splat(b'"')) | begins
    });
    any.to_bitmask() != 0
}

/// At which places of a look a byte is one that is looked for, a bit for each.
#[inline(always)]
fn places(look: &[u8; LOOK], are_looked_for: impl Fn(u8x16) -> u8x16) -> u64 {
    let (vectors, _) = look.as_chunks::<16>();
    let add = |found, bytes: &_| found << 16 | u64::from(are_looked_for(u8x16::new(*bytes)).to_bitmask());
    vectors.iter().rev().fold(0, add)
}

/// How many bytes a number has that begins here and ends within these, if it has no exponent.
#[inline]
pub fn plain_number(bytes: &[u8; AT_ONCE]) -> Option<usize> {
    // What is no less than `-` and no more than `9`; JSON has the `/` between them in strings alone.
    let from_minus = u8x32::new(*bytes) - u8x32::splat(b'-');
    let are_of_number = from_minus.min(u8x32::splat(b'9' - b'-')).simd_eq(from_minus);
    let length = are_of_number.to_bitmask().trailing_ones() as usize;
    (!matches!(bytes.get(length)?, b'e' | b'E')).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_look_holds_a_quote_or_what_may_be_a_code_point_wherever_it_stands() {
        for at in 0..LOOK + 1 {
            let with = |found: &[u8]| {
                let mut bytes = [b'x'; LOOK + 1];
                found.iter().zip(&mut bytes[at..]).for_each(|(byte, room)| *room = *byte);
                has_quote_or_code_point(&bytes)
            };
            // The last byte is only looked at behind the one before.
            assert_eq!((with(b"\""), with(b"\\u")), (at < LOOK, at < LOOK), "{at}");
            assert!(!with(b"\\n") && !with(b"u\\") && !with(b"u"), "{at}");
        }
    }

    #[test]
    fn bytes_are_the_same_if_all_of_them_are() {
        let text: Vec<u8> = (0..100).collect();
        for length in 0..100 {
            assert!(same_bytes(&text[..length], &text[..length]));
            for at in 0..length {
                let mut other = text[..length].to_vec();
                other[at] ^= 1;
                assert!(!same_bytes(&text[..length], &other), "{at} of {length}");
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
