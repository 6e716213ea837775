//! Why a condition holds for an alert or does not: the tree of its lines, each with the values it saw.

use super::compile::shown;
use super::expr::{Block, Check, Clause, Condition, Expr, Line, Place, Reach, Selection, each_value};
use super::index::{Test, Together};
use super::predicate::Predicate;
use super::same_value::SameValue;
use super::subject::Subject;
use super::value::Value;
use super::view::AlertView;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// The most values shown of one line, of what is expected and of what was seen.
const MOST_VALUES: usize = 8;
/// The most values of one line that are tested once one passes, and the most elements of one block that are looked at for the
/// nearest once none decides.
const MOST_ELEMENTS: usize = 1_000;

/// The most tests of values of one line, once one passes.
const MOST_TESTS: usize = 1_000_000;

/// So many tests of values of one line are made one by one: to put the values together costs about as much.
const FEW_TESTS: usize = 1_000;

/// One part of a condition and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Whether it holds.
    pub holds: bool,
    /// What it is.
    #[serde(flatten)]
    pub part: Part,
}

/// What a part of a condition is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum Part {
    /// Holds if all of these do.
    All {
        /// The parts.
        parts: Vec<Explanation>,
    },
    /// Holds if one of these does.
    Any {
        /// The parts.
        parts: Vec<Explanation>,
    },
    /// Holds if this does not.
    Not {
        /// The part.
        of: Box<Explanation>,
    },
    /// A named selection.
    Selection {
        /// Its name.
        name: String,
        /// What it says.
        of: Box<Explanation>,
    },
    /// One line about one field.
    Line(Seen),
    /// Lines about one and the same element.
    Block {
        /// The key as it is written.
        key: String,
        /// How many elements there are.
        elements: usize,
        /// The element that decides, or that comes nearest; none where there are no elements.
        nearest: Option<Box<Explanation>>,
    },
}

/// A line and the values it was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The path.
    pub field: String,
    /// The modifiers, or `=`.
    pub operator: String,
    /// The rule's values, the first few of them.
    pub expected: Vec<String>,
    /// How many more there are.
    pub more_expected: usize,
    /// The alert's values, those that pass first.
    pub found: Vec<FoundValue>,
    /// How many more there are.
    pub more_found: usize,
}

/// A value of the alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundValue {
    /// The value, a long one cut.
    pub value: String,
    /// Whether it passes.
    pub passes: bool,
}

impl Condition {
    /// Why the condition holds for an alert, or does not.
    pub fn explain(&self, view: &AlertView<'_>) -> Explanation {
        explain(&self.expr, Place { view, element: None }, &mut Named::default())
    }

    /// How many of its lines would have to come out otherwise for it to hold; 0 if it holds.
    pub fn misses(&self, view: &AlertView<'_>) -> usize {
        lines_off(&self.expr, Place { view, element: None }, true, &mut Named::default())
    }

    /// How many of its lines hold, those under a negation left out.
    pub fn lines_that_hold(&self, view: &AlertView<'_>) -> usize {
        lines_on(&self.expr, Place { view, element: None }, &mut Named::default())
    }
}

/// What selections came to, each by where it stands: a condition may name one again and again. All are about the whole alert.
#[derive(Debug, Default)]
struct Named {
    explained: HashMap<*const Selection, Explanation>,
    on: HashMap<*const Selection, usize>,
    off: HashMap<(*const Selection, bool), usize>,
}

fn explain(expr: &Expr, place: Place<'_, '_>, named: &mut Named) -> Explanation {
    let mut parts =
        |parts: &[Expr]| -> Vec<Explanation> { parts.iter().map(|part| explain(part, place, named)).collect() };
    let (holds, part) = match expr {
        // Of one part there is nothing to join.
        Expr::All(list) | Expr::Any(list) if list.len() == 1 => return explain(&list[0], place, named),
        Expr::Not(part) if negated_as_written(part) => return inverted(explain(part, place, named)),
        Expr::All(list) => {
            let parts = parts(list);
            (parts.iter().all(|part| part.holds), Part::All { parts })
        }
        Expr::Any(list) => {
            let parts = parts(list);
            (parts.iter().any(|part| part.holds), Part::Any { parts })
        }
        Expr::Not(part) => {
            let of = Box::new(explain(part, place, named));
            (!of.holds, Part::Not { of })
        }
        Expr::Selection(selection) => {
            let of = match named.explained.get(&Arc::as_ptr(selection)) {
                Some(known) => known.clone(),
                None => {
                    let of = explain(&selection.expr, place, named);
                    named.explained.insert(Arc::as_ptr(selection), of.clone());
                    of
                }
            };
            (of.holds, Part::Selection { name: selection.name.clone(), of: Box::new(of) })
        }
        Expr::Clause(clause) => (clause_holds(clause, place), Part::Line(seen(clause, place))),
        Expr::Block(block) => (block.holds(place), explain_block(block, place, named)),
    };
    Explanation { holds, part }
}

