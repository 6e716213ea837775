//! Whether any of some literals stands in a text, however its ASCII letters are written, told in one pass for long literals
//! and one for short ones.

mod pairs;
mod stretches;

use pairs::Pairs;
use stretches::Stretches;

/// The stretches that long literals are filed under, in bytes, and those that short ones are.
const LONG: usize = 4;
const SHORT: usize = 2;
/// No literal is shorter.
pub const SHORTEST: usize = stretches::shortest(SHORT);
/// As many short literals are looked for one by one, many bytes at a time; more are filed.
const FEW: usize = 8;

/// Setting this bit makes small letters of capital ones. It makes other bytes the same too, so that whatever is found by it is
/// compared.
const CASE: u8 = b'a' ^ b'A';

/// What folds to a letter of ASCII but is none.
const FOLDS_TO_ASCII: [char; 2] = ['\u{17f}', '\u{212a}'];

/// Literals of which any is looked for.
#[derive(Debug)]
pub struct AnyOf {
    long: Option<Stretches<LONG>>,
    few: Option<Pairs>,
    short: Option<Stretches<SHORT>>,
    /// Whether all of them are plain ASCII.
    is_ascii: bool,
}

impl AnyOf {
    /// Of folded literals that are not too short; none if one is. Without any, none is ever found.
    pub fn new(literals: Vec<Box<str>>) -> Option<Self> {
        if literals.iter().any(|literal| literal.len() < SHORTEST) {
            return None;
        }
        let is_ascii = literals.iter().all(|literal| literal.is_ascii());
        let (long, short): (Vec<_>, Vec<_>) =
            literals.into_iter().partition(|literal| literal.len() >= stretches::shortest(LONG));
        let (few, short) = if short.len() <= FEW { (short, Vec::new()) } else { (Vec::new(), short) };
        Some(Self { long: Stretches::new(long), few: Pairs::new(few), short: Stretches::new(short), is_ascii })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.long.is_none() && self.few.is_none() && self.short.is_none()
    }

    /// Whether a text need not be folded before they are looked for.
    pub fn reads_unfolded(&self, text: &str) -> bool {
        text.is_ascii() || (self.is_ascii && !FOLDS_TO_ASCII.iter().any(|c| text.contains(*c)))
    }

    /// Whether any literal stands in a text that is folded or need not be. A text made to be compared
    /// often is said to hold one.
    pub fn may_stand_in(&self, text: &str) -> bool {
        let text = text.as_bytes();
        // Comparing a byte costs a multiple of passing over it.
        let mut effort = Effort(256 + 4 * text.len());
        self.long.as_ref().is_some_and(|long| long.may_stand_in(text, &mut effort))
            || self.few.as_ref().is_some_and(|few| few.may_stand_in(text, &mut effort))
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
    fn may_begin(&mut self, text: &[u8], found: usize, offset: usize, literal: &str) -> bool {
        if self.spend(8 + literal.len()).is_none() {
            return true;
        }
        let begins = found.checked_sub(offset);
        let room = begins.and_then(|begins| text.get(begins..begins + literal.len()));
        room.is_some_and(|room| room.eq_ignore_ascii_case(literal.as_bytes()))
    }
}

/// How often a byte stands in JSON that machines write, to compare.
fn weight(byte: u8) -> u32 {
    match byte | CASE {
        b'"' | b':' | b',' | b' ' | b'0' | b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 8,
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

    #[test]
    fn a_literal_is_found_wherever_it_stands_and_nothing_else_is() {
        let many: Vec<String> = (0..=FEW).map(|number| format!("={number}z")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for literals in [
            &["abc", "xyz="][..],
            &["abcd", "={{x"],
            &["abcde", "sekurlsa::"],
            &["abcdef", "ünïcode"],
            &["abcdefg", "[@`{k"],
            &["sekurlsa::", "abcdefghi", "gentilkiwi.com"],
            &["mimidrv.sys", "kerberos::golden"],
            &many,
        ] {
            let any_of = any_of(literals).unwrap();
            for before in (0..9).chain(24..75) {
                for literal in literals {
                    let text = format!("{}{literal}", "-".repeat(before));
                    for text in [&text, &text.to_ascii_uppercase()] {
                        assert!(any_of.may_stand_in(text) && any_of.may_stand_in(&format!("{text}--")), "{text}");
                        let cut = &text[..text.len() - 1];
                        assert!(!any_of.may_stand_in(cut) && !any_of.may_stand_in(&format!("{cut}-")), "{cut}");
                    }
                }
            }
        }
        assert!(!any_of(&["[[[", "@@@@@@@@"]).unwrap().may_stand_in("{{{ ````````"), "these are no letters");
        assert!(any_of(&["long enough", "ab"]).is_none() && !any_of(&[]).unwrap().may_stand_in("ab"));
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
            let mut literals: Vec<String> = (0..5 + number % 12).map(|_| word(shortest..shortest + 9)).collect();
            let text = format!("{}{}{}", word(0..30), literals[0], word(0..30));
            // Every other time it is another one that is looked for.
            literals.drain(..number % 2);
            let any_of = AnyOf::new(literals.iter().map(|literal| (**literal).into()).collect()).unwrap();
            let stands = literals.iter().any(|literal| text.contains(literal));
            assert_eq!(any_of.may_stand_in(&text), stands, "one of {literals:?} in {text}");
            *(if stands { &mut found } else { &mut missed }) += 1;
        }
        assert!(found >= 2_000 && missed > 1_000, "{found} {missed}");
    }

    /// Whatever the text, comparing ends at its effort.
    #[test]
    fn a_text_made_to_be_compared_is_said_to_hold_a_literal() {
        let long: Vec<Box<str>> = (1..=200).map(|length| format!("{}b", "a".repeat(length + 300)).into()).collect();
        let short: Vec<Box<str>> = (b'b'..=b'z').map(|last| format!("aa{}", char::from(last)).into()).collect();
        for (literals, text) in [(long, "a"), (short, "a"), (vec!["eabe".into()], "ab")] {
            let any_of = AnyOf::new(literals).unwrap();
            assert!(any_of.may_stand_in(&text.repeat(20_000)), "{any_of:?}");
            assert!(!any_of.may_stand_in(text));
        }
    }
}
