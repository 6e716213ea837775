//! A stretch of a pattern between two `*`: it fits a fixed number of characters.

use super::DASHES;

/// The most characters between two `*` where a `?` or a dash of any kind stands among them: it bounds the cost of one
/// search.
const MAX_FLOATING: usize = 256;

/// What a pattern with a `?` between two `*` may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stretch with `?` or `windash` between two `*` has at most {MAX_FLOATING} characters")]
pub struct TooLong;

/// A stretch without `*`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Segment {
    pub pieces: Vec<Piece>,
    /// How it is looked for where it may stand anywhere and is more than one literal.
    places: Option<Box<Places>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Piece {
    Literal(String),
    AnyOf(usize),
    AnyDash,
}

impl Segment {
    pub fn push(&mut self, c: char) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(literal)) => literal.push(c),
            _ => self.pieces.push(Piece::Literal(c.into())),
        }
    }

    pub fn push_any(&mut self) {
        match self.pieces.last_mut() {
            Some(Piece::AnyOf(count)) => *count += 1,
            _ => self.pieces.push(Piece::AnyOf(1)),
        }
    }

    /// Makes it one that can be looked for.
    pub fn float(&mut self) -> Result<(), TooLong> {
        if !matches!(self.pieces.as_slice(), [] | [Piece::Literal(_) | Piece::AnyOf(_)]) {
            self.places = Some(Box::new(Places::of(&self.pieces)?));
        }
        Ok(())
    }

    /// The text after the segment, if the text begins with it.
    pub fn match_start<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.pieces.iter().try_fold(text, |text, piece| match piece {
            Piece::Literal(literal) => text.strip_prefix(literal.as_str()),
            Piece::AnyOf(count) => {
                let mut chars = text.chars();
                (chars.by_ref().take(*count).count() == *count).then_some(chars.as_str())
            }
            Piece::AnyDash => text.strip_prefix(DASHES),
        })
    }

    /// The text before the segment, if the text ends with it.
    pub fn match_end<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.pieces.iter().rev().try_fold(text, |text, piece| match piece {
            Piece::Literal(literal) => text.strip_suffix(literal.as_str()),
            Piece::AnyOf(count) => {
                let mut chars = text.chars();
                (chars.by_ref().rev().take(*count).count() == *count).then_some(chars.as_str())
            }
            Piece::AnyDash => text.strip_suffix(DASHES),
        })
    }

    /// The text after the first place where the segment stands, which floats.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        match (self.pieces.as_slice(), &self.places) {
            ([Piece::Literal(literal)], _) => text.find(literal.as_str()).map(|at| &text[at + literal.len()..]),
            (_, Some(places)) => {
                // Most texts lack its literals, which is found out much faster.
                let longest = self.literals().max_by_key(|literal| literal.len());
                let may_stand = longest.is_none_or(|literal| text.contains(literal));
                may_stand.then(|| places.find(text))?.map(|end| &text[end..])
            }
            // What fits any character stands here or nowhere.
            (_, None) => self.match_start(text),
        }
    }

    fn literals(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| if let Piece::Literal(text) = piece { Some(text.as_str()) } else { None })
    }
}

/// A set of the places of a segment's characters.
type PlaceSet = [u64; MAX_FLOATING / 64];

/// Which characters fit which places of a segment: a search that steps through a text once, keeping for all places at the same
/// time whether the segment up to there stands right before. (Bit-parallel "shift-and", Baeza-Yates and Gonnet 1992.)
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Places {
    length: usize,
    /// Where any character fits.
    any: PlaceSet,
    /// Where a character fits that is asked for somewhere, sorted.
    of: Vec<(char, PlaceSet)>,
}

impl Places {
    fn of(pieces: &[Piece]) -> Result<Self, TooLong> {
        let mut length = 0;
        let mut any = PlaceSet::default();
        let mut of = std::collections::BTreeMap::<char, PlaceSet>::new();
        let mut fits = |character: Option<char>, place: usize| {
            if place >= MAX_FLOATING {
                return Err(TooLong);
            }
            let set = character.map_or(&mut any, |character| of.entry(character).or_default());
            set[place / 64] |= 1 << (place % 64);
            Ok(())
        };
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => {
                    for character in literal.chars() {
                        fits(Some(character), length)?;
                        length += 1;
                    }
                }
                Piece::AnyOf(count) => {
                    (length..length + count).try_for_each(|place| fits(None, place))?;
                    length += count;
                }
                Piece::AnyDash => {
                    DASHES.iter().try_for_each(|dash| fits(Some(*dash), length))?;
                    length += 1;
                }
            }
        }
        let mut of: Vec<_> = of.into_iter().collect();
        of.iter_mut().for_each(|(_, set)| std::iter::zip(set, any).for_each(|(word, any)| *word |= any));
        Ok(Self { length, any, of })
    }

    /// Where the segment ends that stands first in a text.
    fn find(&self, text: &str) -> Option<usize> {
        let words = self.length.div_ceil(64);
        let (last, bit) = ((self.length - 1) / 64, (self.length - 1) % 64);
        let mut before = PlaceSet::default();
        for (at, character) in text.char_indices() {
            let fitting = match self.of.binary_search_by_key(&character, |(known, _)| *known) {
                Ok(known) => &self.of[known].1,
                Err(_) => &self.any,
            };
            let mut carry = 1;
            for (word, fitting) in std::iter::zip(&mut before[..words], fitting) {
                let shifted = *word << 1 | carry;
                carry = *word >> 63;
                *word = shifted & fitting;
            }
            if before[last] >> bit & 1 != 0 {
                return Some(at + character.len_utf8());
            }
        }
        None
    }
}
