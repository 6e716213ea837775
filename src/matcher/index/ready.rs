//! The values of a field that tests ask for, made ready for them.

use super::atoms::FieldId;
use super::extremes::Extremes;
use super::kept::Kept;
use super::together::Together;
use crate::matcher::expression::looks_inside_alone;
use crate::matcher::predicate::Predicate;
use crate::matcher::subject::Subject;
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
    are_many: bool,
    /// Whether any of them are numbers kept as they are written.
    has_numbers: bool,
    are_folded: bool,
    /// Mostly nobody asks.
    together: Option<Box<Together>>,
}

impl Ready {
    /// Of a field, among values that are kept sorted by their fields; unescapes them.
    pub fn new(field: FieldId, kept: &mut [Kept<'_>], texts: &mut String) -> Self {
        let start = kept.partition_point(|kept| kept.field < field);
        let end = start + kept[start..].partition_point(|kept| kept.field == field);
        // Each number takes two bytes at least, with the comma before it.
        let (mut most, mut has_numbers) = (end - start, false);
        for kept in &mut kept[start..end] {
            kept.unescape(texts);
            if let Some(numbers) = kept.written_numbers() {
                most += numbers.len() / 2;
                has_numbers = true;
            }
        }
        Self { field, of: start..end, are_many: most > FEW, has_numbers, are_folded: false, together: None }
    }

    /// Whether one of the values passes a test; they stand among the same that are kept.
    pub fn any_passes(&mut self, test: &Test, kept: &mut [Kept<'_>], texts: &mut String) -> bool {
        let kept = &mut kept[self.of.clone()];
        match test {
            Test::Other(other) if !self.are_many && !Extremes::tell(other) => {
                if !std::mem::replace(&mut self.are_folded, true) {
                    kept.iter_mut().for_each(|kept| kept.fold(texts));
                }
                let mut numbers = kept.iter().flat_map(Kept::numbers).map(Subject::new);
                kept.iter().filter_map(|kept| kept.subject(texts)).any(|subject| other.holds(&subject))
                    || (self.has_numbers && numbers.any(|subject| other.holds(&subject)))
            }
            _ => {
                let with_numbers = if self.has_numbers { &kept[..] } else { &[] };
                let numbers = with_numbers.iter().flat_map(Kept::numbers);
                let mut values = kept.iter().filter_map(|kept| kept.value(texts)).chain(numbers);
                match test {
                    _ if self.are_many => self.together().any_passes(test, values),
                    Test::Regex { regex, .. } => values.any(|value| value.spelled(|text| regex.is_match(text))),
                    // Thousands of ranges may ask.
                    Test::Other(test) => self.together().extreme_passes(test, values),
                }
            }
        }
    }

    fn together(&mut self) -> &mut Together {
        self.together.get_or_insert_default()
    }
}
