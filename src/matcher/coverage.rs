//! Which lines of a condition have been seen to hold and to fail, over the alerts that tests put to it.

use super::expr::{Clause, Condition, Expr, Place, Reach};
use super::value::Value;
use super::view::AlertView;
use serde::Serialize;
use std::collections::HashMap;

/// The most values of a line that are shown.
const MOST_VALUES: usize = 3;
/// The most elements of one list that a block's lines are tried on, for each alert.
const MOST_ELEMENTS: usize = 1_000;

/// A line of a condition and what has been seen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineCoverage {
    /// The line as it is written, of many values the first few.
    pub line: String,
    /// Whether it has held, for some alert or element.
    pub held: bool,
    /// Whether it has failed.
    pub failed: bool,
}

/// Watches the lines of one condition.
#[derive(Debug)]
pub struct Observer<'c> {
    condition: &'c Condition,
    /// Where each line is in `lines`. A selection named twice has its lines once: they are told by where they are kept.
    places: HashMap<*const Clause, usize>,
    lines: Vec<LineCoverage>,
}

impl Condition {
    /// An observer that has seen no alert yet.
    pub fn observer(&self) -> Observer<'_> {
        let mut observer = Observer { condition: self, places: HashMap::new(), lines: Vec::new() };
        observer.list(&self.expr);
        observer
    }
}

impl<'c> Observer<'c> {
    /// Tries every line on an alert, also those that evaluation would leave out because others have decided.
    pub fn see(&mut self, view: &AlertView<'_>) {
        let condition = self.condition;
        self.try_on(&condition.expr, Place { view, element: None });
    }

    /// What has been seen, in the order of the condition.
    pub fn lines(self) -> Vec<LineCoverage> {
        self.lines
    }

    fn list(&mut self, expr: &'c Expr) {
        match expr {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| self.list(part)),
            Expr::Not(part) => self.list(part),
            Expr::Selection(selection) => self.list(&selection.expr),
            Expr::Block(block) => self.list(&block.body),
            Expr::Clause(clause) => {
                let next = self.lines.len();
                if *self.places.entry(std::ptr::from_ref(clause)).or_insert(next) == next {
                    self.lines.push(LineCoverage { line: written(clause), held: false, failed: false });
                }
            }
        }
    }

    fn try_on(&mut self, expr: &'c Expr, place: Place<'_, '_>) {
        match expr {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| self.try_on(part, place)),
            Expr::Not(part) => self.try_on(part, place),
            Expr::Selection(selection) => self.try_on(&selection.expr, place),
            Expr::Block(block) => {
                let mut tried = 0;
                place.any(&block.field, &mut |value| {
                    let Some(element) = value.filter(|value| !matches!(value, Value::Null)) else { return false };
                    self.try_on(&block.body, Place { element: Some(element), ..place });
                    tried += 1;
                    tried >= MOST_ELEMENTS
                });
                // Without an element no line of a block that needs one can hold.
                if tried == 0 && block.reach == Reach::Some {
                    self.fail_all(&block.body);
                }
            }
            Expr::Clause(clause) => {
                let holds = clause.holds(place);
                if let Some(line) = self.line(clause) {
                    line.held |= holds;
                    line.failed |= !holds;
                }
            }
        }
    }

    fn fail_all(&mut self, expr: &Expr) {
        match expr {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| self.fail_all(part)),
            Expr::Not(part) => self.fail_all(part),
            Expr::Selection(selection) => self.fail_all(&selection.expr),
            Expr::Block(block) => self.fail_all(&block.body),
            Expr::Clause(clause) => {
                if let Some(line) = self.line(clause) {
                    line.failed = true;
                }
            }
        }
    }

    fn line(&mut self, clause: &Clause) -> Option<&mut LineCoverage> {
        let place = *self.places.get(&std::ptr::from_ref(clause))?;
        self.lines.get_mut(place)
    }
}

fn written(clause: &Clause) -> String {
    let values = &clause.line.values;
    let shown = values.iter().take(MOST_VALUES).cloned().collect::<Vec<_>>().join(", ");
    match values.len().saturating_sub(MOST_VALUES) {
        0 => format!("{}: {shown}", clause.line.key),
        more => format!("{}: {shown} and {more} more", clause.line.key),
    }
}
