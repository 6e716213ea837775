//! The values of a field that tests ask for, made ready for them.

use super::atoms::FieldId;
use super::extremes::Extremes;
use super::put::Kept;
use super::regex_literals::looks_inside_alone;
use crate::matcher::predicate::Predicate;
use regex::Regex;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::ops::Range;

/// So many values are put to an expression one by one.
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
    /// The least and the greatest, once a range asked: thousands may.
    extremes: Option<Extremes>,
    /// All of them one behind the other, once an expression asked for many.
    together: Option<String>,
    /// Where each text stands that is there, by its hash, once a text asked for many: thousands may. The rest of those of one
    /// hash are looked for one by one.
    texts: Option<HashMap<u64, usize, foldhash::fast::RandomState>>,
}

impl Ready {
    /// Of a field, among values that are kept sorted by their fields; unescapes them.
    pub fn new(field: FieldId, kept: &mut [Kept<'_>], texts: &mut String) -> Self {
        let start = kept.partition_point(|kept| kept.field < field);
        let end = start + kept[start..].partition_point(|kept| kept.field == field);
        kept[start..end].iter_mut().for_each(|kept| kept.unescape(texts));
        Self { field, of: start..end, are_folded: false, extremes: None, together: None, texts: None }
    }

    /// Whether one of the values passes a test; they stand among the same that are kept.
    pub fn any_passes(&mut self, test: &Test, kept: &mut [Kept<'_>], texts: &mut String) -> bool {
        let kept = &mut kept[self.of.clone()];
        match test {
            Test::Regex { regex, looks_inside_alone } => {
                let may_match = kept.len() <= FEW || !looks_inside_alone || self.may_match(regex, kept, texts);
                may_match && kept.iter().any(|kept| kept.value(texts).spelled(|text| regex.is_match(text)))
            }
            Test::Other(test) if Extremes::tell(test) => {
                let subjects = kept.iter().map(|kept| kept.subject(texts));
                self.extremes.get_or_insert_with(|| subjects.collect()).answer(test)
            }
            Test::Other(test) => {
                if kept.len() > FEW
                    && let Predicate::Text(test) = test
                    && let Some(text) = test.only_text()
                {
                    return self.is_there(text, kept, texts);
                }
                if !std::mem::replace(&mut self.are_folded, true) {
                    kept.iter_mut().for_each(|kept| kept.fold(texts));
                }
                kept.iter().any(|kept| test.holds(&kept.subject(texts)))
            }
        }
    }

    /// Whether one of the values is this text, as it is written.
    fn is_there(&mut self, text: &str, kept: &[Kept<'_>], texts: &str) -> bool {
        let known = self.texts.get_or_insert_with(|| {
            let mut known = HashMap::with_hasher(foldhash::fast::RandomState::default());
            for (number, kept) in kept.iter().enumerate() {
                kept.value(texts).spelled(|text| {
                    let hash = known.hasher().hash_one(text);
                    known.entry(hash).or_insert(number);
                    false
                });
            }
            known
        });
        let first = known.get(&known.hasher().hash_one(text)).copied();
        first.is_some_and(|first| kept[first..].iter().any(|kept| kept.value(texts).spelled(|other| other == text)))
    }

    /// Whether an expression may find something in one of the values. To look through many together costs a fraction of what
    /// it costs to begin anew with each.
    fn may_match(&mut self, regex: &Regex, kept: &[Kept<'_>], texts: &str) -> bool {
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