/// Whether a part's own key says that it is a negation: `neq`, `none`, `exists: false`.
fn negated_as_written(part: &Expr) -> bool {
    let has = |key: &str, word: &str| key.rsplit('|').any(|modifier| modifier == word);
    match part {
        Expr::Clause(clause) => {
            has(&clause.line.key, "neq") || matches!(clause.check, Check::Exists) && clause.line.values == ["false"]
        }
        Expr::Block(block) => has(&block.key, "none") || has(&block.key, "neq"),
        _ => false,
    }
}

/// A part that is shown with its negation.
fn inverted(explained: Explanation) -> Explanation {
    let part = match explained.part {
        Part::Line(mut seen) => {
            seen.found.iter_mut().for_each(|found| found.passes = !found.passes);
            Part::Line(seen)
        }
        part => part,
    };
    Explanation { holds: !explained.holds, part }
}

fn seen(clause: &Clause, place: Place<'_, '_>) -> Seen {
    let Line { key, values: expected } = &*clause.line;
    let values = values(clause, place);
    let others = match &clause.check {
        Check::SameAs(same) => Some(same.values(place)),
        _ => None,
    };
    let passes = |value: &Value<'_>| passes(clause, *value, others.as_ref());
    // Of a great many values the rest are only counted, once there is one that passes.
    let most = (MOST_TESTS / tests(clause).len().max(1)).clamp(MOST_VALUES, MOST_ELEMENTS).min(values.len());
    let (tested, rest) = values.split_at(most);
    let mut found: Vec<FoundValue> = Vec::new();
    found.extend(tested.iter().filter(|value| passes(value)).take(MOST_VALUES).map(|value| told(*value, true)));
    if found.is_empty() {
        let decides = match tests(clause) {
            [] => rest.iter().find(|value| passes(value)),
            tests => one_that_passes(tests, rest),
        };
        found.extend(decides.map(|value| told(*value, true)));
    }
    let left = MOST_VALUES - found.len();
    found.extend(tested.iter().filter(|value| !passes(value)).take(left).map(|value| told(*value, false)));
    Seen {
        field: clause.field.name.clone(),
        operator: modifiers(key).unwrap_or("=").to_owned(),
        expected: expected.iter().take(MOST_VALUES).cloned().collect(),
        more_expected: expected.len().saturating_sub(MOST_VALUES),
        more_found: values.len() - found.len(),
        found,
    }
}

fn told(value: Value<'_>, passes: bool) -> FoundValue {
    FoundValue { value: spelled(value), passes }
}

fn values<'v>(clause: &Clause, place: Place<'v, '_>) -> Vec<Value<'v>> {
    let mut values = Vec::new();
    each_value(place, &clause.field, &mut |value| values.push(value));
    values
}

/// The tests of a line, if it puts its values to any.
fn tests(clause: &Clause) -> &[Predicate] {
    match &clause.check {
        Check::AnyOf(tests) | Check::AllOf(tests) => tests,
        Check::Exists | Check::Null | Check::SameAs(_) => &[],
    }
}

/// One of many values that passes one of many tests, found without putting each to each.
fn one_that_passes<'a, 'v>(tests: &[Predicate], values: &'a [Value<'v>]) -> Option<&'a Value<'v>> {
    let mut together = Together::default();
    let test = tests.iter().find(|test| together.any_passes(&Test::new(test), values.iter().copied()))?;
    values.iter().find(|value| test.holds(&Subject::new(**value)))
}

/// As [`Clause::holds`], at a bounded cost where a long list meets many values.
fn clause_holds(clause: &Clause, place: Place<'_, '_>) -> bool {
    let tests = tests(clause);
    let values = values(clause, place);
    if tests.len().saturating_mul(values.len()) <= FEW_TESTS {
        return clause.holds(place);
    }
    let mut together = Together::default();
    let mut passes = |test: &Predicate| together.any_passes(&Test::new(test), values.iter().copied());
    match &clause.check {
        Check::AllOf(_) => tests.iter().all(passes),
        _ => tests.iter().any(&mut passes),
    }
}

