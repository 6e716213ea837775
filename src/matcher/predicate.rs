//! A test of one value: what a clause asks of each value its path leads to.

use super::expression::{finds_in_every_line, finds_in_every_text};
use super::instant::TimePart;
use super::number::Number;
use super::pattern::Pattern;
use super::subject::Subject;
use super::value::Value;
use crate::alert::{Severity, Status};
use crate::clock::Timestamp;
use ipnet::IpNet;
use regex::Regex;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

/// A test of one value. A value of another kind fails it.
#[derive(Debug, Clone)]
pub enum Predicate {
    /// The text fits a pattern.
    Text(TextTest),
    /// The number, or the number a text spells, stands in this order to another.
    Number(Order, Number),
    /// A regular expression finds something. Its flags stand in its text, so that the text says all it asks.
    Regex(Regex),
    /// It is this address.
    Address(IpAddr),
    /// It is an address of this network.
    Network(IpNet),
    /// It is one of some words of an enumeration.
    Word(WordSet),
    /// It is true, or false.
    Bool(bool),
    /// The instant stands in this order to another.
    Time(Order, Timestamp),
    /// A part of the instant, such as its hour, stands in this order to a number.
    TimePart(TimePart, Order, i64),
}

/// A text pattern, and how the text is prepared for it.
#[derive(Debug, Clone, Hash)]
pub struct TextTest {
    /// The pattern, case folded unless `cased`.
    pub pattern: Pattern,
    /// Whether case counts.
    pub cased: bool,
    /// The number a literal pattern spells: numbers equal the texts that spell them.
    pub number: Option<Number>,
    /// Whether the value is an address, so that its canonical spelling counts too.
    pub is_address: bool,
}

/// How a value must stand to the rule's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Equal.
    Equal,
    /// Less.
    Less,
    /// Less or equal.
    AtMost,
    /// Greater.
    Greater,
    /// Greater or equal.
    AtLeast,
}

impl Order {
    /// Whether two values that compare so stand in this order.
    pub fn holds(self, found: Ordering) -> bool {
        match self {
            Self::Equal => found.is_eq(),
            Self::Less => found.is_lt(),
            Self::AtMost => found.is_le(),
            Self::Greater => found.is_gt(),
            Self::AtLeast => found.is_ge(),
        }
    }
}

/// An enumeration whose words rules name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Enumeration {
    /// The ranked severities.
    Severity,
    /// The states of triage.
    Status,
}

impl Enumeration {
    /// Its words, ranked where they have an order.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Severity => Severity::WORDS.to_vec(),
            Self::Status => Status::ALL.map(Status::as_str).to_vec(),
        }
    }

    /// Whether a field of it holds one of its words for certain. What a source calls severe may be none of them.
    pub fn is_closed(self) -> bool {
        self == Self::Status
    }

    /// A word's place among them.
    pub fn place(self, word: &str) -> Option<usize> {
        match self {
            Self::Severity => Severity::WORDS.iter().position(|known| *known == word),
            Self::Status => Status::ALL.iter().position(|known| known.as_str() == word),
        }
    }
}

/// Some of an enumeration's words. Equality and order alike come down to it; an unknown word is in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WordSet {
    enumeration: Enumeration,
    members: u8,
}

impl WordSet {
    /// The words that stand in this order to the one at `place`.
    pub fn new(enumeration: Enumeration, order: Order, place: usize) -> Self {
        let members = (0..enumeration.words().len()).filter(|other| order.holds(other.cmp(&place)));
        Self { enumeration, members: members.fold(0, |set, member| set | 1 << member) }
    }

    /// Both sets' words, if they are of one enumeration.
    pub fn union(self, other: Self) -> Option<Self> {
        (self.enumeration == other.enumeration).then_some(Self { members: self.members | other.members, ..self })
    }

    /// Whether no word is in both, if they are of one enumeration.
    pub fn excludes(self, other: Self) -> bool {
        self.enumeration == other.enumeration && self.members & other.members == 0
    }

    /// Whether it holds no word.
    pub fn is_empty(self) -> bool {
        self.members == 0
    }

