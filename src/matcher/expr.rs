//! A condition compiled: the tree that is evaluated, and what it means.
//!
//! This evaluator is the reference for what a condition means: an index may save asking it, never answer otherwise.

use super::predicate::Predicate;
use super::same_value::SameValue;
use super::subject::Subject;
use super::value::Value;
use super::view::AlertView;
use crate::alert::field::{Column, Field, Origin, Step};
use std::sync::Arc;

/// A compiled condition. Immutable; shared freely between threads.
#[derive(Debug)]
pub struct Condition {
    pub(super) expr: Expr,
}

impl Condition {
    /// Whether an alert meets it.
    pub fn matches(&self, view: &AlertView<'_>) -> bool {
        self.expr.holds(Place::of(view))
    }
}

/// One node of a condition.
#[derive(Debug)]
pub(super) enum Expr {
    /// All of them hold.
    All(Vec<Expr>),
    /// At least one holds.
    Any(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// A field's values pass.
    Clause(Clause),
    /// Elements meet a condition of their own.
    Block(Arc<Block>),
    /// A named selection, wherever it is named.
    Selection(Arc<Selection>),
}

/// A named part of a condition.
#[derive(Debug)]
pub(super) struct Selection {
    /// Its name.
    pub name: String,
    /// What it says.
    pub expr: Expr,
}

/// What is asked of one field.
#[derive(Debug)]
pub(super) struct Clause {
    /// The field.
    pub field: Field,
    /// What is asked.
    pub check: Check,
    /// The line as it was written, for people.
    pub line: Arc<Line>,
}

/// A line of a condition as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The path with its modifiers.
    pub key: String,
    /// The values, long ones cut.
    pub values: Vec<String>,
}

/// What is asked of a field's values.
#[derive(Debug)]
pub(super) enum Check {
    /// The key is there, whatever its value.
    Exists,
    /// It is missing or null.
    Null,
    /// Some value passes some of the tests.
    AnyOf(Vec<Predicate>),
    /// For each test there is a value that passes it.
    AllOf(Vec<Predicate>),
    /// Some value equals some value of another field.
    SameAs(Arc<SameAs>),
}

/// A comparison with another field.
#[derive(Debug)]
pub(super) struct SameAs {
    /// The other field.
    pub other: Field,
    /// Whether case counts.
    pub cased: bool,
}

/// A same-entity block: every line of it is about one and the same element.
#[derive(Debug)]
pub(super) struct Block {
    /// Where the elements are.
    pub field: Field,
    /// How many of them must meet it.
    pub reach: Reach,
    /// What one element must meet.
    pub body: Box<Expr>,
    /// The key as it was written.
    pub key: String,
}

/// How many elements must meet a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// At least one.
    Some,
    /// Every one, and there is at least one.
    Every,
}

/// Where evaluation stands: at the alert, or at an element a block is bound to.
#[derive(Clone, Copy)]
pub(super) struct Place<'v, 'a> {
    pub view: &'v AlertView<'a>,
    pub element: Option<Value<'v>>,
}

impl<'v, 'a> Place<'v, 'a> {
    /// At the alert.
    pub fn of(view: &'v AlertView<'a>) -> Self {
        Self { view, element: None }
    }

    /// Walks to every value of a field, `None` where it is missing, until one of them answers yes.
    pub fn any(self, field: &Field, answer: &mut impl FnMut(Option<Value<'v>>) -> bool) -> bool {
        match self.start(field) {
            Start::At(start) => any_value(start, &field.steps, answer),
            Start::Everywhere => {
                let mut columns = Column::ALL.iter().filter(|column| column.is_from_source());
                columns.any(|column| self.view.column(*column).is_some_and(|value| any_leaf(value, answer)))
            }
        }
    }

    fn start(self, field: &Field) -> Start<'v> {
        match field.origin {
            Origin::Alert(column) => Start::At(self.view.column(column)),
            Origin::Element => Start::At(self.element),
            Origin::Everywhere => Start::Everywhere,
        }
    }
}

/// Where a walk begins.
enum Start<'v> {
    /// At one value, if it is there.
    At(Option<Value<'v>>),
    /// At every value of the alert.
    Everywhere,
}

