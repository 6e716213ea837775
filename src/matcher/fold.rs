//! Unicode simple case folding: one character for one, so that `?` and positions keep their meaning.

use crate::alert::LOOK;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;
use wide::{u8x16, u8x32};

/// The character that stands for every spelling of `c` in either case.
///
/// Derived from the standard library's case mapping; where that needs several characters (`ß`, `İ`) the simple folding
/// has none, and the character stands for itself.
pub fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    // Only characters of the first plane fold into one another there; the few others with a case are rare.
    match u16::try_from(u32::from(c)) {
        Ok(unit) => char::from_u32(FOLDED[usize::from(unit)].into()).unwrap_or(c),
        Err(_) => work_out(c),
    }
}

/// What every character of the first plane folds to: working it out takes many times as long as looking it up.
static FOLDED: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let folded = |unit: u16| {
        let folded = char::from_u32(unit.into()).map(work_out);
        folded.and_then(|folded| u16::try_from(u32::from(folded)).ok()).unwrap_or(unit)
    };
    (0..=u16::MAX).map(folded).collect()
});

fn work_out(c: char) -> char {
    match c {
        // The Turkish letters fold to nothing else: `ı` is not `i`.
        'ı' | 'İ' => c,
        // Twins whose capitals are spelled with several letters; folded by Unicode 15.1.
        '\u{1fd3}' => '\u{390}',
        '\u{1fe3}' => '\u{3b0}',
        '\u{fb05}' => '\u{fb06}',
        _ => {
            let upper = single(c.to_uppercase()).unwrap_or(c);
            single(upper.to_lowercase()).unwrap_or(upper)
        }
    }
}

fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next()?;
    mapped.next().is_none().then_some(first)
}

/// A text with every character folded; borrowed where nothing changes.
pub fn fold_text(text: &str) -> Cow<'_, str> {
    // Nearly every text is plain ASCII, and that goes many bytes at a time.
    if text.is_ascii() {
        let changes = text.bytes().any(|byte| byte.is_ascii_uppercase());
        return if changes { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) };
    }
    let mut folded = String::with_capacity(text.len());
    fold_onto(&mut folded, text);
    if folded == text { Cow::Borrowed(text) } else { Cow::Owned(folded) }
}

/// Whether a text is its own folded form for certain.
#[inline]
pub fn is_folded(text: &str) -> bool {
    let text = text.as_bytes();
    // What is read at once may overlap what was read before.
    if let Some(last) = text.last_chunk() {
        return text.as_chunks().0.iter().all(sixteen_are_small) && sixteen_are_small(last);
    }
    match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => eight_are_small(*first) && eight_are_small(*last),
        _ => text.iter().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()),
    }
}

/// Whether bytes are plain ASCII and none a capital letter.
#[inline]
fn sixteen_are_small(bytes: &[u8; 16]) -> bool {
    let bytes = u8x16::new(*bytes);
    let from_a = bytes - u8x16::splat(b'A');
    // The least of it and `Z - A` is itself where it is a capital. The top bit is set there, and in what is not ASCII.
    let is_capital = from_a.min(u8x16::splat(b'Z' - b'A')).simd_eq(from_a);
    (bytes | is_capital).to_bitmask() == 0
}

/// As [`sixteen_are_small`].
#[inline]
fn eight_are_small(bytes: [u8; 8]) -> bool {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const TOP: u64 = EACH << 7;
    let bytes = u64::from_ne_bytes(bytes);
    let plain = bytes & !TOP;
    // These have the top bit of each byte that is no less than A, and of each behind Z.
    let (from_a, behind_z) = (plain + EACH * (0x80 - b'A' as u64), plain + EACH * (0x7f - b'Z' as u64));
    (bytes | (from_a & !behind_z)) & TOP == 0
}

/// How many bytes of a text are plain ASCII before the first that is not.
fn plain(text: &str) -> usize {
    const AT_ONCE: usize = 16;
    let (looks, rest) = text.as_bytes().as_chunks();
    let mut plain = 0;
    for look in looks {
        match u8x16::new(*look).to_bitmask() {
            0 => plain += AT_ONCE,
            others => return plain + others.trailing_zeros() as usize,
        }
    }
    plain + rest.iter().take_while(|byte| byte.is_ascii()).count()
}

/// Adds a text's folded form to others; gives where it stands.
pub fn fold_onto(onto: &mut String, text: &str) -> Range<usize> {
    let start = onto.len();
    if text.is_ascii() {
        onto.push_str(text);
        onto[start..].make_ascii_lowercase();
        return start..onto.len();
    }
    // Stretches of plain ASCII between other letters go many bytes at a time too.
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = if c.is_ascii() { plain(rest) } else { c.len_utf8() };
        if c.is_ascii() {
            let at = onto.len();
            onto.push_str(&rest[..behind]);
            onto[at..].make_ascii_lowercase();
        } else {
            onto.push(fold(c));
        }
        rest = &rest[behind..];
    }
    start..onto.len()
}

