//! Whether any of some literals stands in a text, told in a pass or two for a few literals, or for many in one for long ones
//! and one for short ones.

mod stretches;

use super::packed::Packed;
use crate::alert::AT_ONCE;
use crate::matcher::fold::fold_text;
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::sync::LazyLock;
use stretches::Stretches;
use wide::u8x32;

/// The stretches that long literals are filed under, in bytes, and those that short ones are.
const LONG: usize = 4;
const SHORT: usize = 2;
/// No literal is shorter.
pub const SHORTEST: usize = stretches::shortest(SHORT);

/// What folds to a letter of ASCII but is none, `\u{17f}` and `\u{212a}`, as a loose text has them, and to which. Some signs
/// are taken for them.
static FOLDS_TO_ASCII: LazyLock<[(Finder<'static>, u8); 2]> =
    LazyLock::new(|| [(Finder::new(b"\xe5\xbf"), b's'), (Finder::new(b"\xe2\xa4\xaa"), b'k')]);

/// What it costs to go on behind a place where a few are looked for, as many bytes compared.
const FOUND: usize = 32;

/// Literals of which any is looked for.
#[derive(Debug)]
pub struct AnyOf {
    few: Option<Packed<Filed>>,
    long: Option<Stretches<LONG>>,
    short: Option<Stretches<SHORT>>,
    /// Whether all of them are plain ASCII.
    is_ascii: bool,
}

/// A literal and where in it the stretch begins that it is looked for by.
#[derive(Debug)]
struct Filed {
    literal: Box<[u8]>,
    offset: usize,
}

impl AnyOf {
    /// Of folded literals that are not too short; none if one is. Without any, none is ever found.
    pub fn new(literals: Vec<Box<str>>) -> Option<Self> {
        if literals.iter().any(|literal| literal.len() < SHORTEST) {
            return None;
        }
        let is_ascii = literals.iter().all(|literal| literal.is_ascii());
        let mut literals: Vec<Box<[u8]>> = literals.into_iter().map(|literal| literal.into_boxed_bytes()).collect();
        literals.iter_mut().for_each(|literal| {
            make_loose(literal);
        });
        let few = literals.iter().map(|literal| (&**literal, &**literal));
        let file = |literal: &[u8], offset| Filed { literal: literal.into(), offset };
        if let Some(few) = Packed::new(few, weight, file) {
            return Some(Self { few: Some(few), long: None, short: None, is_ascii });
        }
        let (long, short): (Vec<_>, Vec<_>) =
            literals.into_iter().partition(|literal| literal.len() >= stretches::shortest(LONG));
        Some(Self { few: None, long: Stretches::new(long), short: Stretches::new(short), is_ascii })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.few.is_none() && self.long.is_none() && self.short.is_none()
    }

    /// A text made loose, as the literals are: folded as far as they need it, and more. What stands there may be lost.
    pub fn loosened<'t>(&self, text: &'t mut [u8]) -> Cow<'t, [u8]> {
        if !self.is_ascii && !text.is_ascii() {
            let mut folded = fold_text(&String::from_utf8_lossy(text)).into_owned().into_bytes();
            make_loose(&mut folded);
            return Cow::Owned(folded);
        }
        let is_ascii = make_loose(text);
        let folded = Cow::Borrowed(&*text);
        if is_ascii {
            folded
        } else {
            FOLDS_TO_ASCII.iter().fold(folded, |text, (letter, ascii)| replaced(text, letter, *ascii))
        }
    }

    /// Whether any literal stands in a loose text. A text made to be compared often is said to hold one.
    pub fn may_stand_in(&self, text: &[u8]) -> bool {
        // Comparing a byte costs a multiple of passing over it.
        let mut effort = Effort(256 + 4 * text.len());
        let may_begin = |at, filed: &[Filed]| {
            effort.spend(FOUND).is_none()
                || filed.iter().any(|filed| effort.may_begin(text, at, filed.offset, &filed.literal))
        };
        self.few.as_ref().is_some_and(|few| few.any_in(text, may_begin))
            || self.long.as_ref().is_some_and(|long| long.may_stand_in(text, &mut effort))
            || self.short.as_ref().is_some_and(|short| short.may_stand_in(text, &mut effort))
    }
}

