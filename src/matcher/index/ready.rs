//! The values of a field that tests ask for, made ready for them.

use super::atoms::FieldId;
use super::extremes::Extremes;
use super::put::Kept;
use super::regex_literals::looks_inside_alone;
use regex::Regex;
use std::ops::Range;

/// So many values are put to an expression one by one.
const FEW: usize = 64;

/// The values of a field.
#[derive(Debug)]
pub struct Ready {
    /// The field.
    pub field: FieldId,
    /// Which of those that are kept they are.
    pub of: Range<usize>,
    /// Whether they were folded.
    pub are_folded: bool,
    /// The least and the greatest, once a range asked: thousands may.
    pub extremes: Option<Extremes>,
    /// All of them one behind the other, once an expression asked for many.
    together: Option<String>,
}

impl Ready {
    /// Of a field, as yet unfolded.
    pub fn new(field: FieldId, of: Range<usize>) -> Self {
        Self { field, of, are_folded: false, extremes: None, together: None }
    }

    /// Whether an expression may find something in one of the values, which are these. To look through many together costs a
    /// fraction of what it costs to begin anew with each.
    pub fn may_match(&mut self, regex: &Regex, kept: &[Kept<'_>], texts: &str) -> bool {
        if kept.len() <= FEW || !looks_inside_alone(regex.as_str()) {
            return true;
        }
        let together = self.together.get_or_insert_with(|| {
            let mut together = String::new();
            for kept in kept {
                kept.value(texts).spelled(|text| {
                    together.push_str(text);
                    together.push('\n');
                    false
                });
            }
            together
        });
        regex.is_match(together)
    }
}
