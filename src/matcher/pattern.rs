//! Sigma's text patterns: `*` for any stretch, `?` for one character, `\` to take them literally.

mod segment;

pub use segment::TooLong;
use segment::{Piece, Segment};

/// A compiled pattern. Matching costs at most a few steps for each character of the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The stretches between the `*`s; without `*` exactly one.
    segments: Box<[Segment]>,
    /// Whether any `*` stands in it, and so whether ends are loose.
    has_stars: bool,
}

/// Which end of the text a pattern must reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The whole text.
    Whole,
    /// The beginning.
    Start,
    /// The end.
    End,
    /// Anywhere.
    Inside,
}

/// What is done to a pattern's characters while it is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Case folding, or nothing.
    pub prepare: fn(char) -> char,
    /// Whether a dash before a word stands for every spelling of a dash, as command lines take them.
    pub any_dash: bool,
}

/// The spellings of a dash that Windows' command lines take.
pub const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// What an index can ask of a text before the pattern itself is put to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required<'p> {
    /// The text begins with this.
    Start(&'p str),
    /// The text ends with this.
    End(&'p str),
    /// This stands somewhere in the text.
    Inside(&'p str),
}

impl<'p> Required<'p> {
    /// What must stand there.
    pub fn text(self) -> &'p str {
        match self {
            Self::Start(text) | Self::End(text) | Self::Inside(text) => text,
        }
    }
}

/// How a pattern looks to an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape<'p> {
    /// The text is exactly this.
    Exactly(&'p str),
    /// This, and nothing more, is asked.
    Only(Required<'p>),
    /// Each of these is asked, and more.
    AtLeast(Vec<Required<'p>>),
}

/// One character of a written pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plain(char),
    AnyText,
    AnyCharacter,
}

/// A written pattern's characters, its escapes resolved: `\*`, `\?` and `\\` are literal, and so is any other `\`.
fn signs(text: &str) -> impl Iterator<Item = Sign> {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        Some(match chars.next()? {
            '*' => Sign::AnyText,
            '?' => Sign::AnyCharacter,
            '\\' => Sign::Plain(chars.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\')),
            c => Sign::Plain(c),
        })
    })
}

/// The plain text a written pattern stands for; none if it has wildcards.
pub fn plain_text(text: &str) -> Option<String> {
    signs(text).map(|sign| if let Sign::Plain(c) = sign { Some(c) } else { None }).collect()
}

/// Whether a dash stands here that `windash` is about: not inside of a word, and before one.
fn opens_word(c: char, before: Option<Sign>, after: Option<&Sign>) -> bool {
    let is_word = |sign: Sign| matches!(sign, Sign::Plain(c) if c.is_alphanumeric() || c == '_');
    DASHES.contains(&c) && !before.is_some_and(is_word) && after.copied().is_some_and(is_word)
}

/// Every spelling of a plain text whose dashes before words may be any of [`DASHES`]; none if there are more than `most`.
pub fn dash_spellings(text: &str, most: usize) -> Option<Vec<String>> {
    let mut spellings = vec![String::new()];
    let mut chars = text.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().map(Sign::Plain);
        let dash = opens_word(c, before.map(Sign::Plain), after.as_ref());
        let variants: &[char] = if dash { &DASHES } else { &[c] };
        if spellings.len() * variants.len() > most {
            return None;
        }
        let with = |text: &String| variants.iter().map(|c| format!("{text}{c}")).collect::<Vec<_>>();
        match variants {
            [c] => spellings.iter_mut().for_each(|text| text.push(*c)),
            _ => spellings = spellings.iter().flat_map(with).collect(),
        }
        before = Some(c);
    }
    Some(spellings)
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A stretch with `?` between two `*` that is too long to search for at bounded cost.
    pub fn compile(text: &str, anchor: Anchor, reading: Reading) -> Result<Self, TooLong> {
        Self::of_signs(signs(text), anchor, reading)
    }

    /// A pattern of plain text, in which no character has a meaning.
    pub fn literal(text: &str, anchor: Anchor, prepare: fn(char) -> char) -> Self {
        let reading = Reading { prepare, any_dash: false };
        Self::of_signs(text.chars().map(Sign::Plain), anchor, reading).expect("plain text has no stretch with `?`")
    }

    fn of_signs(signs: impl Iterator<Item = Sign>, anchor: Anchor, reading: Reading) -> Result<Self, TooLong> {
        let mut segments = vec![Segment::default()];
        if matches!(anchor, Anchor::End | Anchor::Inside) {
            segments.push(Segment::default());
        }
        let mut signs = signs.peekable();
        let mut before = None;
        while let Some(sign) = signs.next() {
            let last = segments.last_mut().expect("there is always one");
            match sign {
                Sign::AnyText => segments.push(Segment::default()),
                Sign::AnyCharacter => last.push_any(),
                Sign::Plain(c) if reading.any_dash && opens_word(c, before, signs.peek()) => {
                    last.pieces.push(Piece::AnyDash);
                }
                Sign::Plain(c) => last.push((reading.prepare)(c)),
            }
            before = Some(sign);
        }
        if matches!(anchor, Anchor::Start | Anchor::Inside) {
            segments.push(Segment::default());
        }
        Self::of(segments)
    }

    /// A text that fits: the shortest one.
    pub fn example(&self) -> String {
        let pieces = self.segments.iter().flat_map(|segment| &segment.pieces);
        let example = |piece: &Piece| match piece {
            Piece::Literal(literal) => literal.clone(),
            Piece::AnyOf(count) => "x".repeat(*count),
            Piece::AnyDash => DASHES[0].into(),
        };
        pieces.map(example).collect()
    }

    /// How it looks to an index.
    pub fn shape(&self) -> Shape<'_> {
        let pieces: Vec<&[Piece]> = self.segments.iter().map(|segment| segment.pieces.as_slice()).collect();
        match pieces.as_slice() {
            [[]] => Shape::Exactly(""),
            [[Piece::Literal(text)]] => Shape::Exactly(text),
            [[Piece::Literal(text)], []] => Shape::Only(Required::Start(text)),
            [[], [Piece::Literal(text)]] => Shape::Only(Required::End(text)),
            [[], [Piece::Literal(text)], []] => Shape::Only(Required::Inside(text)),
            _ => Shape::AtLeast(self.required()),
        }
    }

    /// The literal stretches, each with what is known of its place.
    fn required(&self) -> Vec<Required<'_>> {
        let mut required = Vec::new();
        for (number, segment) in self.segments.iter().enumerate() {
            for (at, piece) in segment.pieces.iter().enumerate() {
                let Piece::Literal(text) = piece else { continue };
                let begins = number == 0 && at == 0;
                let ends = number == self.segments.len() - 1 && at == segment.pieces.len() - 1;
                required.push(match (begins, ends) {
                    (true, _) => Required::Start(text),
                    (false, true) => Required::End(text),
                    (false, false) => Required::Inside(text),
                });
            }
        }
        required
    }

    fn of(mut segments: Vec<Segment>) -> Result<Self, TooLong> {
        let has_stars = segments.len() > 1;
        let last = segments.len() - 1;
        // Between the two ends an empty stretch says nothing: `a**b` is `a*b`.
        let mut place = 0;
        segments.retain(|segment| {
            let at_an_end = place == 0 || place == last;
            place += 1;
            at_an_end || !segment.pieces.is_empty()
        });
        let last = segments.len() - 1;
        segments.get_mut(1..last).unwrap_or_default().iter_mut().try_for_each(Segment::float)?;
        Ok(Self { segments: segments.into(), has_stars })
    }

    /// Whether it matches every text, or every text that is not empty.
    pub fn is_universal(&self) -> bool {
        self.has_stars
            && self.segments.iter().flat_map(|segment| &segment.pieces).all(|piece| *piece == Piece::AnyOf(1))
            && self.segments.iter().filter(|segment| !segment.pieces.is_empty()).count() <= 1
    }

    /// Whether a text, prepared as the pattern was, fits.
    pub fn matches(&self, text: &str) -> bool {
        let (first, rest) = self.segments.split_first().expect("a pattern has a segment");
        let Some(after_first) = first.match_start(text) else { return false };
        let Some((last, floating)) = rest.split_last() else { return after_first.is_empty() };
        let Some(mut between) = last.match_end(after_first) else { return false };
        floating.iter().all(|segment| match segment.find(between) {
            Some(after) => {
                between = after;
                true
            }
            None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold::{fold, fold_text};
    use super::*;

    fn fits(pattern: &str, anchor: Anchor, text: &str) -> bool {
        Pattern::compile(pattern, anchor, FOLDED).unwrap().matches(&fold_text(text))
    }

    const FOLDED: Reading = Reading { prepare: fold, any_dash: false };

    #[test]
    fn wildcards_and_escapes_are_sigmas() {
        for (pattern, yes, no) in [
            ("abc", "ABC", "abcd"),
            ("a*c", "a--c", "a--cd"),
            ("a*", "a", "ba"),
            ("*c", "abc", "abcd"),
            ("*b*", "abc", "ac"),
            ("a?c", "aéc", "ac"),
            ("??", "ab", "abc"),
            ("a*b*c", "aXbYc", "aXcYb"),
            ("a**c", "abc", "abd"),
            ("*a?c*d", "xabcyd", "xacyd"),
            ("*ab*ab", "abab", "ab"),
            ("a*a", "aa", "a"),
            (r"c:\windows\*", r"C:\Windows*", r"C:\Windows\x"),
            (r"c:\windows\\*", r"C:\Windows\x", r"C:\Windows"),
            (r"a\*b", "a*b", "axb"),
            (r"a\?b", "a?b", "axb"),
            (r"a\\b", r"a\b", r"a\\b"),
            (r"a\\\*", r"a\*", r"a\x"),
            (r"a\\\\b", r"a\\b", r"a\b"),
            (r"c:\users\", r"c:\users\", r"c:\users"),
            ("", "", "a"),
            ("*", "", "no"),
        ] {
            assert!(fits(pattern, Anchor::Whole, yes), "`{pattern}` fits `{yes}`");
            assert!(pattern == "*" || !fits(pattern, Anchor::Whole, no), "`{pattern}` does not fit `{no}`");
        }
    }

    #[test]
    fn anchors_loosen_the_ends() {
        for (anchor, fitting) in [
            (Anchor::Whole, [true, false, false, false]),
            (Anchor::Start, [true, true, false, false]),
            (Anchor::End, [true, false, true, false]),
            (Anchor::Inside, [true, true, true, true]),
        ] {
            let found = ["a-b", "a-b.", ".a-b", ".a-b."].map(|text| fits("A?B", anchor, text));
            assert_eq!(found, fitting, "{anchor:?}");
        }
    }

    #[test]
    fn what_matches_everything_is_known() {
        for (pattern, anchor, universal) in [
            ("*", Anchor::Whole, true),
            ("**", Anchor::Whole, true),
            ("?*", Anchor::Whole, true),
            ("", Anchor::Inside, true),
            ("", Anchor::Start, true),
            ("", Anchor::Whole, false),
            ("?", Anchor::Whole, false),
            ("??*", Anchor::Whole, false),
            ("a*", Anchor::Whole, false),
        ] {
            let compiled = Pattern::compile(pattern, anchor, FOLDED).unwrap();
            assert_eq!(compiled.is_universal(), universal, "{pattern} {anchor:?}");
        }
    }

    #[test]
    fn hostile_patterns_have_a_limit_and_hostile_texts_a_bounded_cost() {
        let long = format!("*{}?b*", "a".repeat(300));
        assert_eq!(Pattern::compile(&long, Anchor::Whole, FOLDED), Err(TooLong));
        let widest = format!("*{}?b*", "a".repeat(200));
        assert!(!fits(&widest, Anchor::Whole, &"a".repeat(1 << 20)));
        let full = format!("*{}*", "?".repeat(200_000));
        assert!(!fits(&full, Anchor::Whole, &"é".repeat(199_999)));
        let many_stars = "*a".repeat(100_000);
        assert!(!fits(&many_stars, Anchor::Whole, &"ab".repeat(50_000)));
        assert!(fits(&many_stars, Anchor::Whole, &"a".repeat(100_000)));
    }

    #[test]
    fn a_stretch_that_floats_is_found_where_it_stands_first() {
        let fill = "y".repeat(70);
        for (pattern, text, fitting) in [
            ("*a?a?b*", "aaaaab", true),
            ("*a?a?b*", "aacab", false),
            ("*a??*??b*", "a12345b", true),
            ("*a??*??b*", "a123b", false),
            ("*é?漢*", "éxé漢漢", true),
            ("*é?漢*", "é漢", false),
            ("*????*", "漢漢é", false),
            ("*????*", "漢漢éx", true),
            (&format!("*x{fill}?{fill}z*"), &format!("x{fill}yy{fill}yzx{fill}-{fill}z"), true),
            (&format!("*x{fill}?{fill}z*"), &format!("x{fill}yy{fill}yzx{fill}--{fill}z"), false),
            (&format!("*x{fill}?{fill}z*y"), &format!("x{fill}-{fill}z"), false),
        ] {
            assert_eq!(fits(pattern, Anchor::Whole, text), fitting, "`{pattern}` and `{text}`");
        }
    }

    #[test]
    fn a_dash_before_a_word_is_any_dash() {
        let any_dash = Reading { any_dash: true, ..FOLDED };
        let fits = |pattern: &str, text: &str| {
            Pattern::compile(pattern, Anchor::Inside, any_dash).unwrap().matches(&fold_text(text))
        };
        for (pattern, yes, no) in [
            (" -enc", "x /ENC", "x +enc"),
            ("/b a-c", "\u{2013}b a-c", "-b a/c"),
            ("-x -y", "/x \u{2014}y", "xx -y"),
            ("*-e*", "\u{2015}e", "_e"),
            ("a -", "a -", "a /"),
        ] {
            assert!(fits(pattern, yes), "`{pattern}` fits `{yes}`");
            assert!(!fits(pattern, no), "`{pattern}` does not fit `{no}`");
        }
        assert_eq!(dash_spellings("a -b", 5).unwrap().len(), 5);
        assert_eq!(dash_spellings("-a -b", 24), None);
        assert_eq!(dash_spellings("a-b", 1).unwrap(), ["a-b"]);
    }

    #[test]
    fn an_index_sees_what_a_pattern_asks() {
        use Required::{End, Inside, Start};
        let shape =
            |pattern, anchor, check: fn(Shape<'_>)| check(Pattern::compile(pattern, anchor, FOLDED).unwrap().shape());
        shape("A\\*b", Anchor::Whole, |shape| assert_eq!(shape, Shape::Exactly("a*b")));
        shape("", Anchor::Whole, |shape| assert_eq!(shape, Shape::Exactly("")));
        shape("ab*", Anchor::Whole, |shape| assert_eq!(shape, Shape::Only(Start("ab"))));
        shape("ab", Anchor::End, |shape| assert_eq!(shape, Shape::Only(End("ab"))));
        shape("*ab", Anchor::Start, |shape| assert_eq!(shape, Shape::Only(Inside("ab"))));
        shape("a?b", Anchor::Whole, |shape| assert_eq!(shape, Shape::AtLeast(vec![Start("a"), End("b")])));
        shape("?b*c*d", Anchor::Whole, |shape| {
            assert_eq!(shape, Shape::AtLeast(vec![Inside("b"), Inside("c"), End("d")]));
        });
        shape("*", Anchor::Whole, |shape| assert_eq!(shape, Shape::AtLeast(vec![])));
    }
}