/// How much more may be compared in a text.
#[derive(Debug)]
struct Effort(usize);

impl Effort {
    /// Something was done that costs as much as comparing so many bytes; none if that is too much.
    fn spend(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.checked_sub(bytes)?;
        Some(())
    }

    /// Whether a literal begins in a text where a place of it was found, or the effort does not suffice to tell.
    fn may_begin(&mut self, text: &[u8], found: usize, offset: usize, literal: &[u8]) -> bool {
        if self.spend(8 + literal.len()).is_none() {
            return true;
        }
        let begins = found.checked_sub(offset);
        let room = begins.and_then(|begins| text.get(begins..begins + literal.len()));
        room == Some(literal)
    }
}

/// A text with another letter in place of one.
fn replaced<'t>(text: Cow<'t, [u8]>, letter: &Finder<'_>, other: u8) -> Cow<'t, [u8]> {
    let mut places = letter.find_iter(&text).peekable();
    if places.peek().is_none() {
        return text;
    }
    let (mut replaced, mut from) = (Vec::with_capacity(text.len()), 0);
    for at in places {
        replaced.extend_from_slice(&text[from..at]);
        replaced.push(other);
        from = at + letter.needle().len();
    }
    replaced.extend_from_slice(&text[from..]);
    replaced.into()
}

/// Makes a text loose: letters of ASCII are the same whatever their case, and some signs are taken for others, which costs
/// less than to tell letters from signs. Tells whether it is plain ASCII.
fn make_loose(text: &mut [u8]) -> bool {
    const LOOSE: u8 = b'a' ^ b'A';
    let loose = |any: u8x32, bytes: &mut [u8; AT_ONCE]| {
        let here = u8x32::new(*bytes);
        *bytes = (here | u8x32::splat(LOOSE)).to_array();
        any | here
    };
    let any = text.as_chunks_mut().0.iter_mut().fold(u8x32::ZERO, loose);
    match text.last_chunk_mut() {
        // What was made loose before stays so.
        Some(last) => loose(any, last).to_bitmask() == 0,
        None => {
            let is_ascii = text.is_ascii();
            text.iter_mut().for_each(|byte| *byte |= LOOSE);
            is_ascii
        }
    }
}

