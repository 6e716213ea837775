//! The values of a field that tests ask for, made ready for them.

use super::atoms::FieldId;
use super::extremes::Extremes;
use super::kept::Kept;
use super::together::Together;
use crate::matcher::expression::looks_inside_alone;
use crate::matcher::predicate::Predicate;
use regex::Regex;
use std::ops::Range;

/// So many values are put to a test one by one.
const FEW: usize = 64;

/// A test that no table answers.
#[derive(Debug)]
pub enum Test {
    /// An expression, and whether it finds in a text whatever it finds in a part of it.
    Regex { regex: Regex, looks_inside_alone: bool },
    /// Another one.
    Other(Predicate),
}

impl Test {
    /// Of a predicate.
    pub fn new(predicate: &Predicate) -> Self {
        match predicate {
            Predicate::Regex(regex) => {
                Self::Regex { regex: regex.clone(), looks_inside_alone: looks_inside_alone(regex.as_str()) }
            }
            other => Self::Other(other.clone()),
        }
    }
}

/// The values of a field.
#[derive(Debug)]
pub struct Ready {
    /// The field.
    pub field: FieldId,
    /// Which of those that are kept they are.
    of: Range<usize>,
    are_folded: bool,
    /// Mostly nobody asks.
    together: Option<Box<Together>>,
}

impl Ready {
    /// Of a field, among values that are kept sorted by their fields; unescapes them.
    pub fn new(field: FieldId, kept: &mut [Kept<'_>], texts: &mut String) -> Self {
        let start = kept.partition_point(|kept| kept.field < field);
        let end = start + kept[start..].partition_point(|kept| kept.field == field);
        kept[start..end].iter_mut().for_each(|kept| kept.unescape(texts));
        Self { field, of: start..end, are_folded: false, together: None }
    }

    /// Whether one of the values passes a test; they stand among the same that are kept.
    pub fn any_passes(&mut self, test: &Test, kept: &mut [Kept<'_>], texts: &mut String) -> bool {
        let kept = &mut kept[self.of.clone()];
        if kept.len() > FEW {
            return self.together().any_passes(test, kept.iter().map(|kept| kept.value(texts)));
        }
        match test {
            Test::Regex { regex, .. } => kept.iter().any(|kept| kept.value(texts).spelled(|text| regex.is_match(text))),
            // Thousands of ranges may ask.
            Test::Other(test) if Extremes::tell(test) => {
                self.together().extreme_passes(test, kept.iter().map(|kept| kept.value(texts)))
            }
            Test::Other(test) => {
                if !std::mem::replace(&mut self.are_folded, true) {
                    kept.iter_mut().for_each(|kept| kept.fold(texts));
                }
                kept.iter().any(|kept| test.holds(&kept.subject(texts)))
            }
        }
    }

    fn together(&mut self) -> &mut Together {
        self.together.get_or_insert_default()
    }
}