/// Folds the ASCII letters of bytes; gives how many are ASCII before the first that is not.
#[inline]
pub fn fold_look(look: &[u8; LOOK]) -> ([u8; LOOK], usize) {
    let (mut folded, mut others) = (*look, 0_u64);
    for (number, look) in folded.as_chunks_mut().0.iter_mut().enumerate() {
        let bytes = u8x32::new(*look);
        others |= u64::from(bytes.to_bitmask()) << (32 * number);
        *look = with_small_letters(bytes).to_array();
    }
    (folded, others.trailing_zeros() as usize)
}

#[inline]
fn with_small_letters(bytes: u8x32) -> u8x32 {
    // Capital letters are those that come out least once what is before them is out of the way.
    let from_a = bytes - u8x32::splat(b'A');
    let are_capital = from_a.min(u8x32::splat(25)).simd_eq(from_a);
    bytes | (are_capital & u8x32::splat(b'a' ^ b'A'))
}

/// Folds what stands in a text from a place on.
pub fn fold_in_place(text: &mut String, from: usize) {
    if text[from..].is_ascii() {
        text[from..].make_ascii_lowercase();
    } else {
        let rest = text.split_off(from);
        fold_onto(text, &rest);
    }
}

/// Whether two texts are the same but for case.
pub fn same(a: &str, b: &str) -> bool {
    a.chars().map(fold).eq(b.chars().map(fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_folded_as_far_as_it_is_ascii() {
        for at in 0..=LOOK {
            let mut look: [u8; LOOK] = std::array::from_fn(|at| b"aZ@[`z{\x7f"[at % 8]);
            look.iter_mut().skip(at).step_by(7).for_each(|byte| *byte = 0xc3);
            let (folded, plain) = fold_look(&look);
            assert_eq!((folded.to_vec(), plain), (look.to_ascii_lowercase(), at));
        }
    }

    #[test]
    fn folds_like_unicode_and_never_changes_the_count_of_characters() {
        for (a, b) in [("ÄÖÜ", "äöü"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("ſharp K", "sharp k"), ("ẞ", "ß"), ("ДОМ", "дом")]
        {
            assert!(same(a, b), "{a} {b}");
            assert_eq!(fold_text(a), fold_text(b));
            assert_eq!(fold_text(a).chars().count(), a.chars().count());
        }
        for (a, b) in [("I", "ı"), ("i", "İ"), ("ss", "ß"), ("e", "é")] {
            assert!(!same(a, b), "{a} {b}");
        }
        assert!(matches!(fold_text("plain ascii"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_text_is_folded_letter_by_letter_wherever_others_stand() {
        for text in ["", "ABC", "ÄÖÜ", "aÄBc", "ÄaBcÖ", "Σ-Alpha-\u{212a}", "日本 TEXT 語"] {
            let mut onto = "Kept".to_owned();
            let range = fold_onto(&mut onto, text);
            assert_eq!(onto[range], *text.chars().map(fold).collect::<String>(), "{text}");
            assert!(onto.starts_with("Kept"));
        }
    }

    #[test]
    fn a_text_is_folded_if_no_letter_of_it_changes() {
        for length in 0..40 {
            let plain = "a".repeat(length);
            for (letter, expected) in
                [("A", false), ("Z", false), ("@", true), ("[", true), ("z", true), ("\u{7f}", true), ("é", false)]
            {
                for at in 0..=length {
                    let text = format!("{}{letter}{}", &plain[..at], &plain[at..]);
                    assert_eq!(is_folded(&text), expected, "{text}");
                }
            }
            assert!(is_folded(&plain));
        }
    }

    #[test]
    fn what_is_looked_up_is_what_is_worked_out() {
        for c in ('\u{80}'..=char::MAX).chain('\u{0}'..='\u{7f}') {
            assert_eq!(fold(c), work_out(c), "U+{:04X}", c as u32);
        }
    }

    /// `regex` implements simple folding from Unicode's own table, of an edition that may lag behind the standard
    /// library's: characters it does not know are left out.
    #[test]
    fn agrees_with_unicodes_own_table() {
        let known = regex::Regex::new(r"^\P{Unassigned}$").unwrap();
        let is_known = |c: &char| known.is_match(&c.to_string());
        for c in (0x80..=0x1ffff).filter_map(char::from_u32).filter(is_known) {
            let relatives: Vec<char> = [Some(fold(c)), single(c.to_lowercase()), single(c.to_uppercase())]
                .into_iter()
                .flatten()
                .filter(|relative| *relative != c && is_known(relative))
                .collect();
            if relatives.is_empty() {
                continue;
            }
            let class = regex::Regex::new(&format!("(?i)^{}$", regex::escape(&c.to_string()))).unwrap();
            for relative in relatives {
                let (by_table, here) = (class.is_match(&relative.to_string()), fold(relative) == fold(c));
                assert_eq!(by_table, here, "U+{:04X} and U+{:04X}", c as u32, relative as u32);
            }
        }
        for (upper, lower) in [('\u{1e9e}', 'ß'), ('\u{1f88}', '\u{1f80}'), ('\u{ab70}', '\u{13a0}')] {
            assert_eq!(fold(upper), fold(lower));
        }
    }
}