/// How often a byte stands in JSON that machines write, to compare.
fn weight(byte: u8) -> u32 {
    match byte {
        b'"' | b',' | b' ' | b'0' | b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 8,
        b':' => 2,
        b'1'..=b'9' | b'a'..=b'z' | b'.' | b'/' | b'-' => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any_of(literals: &[&str]) -> Option<AnyOf> {
        AnyOf::new(literals.iter().map(|literal| (*literal).into()).collect())
    }

    fn may_stand(any_of: &AnyOf, text: &[u8]) -> bool {
        any_of.may_stand_in(&any_of.loosened(&mut text.to_vec()))
    }

    #[test]
    fn letters_are_the_same_whatever_their_case_wherever_they_stand() {
        for length in 0..100 {
            let text: Vec<u8> = (0..length).map(|at| b"aZ9.k"[at % 5]).collect();
            let (mut loose, mut other) = (text.to_ascii_uppercase(), text.to_ascii_lowercase());
            assert!(make_loose(&mut loose) && make_loose(&mut other));
            assert_eq!(loose, other);
            assert!(loose.iter().zip(&text).all(|(loose, byte)| *loose == byte.to_ascii_lowercase()));
            for at in 0..length {
                let mut other = text.clone();
                other[at] = 0xc3;
                assert!(!make_loose(&mut other), "{at} of {length}");
            }
        }
    }

    #[test]
    fn a_literal_is_found_wherever_it_stands_and_nothing_else_is() {
        // More than are looked for by a few bytes of each.
        let mut random = fastrand::Rng::with_seed(9);
        let mut many = |length: usize| -> Vec<String> {
            (0..400).map(|_| (0..length).map(|_| random.lowercase()).collect()).collect()
        };
        let (short, long) = (many(4), many(13));
        let [short, long] = [&short, &long].map(|many| many.iter().map(String::as_str).collect::<Vec<_>>());
        for literals in [
            &["abc", "xyz="][..],
            &["abcd", "={{x"],
            &["abcde", "sekurlsa::"],
            &["abcdef", "ünïcode"],
            &["abcdefg", "[@`{k"],
            &["sekurlsa::", "abcdefghi", "gentilkiwi.com"],
            &["mimidrv.sys", "kerberos::golden"],
            &short,
            &long,
        ] {
            let any_of = any_of(literals).unwrap();
            for before in (0..9).chain(24..75) {
                for literal in literals.iter().take(20) {
                    let text = format!("{}{literal}--", "-".repeat(before));
                    let (text, end) = (text.as_bytes(), text.len() - 2);
                    assert!(may_stand(&any_of, text) && may_stand(&any_of, &text[..end]), "{literal} {before}");
                    let mut cut = text.to_vec();
                    cut[end - 1] = b'-';
                    assert!(!may_stand(&any_of, &cut) && !may_stand(&any_of, &cut[..end]), "{literal} {before}");
                }
            }
        }
        assert!(any_of(&["long enough", "ab"]).is_none() && !any_of(&[]).unwrap().may_stand_in(b"ab"));
    }

    #[test]
    fn a_text_is_folded_as_far_as_it_matters() {
        for (literal, text) in
            [("skeleton", "\u{17f}\u{212a}ELETON"), ("skeleton", "é SKELETON"), ("é-skeleton", "É-\u{17f}keleton")]
        {
            let any_of = any_of(&[literal]).unwrap();
            assert!(may_stand(&any_of, text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn random_literals_are_found_in_random_texts() {
        const LETTERS: &[char] = &['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'é'];
        let mut random = fastrand::Rng::with_seed(7);
        let (mut found, mut missed) = (0, 0);
        for number in 0..4_000 {
            let mut word = |lengths: std::ops::Range<usize>| -> String {
                (0..random.usize(lengths)).map(|_| random.choice(LETTERS).unwrap_or(&'a')).collect()
            };
            // Few, and as many as are filed.
            let shortest = 3 + number % 10;
            let count = if number % 20 < 2 { 300 } else { 5 + number % 12 };
            let mut literals: Vec<String> = (0..count).map(|_| word(shortest..shortest + 9)).collect();
            let text = format!("{}{}{}", word(0..30), literals[0], word(0..30));
            // Every other time it is another one that is looked for.
            literals.drain(..number % 2);
            let any_of = AnyOf::new(literals.iter().map(|literal| (**literal).into()).collect()).unwrap();
            let stands = literals.iter().any(|literal| text.contains(literal));
            let may_stand = may_stand(&any_of, text.as_bytes());
            // Among so many of so few letters the effort may not suffice to tell.
            assert!(may_stand == stands || (may_stand && count > 100), "one of {literals:?} in {text}");
            *(if stands { &mut found } else { &mut missed }) += 1;
        }
        assert!(found >= 2_000 && missed > 1_000, "{found} {missed}");
    }

    /// Whatever the text, comparing ends at its effort.
    #[test]
    fn a_text_made_to_be_compared_is_said_to_hold_a_literal() {
        let rare = "[@`{|}~^";
        let one = vec![format!("{}{rare}", "a".repeat(300)).into()];
        let alike = (100..400).map(|number| format!("{rare}{rare}{number}e").into());
        let short = (b'b'..=b'z').map(|last| format!("{}{}", &rare[..5], char::from(last)).into());
        // With so many others they are filed.
        let others = (100..400).map(|number| format!("{number}~{number}~").into());
        let short_others = (100..400).map(|number| format!("={number}").into());
        let many: [Vec<Box<str>>; 4] = [
            alike.clone().collect(),
            short.clone().collect(),
            alike.chain(others).collect(),
            short.chain(short_others).collect(),
        ];
        for literals in many.into_iter().chain([one]) {
            let text = rare;
            let any_of = AnyOf::new(literals).unwrap();
            assert!(may_stand(&any_of, text.repeat(20_000).as_bytes()), "{any_of:?}");
            assert!(!any_of.may_stand_in(b"a"));
        }
    }
}
