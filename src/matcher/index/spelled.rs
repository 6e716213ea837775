//! The texts of many values one behind the other: to look through them at once costs a fraction of what it costs to begin
//! anew with each.

use crate::matcher::fold::fold_text;
use crate::matcher::pattern::{Pattern, Required, Shape};
use crate::matcher::predicate::TextTest;
use crate::matcher::subject::read_address;
use crate::matcher::value::Value;
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::BuildHasher;

/// What stands in front of each text and behind it. It may also stand in one: then it is looked at in vain.
const END: char = '\n';

/// How the texts are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// As they are written.
    AsWritten,
    /// Case folded.
    Folded,
    /// As that, and those that are an address also as addresses are written.
    Addresses,
}

impl Spelling {
    /// All of them.
    pub const COUNT: usize = 3;

    /// The one that a test looks at.
    pub fn of(test: &TextTest) -> Self {
        match test {
            TextTest { is_address: true, .. } => Self::Addresses,
            TextTest { cased: true, .. } => Self::AsWritten,
            _ => Self::Folded,
        }
    }
}

/// The texts of many values.
#[derive(Debug)]
pub struct Spelled {
    texts: String,
    /// Where each ends.
    ends: Vec<usize>,
    /// The number of a text that is there, by its hash, once it was asked for. Others of the same hash stand behind it.
    known: Option<HashMap<u64, usize, foldhash::fast::RandomState>>,
}

impl Spelled {
    /// Of these values.
    pub fn new<'v>(values: impl Iterator<Item = Value<'v>>, spelling: Spelling) -> Self {
        let mut spelled = Self { texts: END.into(), ends: Vec::new(), known: None };
        for value in values {
            match (value, spelling) {
                (Value::Text(text), Spelling::Folded) => spelled.push(&fold_text(text)),
                (Value::Text(text), Spelling::Addresses) => {
                    spelled.push(&fold_text(text));
                    read_address(text).into_iter().for_each(|address| spelled.push(&address.to_string()));
                }
                (value, _) => {
                    _ = value.spelled(|text| {
                        spelled.push(text);
                        true
                    })
                }
            }
        }
        spelled
    }

    fn push(&mut self, text: &str) {
        self.texts.push_str(text);
        self.ends.push(self.texts.len());
        self.texts.push(END);
    }

    fn text(&self, number: usize) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]) + END.len_utf8();
        &self.texts[start..self.ends[number]]
    }

    /// All of them.
    pub fn together(&self) -> &str {
        &self.texts
    }

    /// Whether one of them fits a pattern.
    pub fn any_fits(&mut self, pattern: &Pattern) -> bool {
        let required = match pattern.shape() {
            Shape::Exactly(text) => return self.holds(text),
            Shape::Only(only) => vec![only],
            Shape::AtLeast(required) => required,
        };
        let Some(longest) = required.into_iter().max_by_key(|required| required.text().len()) else {
            return (0..self.ends.len()).any(|number| pattern.matches(self.text(number)));
        };
        let literal = match longest {
            Required::Start(text) => Cow::Owned(format!("{END}{text}")),
            Required::End(text) => Cow::Owned(format!("{text}{END}")),
            Required::Inside(text) => Cow::Borrowed(text),
        };
        let finder = Finder::new(&*literal);
        let (mut from, mut number) = (0, 0);
        while let Some(found) = finder.find(&self.texts.as_bytes()[from..]) {
            // Where it ends tells the text: what begins it may stand in front.
            let at = from + found + literal.len() - 1;
            number += reaching(&self.ends[number..], at);
            let Some(end) = self.ends.get(number) else { return false };
            if pattern.matches(self.text(number)) {
                return true;
            }
            // The same may begin the next.
            from = *end;
            number += 1;
        }
        false
    }

    /// Whether one of them is this.
    fn holds(&mut self, text: &str) -> bool {
        let known = self.known.take().unwrap_or_else(|| self.by_hash());
        let first = known.get(&known.hasher().hash_one(text)).copied();
        self.known = Some(known);
        first.is_some_and(|first| (first..self.ends.len()).any(|number| self.text(number) == text))
    }

    fn by_hash(&self) -> HashMap<u64, usize, foldhash::fast::RandomState> {
        let mut known = HashMap::with_hasher(foldhash::fast::RandomState::default());
        for number in 0..self.ends.len() {
            let hash = known.hasher().hash_one(self.text(number));
            known.entry(hash).or_insert(number);
        }
        known
    }
}

/// How many of these ends lie before a place: mostly none or few.
fn reaching(ends: &[usize], at: usize) -> usize {
    const FEW: usize = 8;
    let near = ends.iter().take(FEW).position(|end| *end >= at);
    near.unwrap_or_else(|| ends.partition_point(|end| *end < at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::fold::fold;
    use crate::matcher::pattern::{Anchor, Reading};

    #[test]
    fn a_pattern_fits_together_what_it_fits_one_by_one() {
        let texts =
            ["", "a", "ab", "ba", "a-b", "b\na", "a\nb", "\n", "xab", "abx", "aXb", "ca", "bc", "é", "10.0.0.1"];
        let reading = Reading { prepare: fold, any_dash: false };
        for written in [
            "", "a", "ab", "a?b", "a*b", "b*", "a*b*x", "?", "??", "*a?", "\n", "\na", "a\nb", "b\n*a", "*\n*a*", "é?",
            "z",
        ] {
            for anchor in [Anchor::Whole, Anchor::Start, Anchor::End, Anchor::Inside] {
                let pattern = Pattern::compile(written, anchor, reading).unwrap();
                // Each alone, beside one before and one behind, and all.
                for from in 0..texts.len() {
                    for some in [&texts[from..=from], &texts[from..texts.len().min(from + 2)], &texts[from..]] {
                        let values = some.iter().map(|text| Value::Text(text));
                        let mut spelled = Spelled::new(values, Spelling::Folded);
                        let alone = some.iter().any(|text| pattern.matches(&fold_text(text)));
                        assert_eq!(spelled.any_fits(&pattern), alone, "`{written}` {anchor:?} {some:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn values_are_spelled_as_tests_look_at_them() {
        let values = [Value::Text("::FFFF:10.0.0.1"), Value::Text("Ab"), Value::Bool(true), Value::Null];
        let spelled = |spelling| Spelled::new(values.into_iter(), spelling).together().to_owned();
        assert_eq!(spelled(Spelling::AsWritten), "\n::FFFF:10.0.0.1\nAb\ntrue\n");
        assert_eq!(spelled(Spelling::Folded), "\n::ffff:10.0.0.1\nab\ntrue\n");
        assert_eq!(spelled(Spelling::Addresses), "\n::ffff:10.0.0.1\n10.0.0.1\nab\ntrue\n");
    }
}