impl Expr {
    pub(super) fn holds(&self, place: Place<'_, '_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(place)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(place)),
            Self::Not(part) => !part.holds(place),
            Self::Clause(clause) => clause.holds(place),
            Self::Block(block) => block.holds(place),
            Self::Selection(selection) => selection.expr.holds(place),
        }
    }
}

impl Clause {
    pub(super) fn holds(&self, place: Place<'_, '_>) -> bool {
        let field = &self.field;
        match &self.check {
            Check::Exists => match place.start(field) {
                Start::At(start) => start.is_some_and(|start| reaches(start, &field.steps)),
                Start::Everywhere => true,
            },
            Check::Null => place.any(field, &mut |value| matches!(value, None | Some(Value::Null))),
            Check::AnyOf(tests) => place.any(field, &mut |value| passes(value, tests)),
            Check::AllOf(tests) => {
                tests.iter().all(|test| place.any(field, &mut |value| passes(value, std::slice::from_ref(test))))
            }
            Check::SameAs(same) => same.holds(field, place),
        }
    }
}

impl SameAs {
    /// The other field's values.
    pub(super) fn values<'v>(&self, place: Place<'v, '_>) -> SameValue<'v> {
        let mut others = SameValue::new(self.cased);
        each_value(place, &self.other, &mut |value| others.insert(value));
        others
    }

    /// Whether a field and the other one have a value in common.
    pub(super) fn holds(&self, field: &Field, place: Place<'_, '_>) -> bool {
        let others = self.values(place);
        place.any(field, &mut |value| value.is_some_and(|value| others.contains(value)))
    }
}

fn passes(value: Option<Value<'_>>, tests: &[Predicate]) -> bool {
    let Some(value) = value else { return false };
    let subject = Subject::new(value);
    tests.iter().any(|test| test.holds(&subject))
}

impl Block {
    pub(super) fn holds(&self, place: Place<'_, '_>) -> bool {
        let mut count = 0_usize;
        let meets = |element| self.body.holds(Place { view: place.view, element: Some(element) });
        let stopped = place.any(&self.field, &mut |value| match (value, self.reach) {
            (None | Some(Value::Null), _) => false,
            (Some(element), Reach::Some) => meets(element),
            (Some(element), Reach::Every) => {
                count += 1;
                !meets(element)
            }
        });
        match self.reach {
            Reach::Some => stopped,
            Reach::Every => !stopped && count > 0,
        }
    }
}

/// Every value that stands where a field's path leads.
pub(super) fn each_value<'v>(place: Place<'v, '_>, field: &Field, visit: &mut impl FnMut(Value<'v>)) {
    place.any(field, &mut |value| {
        value.into_iter().for_each(&mut *visit);
        false
    });
}

/// Walks to every value a path leads to, `None` where it is missing, until one of them answers yes. A list stands for
/// each of its elements.
fn any_value<'v>(from: Option<Value<'v>>, steps: &[Step], answer: &mut impl FnMut(Option<Value<'v>>) -> bool) -> bool {
    match (from, steps) {
        (Some(Value::List(elements)), _) => elements.any(|element| any_value(Some(element), steps, answer)),
        (Some(Value::Map(map)), [step, rest @ ..]) => any_value(map.get(step), rest, answer),
        (Some(value), []) => answer(Some(value)),
        (Some(_) | None, _) => answer(None),
    }
}

/// Walks to everything inside a value that has no parts of its own.
pub(super) fn any_leaf<'v>(value: Value<'v>, answer: &mut impl FnMut(Option<Value<'v>>) -> bool) -> bool {
    match value {
        Value::List(elements) => elements.any(|element| any_leaf(element, answer)),
        Value::Map(map) => {
            let mut found = false;
            map.each(&mut |_, value| found = found || any_leaf(value, answer));
            found
        }
        leaf => answer(Some(leaf)),
    }
}

/// Whether a path's last key is there, even if it holds null or an empty list.
fn reaches(from: Value<'_>, steps: &[Step]) -> bool {
    match (from, steps) {
        (_, []) => true,
        (Value::List(elements), _) => elements.any(|element| reaches(element, steps)),
        (Value::Map(map), [step, rest @ ..]) => map.get(step).is_some_and(|below| reaches(below, rest)),
        _ => false,
    }
}
