//! The least and the greatest of a field's values: whether any of them lies in a range is told by those two.

use crate::clock::Timestamp;
use crate::matcher::number::Number;
use crate::matcher::predicate::{Order, Predicate};
use crate::matcher::subject::Subject;
use std::cmp::Ordering;

/// The extremes of one field. Whole numbers and others are kept apart: two wholes may differ and be nearest to one other.
#[derive(Debug, Default)]
pub struct Extremes {
    wholes: Option<[Number; 2]>,
    floats: Option<[Number; 2]>,
    times: Option<[Timestamp; 2]>,
}

impl Extremes {
    /// Whether a test is one that extremes answer.
    pub fn tell(test: &Predicate) -> bool {
        matches!(test, Predicate::Number(order, _) | Predicate::Time(order, _) if *order != Order::Equal)
    }

    fn add(&mut self, subject: &Subject<'_>) {
        if let Some(number) = subject.number() {
            let kind = if matches!(number, Number::Whole(_)) { &mut self.wholes } else { &mut self.floats };
            widen(kind, number, Number::order);
        }
        if let Some(at) = subject.instant() {
            widen(&mut self.times, at, |one, other| one.cmp(&other));
        }
    }

    /// Whether some value passes a test that extremes answer.
    pub fn answer(&self, test: &Predicate) -> bool {
        match test {
            Predicate::Number(order, limit) => {
                let mut extremes = [self.wholes, self.floats].into_iter().flatten().flatten();
                extremes.any(|number| order.holds(number.order(*limit)))
            }
            Predicate::Time(order, limit) => self.times.into_iter().flatten().any(|at| order.holds(at.cmp(limit))),
            _ => false,
        }
    }
}

impl<'s> FromIterator<Subject<'s>> for Extremes {
    fn from_iter<I: IntoIterator<Item = Subject<'s>>>(subjects: I) -> Self {
        let mut extremes = Self::default();
        subjects.into_iter().for_each(|subject| extremes.add(&subject));
        extremes
    }
}

fn widen<V: Copy>(extremes: &mut Option<[V; 2]>, value: V, order: impl Fn(V, V) -> Ordering) {
    let [least, greatest] = extremes.get_or_insert([value, value]);
    if order(value, *least).is_lt() {
        *least = value;
    }
    if order(value, *greatest).is_gt() {
        *greatest = value;
    }
}
