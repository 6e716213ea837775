//! A condition compiled: the tree that is evaluated, and what it means.
//!
//! This evaluator is the reference for what a condition means: an index may save asking it, never answer otherwise.

use super::predicate::Predicate;
use super::tree::Tree;
use super::view::AlertView;
use crate::alert::field::{Field, Origin, Step};
use std::sync::Arc;

/// A compiled condition. Immutable; shared freely between threads.
#[derive(Debug)]
pub struct Condition {
    pub(super) expr: Expr,
}

impl Condition {
    /// Whether an alert meets it.
    pub fn matches(&self, view: &AlertView<'_>) -> bool {
        self.expr.holds(&Place { view, element: None })
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
    Block(Block),
    /// A named selection, wherever it is named.
    Selection(Arc<Expr>),
}

/// What is asked of one field.
#[derive(Debug)]
pub(super) struct Clause {
    /// The field.
    pub field: Field,
    /// What is asked.
    pub check: Check,
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
struct Place<'v, 'a> {
    view: &'v AlertView<'a>,
    element: Option<&'v Tree<'a>>,
}

impl<'v, 'a> Place<'v, 'a> {
    /// The value a field's walk begins at.
    fn start(&self, field: &Field) -> Option<&'v Tree<'a>> {
        match field.origin {
            Origin::Alert(column) => self.view.column(column),
            Origin::Element => self.element,
        }
    }
}

impl Expr {
    fn holds(&self, place: &Place<'_, '_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(place)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(place)),
            Self::Not(part) => !part.holds(place),
            Self::Clause(clause) => clause.holds(place),
            Self::Block(block) => block.holds(place),
            Self::Selection(selection) => selection.holds(place),
        }
    }
}

impl Clause {
    fn holds(&self, place: &Place<'_, '_>) -> bool {
        let (start, steps) = (place.start(&self.field), &*self.field.steps);
        match &self.check {
            Check::Exists => start.is_some_and(|start| reaches(start, steps)),
            Check::Null => any_value(start, steps, &mut |value| matches!(value, None | Some(Tree::Null))),
            Check::AnyOf(tests) => any_value(start, steps, &mut |value| {
                value.is_some_and(|value| tests.iter().any(|test| test.holds(value)))
            }),
            Check::AllOf(tests) => tests
                .iter()
                .all(|test| any_value(start, steps, &mut |value| value.is_some_and(|value| test.holds(value)))),
        }
    }
}

impl Block {
    fn holds(&self, place: &Place<'_, '_>) -> bool {
        let start = place.start(&self.field);
        let mut count = 0_usize;
        let meets = |element| self.body.holds(&Place { view: place.view, element: Some(element) });
        let stopped = any_value(start, &self.field.steps, &mut |value| match (value, self.reach) {
            (None | Some(Tree::Null), _) => false,
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
pub(super) fn each_value<'v>(view: &'v AlertView<'_>, field: &Field, visit: &mut impl FnMut(&'v Tree<'_>)) {
    let start = Place { view, element: None }.start(field);
    any_value(start, &field.steps, &mut |value| {
        value.into_iter().for_each(&mut *visit);
        false
    });
}

/// Walks to every value a path leads to, `None` where it is missing, until one of them answers yes. A list stands for
/// each of its elements.
fn any_value<'t, 'a>(
    from: Option<&'t Tree<'a>>,
    steps: &[Step],
    answer: &mut impl FnMut(Option<&'t Tree<'a>>) -> bool,
) -> bool {
    match (from, steps) {
        (Some(Tree::List(elements)), _) => elements.iter().any(|element| any_value(Some(element), steps, answer)),
        (Some(tree), [step, rest @ ..]) => any_value(tree.get(step), rest, answer),
        (Some(tree), []) => answer(Some(tree)),
        (None, _) => answer(None),
    }
}

/// Whether a path's last key is there, even if it holds null or an empty list.
fn reaches(from: &Tree<'_>, steps: &[Step]) -> bool {
    match (from, steps) {
        (_, []) => true,
        (Tree::List(elements), _) => elements.iter().any(|element| reaches(element, steps)),
        (tree, [step, rest @ ..]) => tree.get(step).is_some_and(|below| reaches(below, rest)),
    }
}