    /// Whether it holds every word.
    pub fn is_full(self) -> bool {
        self.members.count_ones() as usize == self.enumeration.words().len()
    }

    /// The enumeration its words are of.
    pub fn enumeration(self) -> Enumeration {
        self.enumeration
    }

    /// How many words it holds.
    pub fn len(self) -> u32 {
        self.members.count_ones()
    }

    /// Whether the word at a place is in it.
    pub fn contains_place(self, place: usize) -> bool {
        self.members & 1 << place != 0
    }

    /// Whether a word is in it.
    pub fn contains(self, word: &str) -> bool {
        self.enumeration.place(word).is_some_and(|place| self.members & 1 << place != 0)
    }
}

impl Predicate {
    /// Whether a value passes.
    pub fn holds(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Text(test) => test.holds(subject),
            Self::Number(order, expected) => subject.number().is_some_and(|found| order.holds(found.order(*expected))),
            Self::Regex(regex) => subject.value.spelled(|text| regex.is_match(text)),
            Self::Address(expected) => subject.address().is_some_and(|found| found == *expected),
            Self::Network(network) => subject.address().is_some_and(|found| network.contains(&found)),
            Self::Word(words) => matches!(subject.value, Value::Text(text) if words.contains(text)),
            Self::Bool(expected) => match subject.value {
                Value::Bool(found) => found == *expected,
                Value::Text(_) => subject.folded() == if *expected { "true" } else { "false" },
                _ => false,
            },
            Self::Time(order, expected) => subject.instant().is_some_and(|found| order.holds(found.cmp(expected))),
            Self::TimePart(part, order, expected) => {
                subject.instant().is_some_and(|found| order.holds(part.of(found).cmp(expected)))
            }
        }
    }

    /// Whether no value passes: a part of an instant that none has, no word at all.
    pub fn is_impossible(&self) -> bool {
        match self {
            Self::TimePart(part, order, number) => {
                *part != TimePart::Year && !part.range().any(|of| order.holds(of.cmp(number)))
            }
            Self::Word(words) => words.is_empty(),
            _ => false,
        }
    }

    /// Whether every value passes, as far as a look at the test alone can tell.
    pub fn is_universal(&self) -> bool {
        match self {
            Self::Text(test) => test.pattern.is_universal(),
            Self::Regex(regex) => finds_in_every_text(regex.as_str()),
            Self::Word(words) => words.is_full() && words.enumeration().is_closed(),
            _ => false,
        }
    }

    /// Whether every value passes that is as it should be: not empty, and one of the words of its field.
    pub fn is_nearly_universal(&self) -> bool {
        match self {
            Self::Regex(regex) => self.is_universal() || finds_in_every_line(regex.as_str()),
            Self::Word(words) => words.is_full(),
            _ => self.is_universal(),
        }
    }
}

impl Hash for Predicate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Text(test) => test.hash(state),
            Self::Number(order, number) => (order, number).hash(state),
            Self::Regex(regex) => regex.as_str().hash(state),
            Self::Address(address) => address.hash(state),
            Self::Network(network) => network.hash(state),
            Self::Word(words) => words.hash(state),
            Self::Bool(value) => value.hash(state),
            Self::Time(order, at) => (order, at).hash(state),
            Self::TimePart(part, order, number) => (part, order, number).hash(state),
        }
    }
}

impl TextTest {
    fn holds(&self, subject: &Subject<'_>) -> bool {
        match subject.value {
            Value::Text(original) => {
                let canonical = || subject.address().is_some_and(|found| self.pattern.matches(&found.to_string()));
                self.pattern.matches(if self.cased { original } else { subject.folded() })
                    || self.is_address && canonical()
            }
            Value::Number(found) => {
                self.number.is_some_and(|number| number.order(found).is_eq())
                    || self.pattern.matches(&found.to_string())
            }
            Value::Bool(_) => subject.value.spelled(|text| self.pattern.matches(text)),
            Value::Null | Value::Time(_) | Value::List(_) | Value::Map(_) => false,
        }
    }
}
