//! Whether one condition holds whenever another does, as far as their shapes tell.

use super::imply::implies;
use super::truth::{Print, place, print};
use crate::alert::field::Field;
use crate::matcher::expr::{Check, Expr};
use crate::matcher::predicate::Predicate;

/// How often two tests of a pair of conditions are compared: with long lists on both sides there is no end of it.
const MOST_COMPARISONS: usize = 4_000;

/// A condition as parts that must all hold, each with the alternatives of which one must.
#[derive(Debug)]
pub struct Normal<'e> {
    /// Each part's alternatives sorted by what they say.
    parts: Vec<Vec<Leaf<'e>>>,
    print: Print,
}

/// One thing a condition says.
#[derive(Debug)]
struct Leaf<'e> {
    print: Print,
    /// The test it is, where it is one of a field's values.
    test: Option<(&'e Field, &'e Predicate)>,
}

impl<'e> Normal<'e> {
    /// Of a condition.
    pub fn of(expr: &'e Expr) -> Self {
        let mut parts = Vec::new();
        conjuncts(expr, &mut parts);
        parts.iter_mut().for_each(|part| part.sort_by_key(|leaf| leaf.print));
        Self { parts, print: print(expr) }
    }

    /// How many parts it has.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Equal for conditions that say the same.
    pub fn print(&self) -> Print {
        self.print
    }

    /// The tests that must hold, one for each part that is about tests: what an alert that meets it may look like.
    pub fn sample(&self) -> impl Iterator<Item = (&'e Field, &'e Predicate)> {
        self.parts.iter().filter_map(|alternatives| alternatives.first()?.test)
    }
}

/// Whether a condition holds whenever another does. No is always a safe answer.
pub fn covers(one: &Normal<'_>, other: &Normal<'_>) -> bool {
    let mut left = MOST_COMPARISONS;
    one.print == other.print
        || one
            .parts
            .iter()
            .all(|asked| other.parts.iter().any(|given| given.iter().all(|leaf| is_among(leaf, asked, &mut left))))
}

/// Whether a leaf implies one of these; no once the comparisons are used up.
fn is_among(leaf: &Leaf<'_>, asked: &[Leaf<'_>], left: &mut usize) -> bool {
    if asked.binary_search_by_key(&leaf.print, |wide| wide.print).is_ok() {
        return true;
    }
    let Some((field, test)) = leaf.test else { return false };
    asked.iter().filter_map(|wide| wide.test).any(|(same, wide)| {
        *left = left.saturating_sub(1);
        *left > 0 && place(field) == place(same) && implies(test, wide)
    })
}

fn conjuncts<'e>(expr: &'e Expr, parts: &mut Vec<Vec<Leaf<'e>>>) {
    match expr {
        Expr::All(list) => list.iter().for_each(|part| conjuncts(part, parts)),
        Expr::Selection(selection) => conjuncts(&selection.expr, parts),
        Expr::Any(list) if list.len() == 1 => conjuncts(&list[0], parts),
        Expr::Clause(clause) => match &clause.check {
            Check::AllOf(tests) => parts.extend(tests.iter().map(|test| vec![test_leaf(&clause.field, test)])),
            Check::AnyOf(tests) => parts.push(tests.iter().map(|test| test_leaf(&clause.field, test)).collect()),
            Check::Exists | Check::Null | Check::SameAs(_) => parts.push(vec![opaque(expr)]),
        },
        Expr::Any(list) => {
            let mut alternatives = Vec::new();
            list.iter().for_each(|part| disjuncts(part, &mut alternatives));
            parts.push(alternatives);
        }
        Expr::Not(_) | Expr::Block(_) => parts.push(vec![opaque(expr)]),
    }
}

fn disjuncts<'e>(expr: &'e Expr, alternatives: &mut Vec<Leaf<'e>>) {
    match expr {
        Expr::Any(list) => list.iter().for_each(|part| disjuncts(part, alternatives)),
        Expr::Selection(selection) => disjuncts(&selection.expr, alternatives),
        Expr::All(list) if list.len() == 1 => disjuncts(&list[0], alternatives),
        Expr::Clause(clause) => match &clause.check {
            Check::AnyOf(tests) => alternatives.extend(tests.iter().map(|test| test_leaf(&clause.field, test))),
            _ => alternatives.push(opaque(expr)),
        },
        _ => alternatives.push(opaque(expr)),
    }
}

fn test_leaf<'e>(field: &'e Field, test: &'e Predicate) -> Leaf<'e> {
    Leaf { print: super::truth::test_print(field, test), test: Some((field, test)) }
}

fn opaque(expr: &Expr) -> Leaf<'_> {
    Leaf { print: print(expr), test: None }
}