/// What stands in a key behind its path, in which quotes may hold anything.
fn modifiers(key: &str) -> Option<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let bar = key.find(|c| {
        let ends_path = c == '|' && !is_quoted;
        is_quoted ^= c == '"' && !is_escaped;
        is_escaped = c == '\\' && is_quoted && !is_escaped;
        ends_path
    })?;
    Some(&key[bar + 1..]).filter(|modifiers| !modifiers.is_empty())
}

fn passes(clause: &Clause, value: Value<'_>, others: Option<&SameValue<'_>>) -> bool {
    match &clause.check {
        Check::Exists => true,
        Check::Null => matches!(value, Value::Null),
        Check::AnyOf(tests) | Check::AllOf(tests) => {
            let subject = Subject::new(value);
            tests.iter().any(|test| test.holds(&subject))
        }
        Check::SameAs(_) => others.is_some_and(|others| others.contains(value)),
    }
}

fn spelled(value: Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => shown(text),
        Value::Time(at) => at.to_string(),
        Value::List(_) => "(a list)".to_owned(),
        Value::Map(_) => "(a map)".to_owned(),
    }
}

fn explain_block(block: &Block, place: Place<'_, '_>, named: &mut Named) -> Part {
    // Of `every` the element that does not meet it decides, else the one that comes nearest to meeting it.
    let wanted = block.reach == Reach::Some;
    let (mut elements, mut nearest, mut least) = (0, None, usize::MAX);
    place.any(&block.field, &mut |value| {
        let Some(element) = value.filter(|value| !matches!(value, Value::Null)) else { return false };
        elements += 1;
        let here = Place { element: Some(element), ..place };
        let off = if elements <= MOST_ELEMENTS {
            lines_off(&block.body, here, wanted, named)
        } else if least > 0 && block.body.holds(here) == wanted {
            // Of a great many elements the rest are only looked at for the one that decides.
            0
        } else {
            usize::MAX
        };
        if off < least {
            (nearest, least) = (Some(element), off);
        }
        false
    });
    let nearest =
        nearest.map(|element| Box::new(explain(&block.body, Place { element: Some(element), ..place }, named)));
    Part::Block { key: block.key.clone(), elements, nearest }
}

fn lines_on(expr: &Expr, place: Place<'_, '_>, named: &mut Named) -> usize {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().map(|part| lines_on(part, place, named)).sum(),
        Expr::Not(_) => 0,
        Expr::Selection(selection) => {
            let known = named.on.get(&Arc::as_ptr(selection)).copied();
            known.unwrap_or_else(|| {
                let on = lines_on(&selection.expr, place, named);
                named.on.insert(Arc::as_ptr(selection), on);
                on
            })
        }
        Expr::Clause(clause) => usize::from(clause_holds(clause, place)),
        Expr::Block(block) => usize::from(block.holds(place)),
    }
}

/// How many lines would have to come out otherwise for a part to come out as wanted.
fn lines_off(expr: &Expr, place: Place<'_, '_>, wanted: bool, named: &mut Named) -> usize {
    let mut each =
        |parts: &[Expr]| -> Vec<usize> { parts.iter().map(|part| lines_off(part, place, wanted, named)).collect() };
    match expr {
        Expr::All(parts) | Expr::Any(parts) => {
            let all = matches!(expr, Expr::All(_)) == wanted;
            let each = each(parts);
            if all { each.iter().sum() } else { each.iter().copied().min().unwrap_or(0) }
        }
        Expr::Not(part) => lines_off(part, place, !wanted, named),
        Expr::Selection(selection) => {
            let known = named.off.get(&(Arc::as_ptr(selection), wanted)).copied();
            known.unwrap_or_else(|| {
                let off = lines_off(&selection.expr, place, wanted, named);
                named.off.insert((Arc::as_ptr(selection), wanted), off);
                off
            })
        }
        Expr::Clause(clause) => usize::from(clause_holds(clause, place) != wanted),
        Expr::Block(block) if block.holds(place) == wanted => 0,
        Expr::Block(block) => {
            let mut least = usize::MAX;
            let mut elements = 0;
            place.any(&block.field, &mut |value| {
                let Some(element) = value.filter(|value| !matches!(value, Value::Null)) else { return false };
                elements += 1;
                least = least.min(lines_off(&block.body, Place { element: Some(element), ..place }, wanted, named));
                elements >= MOST_ELEMENTS
            });
            // Without an element there is one to be added, at least.
            if least == usize::MAX { 1 } else { least.max(1) }
        }
    }
}
