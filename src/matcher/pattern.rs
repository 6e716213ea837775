//! Sigma's text patterns: `*` for any stretch, `?` for one character, `\` to take them literally.

/// The most characters between two `*` where a `?` stands among them: it bounds the cost of one search.
pub const MAX_FLOATING: usize = 256;

/// A compiled pattern. Matching costs at most the text's length times [`MAX_FLOATING`], and mostly just the length.
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

/// What a pattern with a `?` between two `*` may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stretch with `?` between two `*` has at most {MAX_FLOATING} characters")]
pub struct TooLong;

/// A stretch without `*`: its length in characters is fixed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Segment {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Piece {
    Literal(String),
    AnyOf(usize),
}

impl Pattern {
    /// Reads a pattern. `prepare` is applied to literal characters: case folding, or nothing.
    ///
    /// # Errors
    /// A stretch with `?` between two `*` that is too long to search for at bounded cost.
    pub fn compile(text: &str, anchor: Anchor, prepare: impl Fn(char) -> char) -> Result<Self, TooLong> {
        let mut segments = vec![Segment::default()];
        if matches!(anchor, Anchor::End | Anchor::Inside) {
            segments.push(Segment::default());
        }
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let last = segments.last_mut().expect("there is always one");
            match c {
                '*' => segments.push(Segment::default()),
                '?' => last.push_any(),
                '\\' => last.push(chars.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\')),
                c => last.push(prepare(c)),
            }
        }
        if matches!(anchor, Anchor::Start | Anchor::Inside) {
            segments.push(Segment::default());
        }
        Self::of(segments)
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
        let floating = segments.get(1..segments.len() - 1).unwrap_or_default();
        if floating.iter().any(|segment| segment.pieces.len() > 1 && segment.length() > MAX_FLOATING) {
            return Err(TooLong);
        }
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

impl Segment {
    fn push(&mut self, c: char) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(literal)) => literal.push(c),
            _ => self.pieces.push(Piece::Literal(c.into())),
        }
    }

    fn push_any(&mut self) {
        match self.pieces.last_mut() {
            Some(Piece::AnyOf(count)) => *count += 1,
            _ => self.pieces.push(Piece::AnyOf(1)),
        }
    }

    fn length(&self) -> usize {
        let length = |piece: &Piece| match piece {
            Piece::Literal(literal) => literal.chars().count(),
            Piece::AnyOf(count) => *count,
        };
        self.pieces.iter().map(length).sum()
    }

    /// The text after the segment, if the text begins with it.
    fn match_start<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.pieces.iter().try_fold(text, |text, piece| match piece {
            Piece::Literal(literal) => text.strip_prefix(literal.as_str()),
            Piece::AnyOf(count) => {
                let mut chars = text.chars();
                (chars.by_ref().take(*count).count() == *count).then_some(chars.as_str())
            }
        })
    }

    /// The text before the segment, if the text ends with it.
    fn match_end<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.pieces.iter().rev().try_fold(text, |text, piece| match piece {
            Piece::Literal(literal) => text.strip_suffix(literal.as_str()),
            Piece::AnyOf(count) => {
                let mut chars = text.chars();
                (chars.by_ref().rev().take(*count).count() == *count).then_some(chars.as_str())
            }
        })
    }

    /// The text after the first place where the segment stands.
    fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self.pieces.as_slice() {
            [] => Some(text),
            [Piece::Literal(literal)] => text.find(literal.as_str()).map(|at| &text[at + literal.len()..]),
            _ => text.char_indices().find_map(|(at, _)| self.match_start(&text[at..])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold::{fold, fold_text};
    use super::*;

    fn fits(pattern: &str, anchor: Anchor, text: &str) -> bool {
        Pattern::compile(pattern, anchor, fold).unwrap().matches(&fold_text(text))
    }

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
            let compiled = Pattern::compile(pattern, anchor, fold).unwrap();
            assert_eq!(compiled.is_universal(), universal, "{pattern} {anchor:?}");
        }
    }

    #[test]
    fn hostile_patterns_have_a_limit_and_hostile_texts_a_bounded_cost() {
        let long = format!("*{}?b*", "a".repeat(300));
        assert_eq!(Pattern::compile(&long, Anchor::Whole, fold), Err(TooLong));
        let widest = format!("*{}?b*", "a".repeat(200));
        assert!(!fits(&widest, Anchor::Whole, &"a".repeat(1 << 20)));
        let many_stars = "*a".repeat(100_000);
        assert!(!fits(&many_stars, Anchor::Whole, &"ab".repeat(50_000)));
        assert!(fits(&many_stars, Anchor::Whole, &"a".repeat(100_000)));
    }
}
