//! Which conditions cover another: the index is asked with values that would meet it, and what it finds is looked at
//! further. That keeps the comparison of each with each from growing with the square of their number.

use super::Index;
use super::run;
use super::scratch::Scratch;
use crate::alert::field::Field;
use crate::clock::Timestamp;
use crate::matcher::analysis::{Normal, covers};
use crate::matcher::expr::Condition;
use crate::matcher::number::Number;
use crate::matcher::predicate::{Order, Predicate};
use std::collections::HashMap;
use std::time::Duration;

/// The most conditions tried with one's samples, and the most of those met that are compared with it. Where thousands
/// ask for the same, not all that cover each other are found.
const MOST_TRIED: usize = 1_000;
const MOST_COMPARED: usize = 64;

/// A value that passes a test.
#[derive(Debug)]
pub enum Sample {
    /// A text.
    Text(String),
    /// A number.
    Number(Number),
    /// A flag.
    Bool(bool),
    /// An instant.
    Time(Timestamp),
}

impl Sample {
    /// Of a test; none where none is easily made.
    fn of(test: &Predicate) -> Option<Self> {
        Some(match test {
            Predicate::Text(text) => Self::Text(text.pattern.example()),
            Predicate::Number(order, number) => Self::Number(match order {
                Order::Equal | Order::AtMost | Order::AtLeast => *number,
                Order::Less => Number::Float(number.float() - 1.0),
                Order::Greater => Number::Float(number.float() + 1.0),
            }),
            Predicate::Address(address) => Self::Text(address.to_string()),
            Predicate::Network(network) => Self::Text(network.network().to_string()),
            Predicate::Word(words) => {
                let all = words.enumeration().words();
                Self::Text(
                    (0..all.len()).find(|place| words.contains_place(*place)).map(|place| all[place])?.to_owned(),
                )
            }
            Predicate::Bool(value) => Self::Bool(*value),
            Predicate::Time(order, at) => Self::Time(match order {
                Order::Equal | Order::AtMost | Order::AtLeast => *at,
                Order::Less => at.checked_sub(Duration::from_nanos(1)).ok()?,
                Order::Greater => at.checked_add(Duration::from_nanos(1)).ok()?,
            }),
            // What the expression itself says of it is not asked.
            Predicate::Regex(regex) => Self::Text(crate::matcher::expression::required(regex.as_str())?.swap_remove(0)),
            Predicate::TimePart(..) => Self::Time(Timestamp::UNIX_EPOCH),
        })
    }
}

impl<T> Index<T> {
    /// For each condition those that hold whenever it does, itself left out, as far as shapes tell: calls `found` with
    /// both, and whether they say the same.
    pub fn covered(&self, conditions: &[&Condition], mut found: impl FnMut(&T, &T, bool)) {
        let normals: Vec<Normal<'_>> = conditions.iter().map(|condition| Normal::of(&condition.expr)).collect();
        let mut firsts: HashMap<u64, usize> = HashMap::new();
        for (number, normal) in normals.iter().enumerate() {
            firsts.entry(normal.print()).or_insert(number);
        }
        let mut scratch = Scratch::new(&self.engine);
        for (number, normal) in normals.iter().enumerate() {
            let samples: Vec<(&Field, Sample)> =
                normal.sample().filter_map(|(field, test)| Some((field, Sample::of(test)?))).collect();
            // What says the same in all is told of the first of them; blocks, which have no samples, are found by that too.
            let first = firsts[&normal.print()];
            if first != number {
                found(&self.what[number], &self.what[first], true);
            }
            let others = run::matching_samples(&self.engine, &samples, MOST_TRIED, &mut scratch);
            let mut others: Vec<usize> = others.into_iter().map(|other| other as usize).collect();
            others.retain(|other| *other < normals.len() && normals[*other].print() != normal.print());
            // What asks for least covers most.
            others.sort_by_key(|other| (normals[*other].len(), *other));
            for other in others.into_iter().take(MOST_COMPARED) {
                if covers(&normals[other], normal) {
                    found(&self.what[number], &self.what[other], covers(normal, &normals[other]));
                }
            }
        }
    }
}
