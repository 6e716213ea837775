//! Whether parts of a condition ask for two things at once of a field that holds one text at most: to be `foo` and to begin
//! with `bar`.

use super::truth::place;
use crate::alert::field::{Column, Field, Origin};
use crate::matcher::expr::{Check, Clause, Expr};
use crate::matcher::pattern::Shape;
use crate::matcher::predicate::Predicate;
use crate::matcher::subject::Subject;
use crate::matcher::value::Value;

/// So many clauses are looked at, and so many tests put to a value, before the answer is that nothing is known.
const MOST_CLAUSES: usize = 128;
const MOST_TESTS: usize = 1 << 12;

/// Whether no alert meets all these parts, or all their opposites if `negated`. No is always a safe answer.
pub fn contradicts(parts: &[Expr], negated: bool) -> bool {
    let mut asked = Vec::new();
    parts.iter().for_each(|part| conjunction(part, negated, &mut asked));
    let mut tests_left = MOST_TESTS;
    let is_impossible = |one: &Asked<'_>| {
        let Some(values) = one.values() else { return false };
        let about_it: Vec<_> =
            asked.iter().filter(|other| place(&other.clause.field) == place(&one.clause.field)).collect();
        about_it.len() > 1
            && values.iter().all(|value| about_it.iter().any(|other| other.denies(value, &mut tests_left)))
    };
    asked.iter().any(is_impossible)
}

/// A clause that must hold, or must not.
#[derive(Debug, Clone, Copy)]
struct Asked<'e> {
    clause: &'e Clause,
    negated: bool,
}

/// A value that a field must have, or one that is the same but for case.
#[derive(Debug)]
struct Known<'e> {
    text: &'e str,
    /// Whether it is this one.
    is_exact: bool,
}

/// Adds what must hold for a part to hold, of fields that hold one text at most.
fn conjunction<'e>(part: &'e Expr, negated: bool, asked: &mut Vec<Asked<'e>>) {
    match part {
        _ if asked.len() >= MOST_CLAUSES => {}
        Expr::Clause(clause) if holds_one_text(&clause.field) => asked.push(Asked { clause, negated }),
        Expr::Selection(selection) => conjunction(&selection.expr, negated, asked),
        Expr::Not(part) => conjunction(part, !negated, asked),
        Expr::All(parts) | Expr::Any(parts) if parts.len() == 1 => conjunction(&parts[0], negated, asked),
        Expr::All(parts) if !negated => parts.iter().for_each(|part| conjunction(part, negated, asked)),
        Expr::Any(parts) if negated => parts.iter().for_each(|part| conjunction(part, negated, asked)),
        _ => {}
    }
}

fn holds_one_text(field: &Field) -> bool {
    field.steps.is_empty() && matches!(field.origin, Origin::Alert(column) if Column::ONE_TEXT.contains(&column))
}

impl<'e> Asked<'e> {
    /// The values one of which the field must have, if there are only so many.
    fn values(self) -> Option<Vec<Known<'e>>> {
        let tests: &[Predicate] = match &self.clause.check {
            Check::AnyOf(tests) if !self.negated => tests,
            Check::AllOf(tests) if !self.negated && tests.len() == 1 => tests,
            _ => return None,
        };
        let values = |test: &'e Predicate| match test {
            Predicate::Text(test) => match test.pattern.shape() {
                Shape::Exactly(text) if !test.is_address => Some(vec![Known { text, is_exact: test.cased }]),
                _ => None,
            },
            Predicate::Word(set) => {
                let words = set.enumeration().words().into_iter().filter(|word| set.contains(word));
                Some(words.map(|text| Known { text, is_exact: true }).collect())
            }
            _ => None,
        };
        let values: Option<Vec<_>> = tests.iter().map(values).collect();
        values.map(|values| values.into_iter().flatten().collect())
    }

    /// Whether this does not hold if the field has a value, as far as is known of that.
    fn denies(self, value: &Known<'_>, tests_left: &mut usize) -> bool {
        let subject = Subject::new(Value::Text(value.text));
        let mut is = |test: &Predicate, expected: bool| {
            let has_any_left = tests_left.checked_sub(1).map(|left| *tests_left = left).is_some();
            has_any_left && value.tells(test) && test.holds(&subject) == expected
        };
        match (&self.clause.check, self.negated) {
            (Check::Null, false) | (Check::Exists, true) => true,
            (Check::AnyOf(tests), false) => tests.iter().all(|test| is(test, false)),
            (Check::AnyOf(tests), true) => tests.iter().any(|test| is(test, true)),
            (Check::AllOf(tests), false) => tests.iter().any(|test| is(test, false)),
            (Check::AllOf(tests), true) => tests.iter().all(|test| is(test, true)),
            _ => false,
        }
    }
}

impl Known<'_> {
    /// Whether a test says the same of every text that this may be.
    fn tells(&self, test: &Predicate) -> bool {
        self.is_exact || matches!(test, Predicate::Text(test) if !test.cased && !test.is_address)
    }
}
