//! What can be said about a condition without any alert: that it always holds, never, or rests only on negations.

use super::contradiction::contradicts;
use crate::alert::field::{Column, Field, Origin, Step};
use crate::matcher::expr::{Check, Clause, Expr};
use crate::matcher::instant::TimePart;
use crate::matcher::predicate::{Predicate, WordSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What a condition comes to, as far as its shape tells. `Depends` is always a safe answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Every alert meets it.
    Always,
    /// No alert meets it.
    Never,
    /// It depends on the alert.
    Depends,
}

impl Truth {
    fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Depends => Self::Depends,
        }
    }
}

/// What a condition comes to.
pub fn truth(expr: &Expr) -> Truth {
    Form::of(expr, false).truth
}

/// What a part of a condition says, as a number: equal for what says the same, apart from the lowest bit for what says
/// the opposite.
pub type Print = u64;

/// What a condition says: equal for conditions that say the same in other words or another order.
pub fn print(expr: &Expr) -> Print {
    Form::of(expr, false).print
}

fn print_of(what: impl Hash) -> Print {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish() & !1
}

/// What a test of a field's values says.
pub fn test_print(field: &Field, test: &Predicate) -> Print {
    print_of((place(field), test))
}

fn opposite(print: Print) -> Print {
    print ^ 1
}

/// How the parts of a form are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    All,
    Any,
}

impl Join {
    /// A negation over the whole turns into negations of the parts, joined the other way.
    fn under(self, negated: bool) -> Self {
        match (self, negated) {
            (Self::All, false) | (Self::Any, true) => Self::All,
            (Self::Any, false) | (Self::All, true) => Self::Any,
        }
    }
}

/// A condition with its negations pushed down to its leaves and its joints flattened.
struct Form {
    truth: Truth,
    print: Print,
    /// The joint at the top; a leaf has none.
    joint: Option<Joint>,
}

/// Parts joined in one way.
struct Joint {
    join: Join,
    parts: Vec<Print>,
    /// For each part that is joined the other way, its parts in turn.
    groups: Vec<Vec<Print>>,
}

impl Form {
    fn of(expr: &Expr, negated: bool) -> Self {
        match expr {
            Expr::All(parts) | Expr::Any(parts) => {
                let is_any = matches!(expr, Expr::Any(_));
                let join = if is_any { Join::Any } else { Join::All }.under(negated);
                let form = Self::join(join, parts.iter().map(|part| Self::of(part, negated)).collect());
                if join == Join::All && contradicts(parts, negated) {
                    Self { truth: Truth::Never, ..form }
                } else if is_any && covers_all(parts.iter().flat_map(alternatives), negated) {
                    form.known(Truth::Always, negated)
                } else {
                    form
                }
            }
            Expr::Not(part) => Self::of(part, !negated),
            Expr::Selection(selection) => Self::of(&selection.expr, negated),
            Expr::Clause(clause) => Self::of_clause(clause, negated),
            Expr::Block(block) => {
                let body = Self::of(&block.body, false);
                let leaf = Self::leaf(print_of(("block", place(&block.field), block.reach, body.print)), negated);
                // Some element may meet the body, and there may be no element at all.
                if body.truth == Truth::Never { leaf.known(Truth::Never, negated) } else { leaf }
            }
        }
    }

    /// Some value passes one of the tests: for one of them there is a value that passes it.
    fn of_clause(clause: &Clause, negated: bool) -> Self {
        let field = place(&clause.field);
        let leaf = |test: &Predicate| Self::leaf(test_print(&clause.field, test), negated);
        let leaves = |tests: &[Predicate]| tests.iter().map(leaf).collect();
        let form = match &clause.check {
            Check::Exists => Self::leaf(print_of((field, "exists")), negated),
            Check::Null => Self::leaf(print_of((field, "null")), negated),
            Check::SameAs(same) => Self::leaf(print_of((field, "same as", place(&same.other), same.cased)), negated),
            Check::AnyOf(tests) => Self::join(Join::Any.under(negated), leaves(tests)),
            Check::AllOf(tests) => Self::join(Join::All.under(negated), leaves(tests)),
        };
        form.known(clause_truth(clause, negated), negated)
    }

    fn leaf(print: Print, negated: bool) -> Self {
        Self { truth: Truth::Depends, print: if negated { opposite(print) } else { print }, joint: None }
    }

    /// With what is known of it, before a negation, by other means.
    fn known(self, truth: Truth, negated: bool) -> Self {
        match truth {
            Truth::Depends => self,
            truth => Self { truth: if negated { truth.not() } else { truth }, ..self },
        }
    }

    fn join(join: Join, mut forms: Vec<Self>) -> Self {
        if forms.len() == 1 {
            return forms.remove(0);
        }
        // One part of this truth decides the whole; were all parts of the other, so is the whole.
        let (decides, otherwise) = match join {
            Join::All => (Truth::Never, Truth::Always),
            Join::Any => (Truth::Always, Truth::Never),
        };
        let mut truth = otherwise;
        let mut parts = Vec::with_capacity(forms.len());
        let mut groups = Vec::new();
        for form in forms {
            truth = match form.truth {
                part if part == decides || truth == decides => decides,
                part if part == otherwise => truth,
                _ => Truth::Depends,
            };
            match form.joint {
                Some(joint) if joint.join == join => {
                    parts.extend(joint.parts);
                    groups.extend(joint.groups);
                }
                joint => {
                    parts.push(form.print);
                    groups.extend(joint.map(|joint| joint.parts));
                }
            }
        }
        parts.sort_unstable();
        parts.dedup();
        // Opposites differ in the lowest bit only: sorted, they are neighbours. And `not (x or y)` is the opposite of
        // `x` and `y` together.
        let is_denied = |print: &Print| parts.binary_search(&opposite(*print)).is_ok();
        if parts.windows(2).any(|pair| opposite(pair[0]) == pair[1])
            || groups.iter().any(|prints| prints.iter().all(is_denied))
        {
            truth = decides;
        }
        // `a or b` is the opposite of `not a and not b`, and has the opposite print.
        let print = match join {
            Join::All => print_of(&parts),
            Join::Any => opposite(print_of(parts.iter().copied().map(opposite).collect::<Vec<_>>())),
        };
        Self { truth, print, joint: Some(Joint { join, parts, groups }) }
    }
}

/// A field without the spelling a rule gave it.
pub fn place(field: &Field) -> (Origin, &[Step]) {
    (field.origin, &*field.steps)
}

/// What a clause comes to. That it always holds is also said where it does of every alert that is as it should be, unless
/// it has to hold `exactly`: where it would follow that something never holds.
fn clause_truth(clause: &Clause, exactly: bool) -> Truth {
    let never = match &clause.check {
        Check::AnyOf(tests) => tests.iter().all(Predicate::is_impossible),
        Check::AllOf(tests) => tests.iter().any(Predicate::is_impossible),
        _ => false,
    };
    if never {
        return Truth::Never;
    }
    if !clause.field.is_always_present() {
        return Truth::Depends;
    }
    let is_universal = if exactly { Predicate::is_universal } else { Predicate::is_nearly_universal };
    let holds = match &clause.check {
        Check::Exists => true,
        Check::Null => return Truth::Never,
        Check::SameAs(same) => place(&clause.field) == place(&same.other),
        // What a source sends is mostly an object, which passes no test.
        Check::AllOf(_) | Check::AnyOf(_) if clause.field.origin == Origin::Alert(Column::Raw) => false,
        Check::AllOf(tests) => tests.iter().all(is_universal),
        Check::AnyOf(tests) => tests.iter().any(is_universal) || covers_all(alternatives_of(clause), exactly),
    };
    if holds { Truth::Always } else { Truth::Depends }
}

/// The tests of fields that every alert has, one of which must hold for this part to hold, if that is all it asks.
fn alternatives(part: &Expr) -> Box<dyn Iterator<Item = (&Field, &Predicate)> + '_> {
    match part {
        Expr::Clause(clause) => Box::new(alternatives_of(clause)),
        Expr::Selection(selection) => alternatives(&selection.expr),
        Expr::Any(parts) => Box::new(parts.iter().flat_map(alternatives)),
        Expr::All(parts) if parts.len() == 1 => alternatives(&parts[0]),
        _ => Box::new(std::iter::empty()),
    }
}

fn alternatives_of(clause: &Clause) -> impl Iterator<Item = (&Field, &Predicate)> {
    let tests: &[Predicate] = match &clause.check {
        Check::AnyOf(tests) if clause.field.is_always_present() => tests,
        Check::AllOf(tests) if clause.field.is_always_present() && tests.len() == 1 => tests,
        _ => &[],
    };
    tests.iter().map(|test| (&clause.field, test))
}

/// Whether one of the tests holds whatever a field's value is, since together they leave none out: all words of a list,
/// true and false, every hour of the day.
fn covers_all<'e>(tests: impl Iterator<Item = (&'e Field, &'e Predicate)>, exactly: bool) -> bool {
    let mut words: Vec<WordSet> = Vec::new();
    let mut numbers: Vec<(&Field, Option<TimePart>, u64)> = Vec::new();
    for (field, test) in tests {
        let (part, held) = match test {
            Predicate::Word(set) => {
                match words.iter_mut().find_map(|union| union.union(*set).map(|both| (union, both))) {
                    Some((union, both)) => *union = both,
                    None => words.push(*set),
                }
                continue;
            }
            Predicate::Bool(value) => (None, 1 << u32::from(*value)),
            // Years have no end that matters.
            Predicate::TimePart(part, order, number) if *part != TimePart::Year => {
                let held = part.range().filter(|of| order.holds(of.cmp(number)));
                (Some(*part), held.fold(0, |held, of| held | 1 << of))
            }
            _ => continue,
        };
        match numbers.iter_mut().find(|(other, same, _)| *same == part && place(other) == place(field)) {
            Some((_, _, union)) => *union |= held,
            None => numbers.push((field, part, held)),
        }
    }
    let all = |part: Option<TimePart>| part.map_or(0b11, |part| part.range().fold(0, |all, of| all | 1 << of));
    words.iter().any(|union| union.is_full() && (union.enumeration().is_closed() || !exactly))
        || numbers.iter().any(|(_, part, union)| *union == all(*part))
}

/// Whether an alert that has none of the fields meets the condition: nothing in it asks for anything to be there.
pub fn rests_on_negation(expr: &Expr) -> bool {
    match expr {
        // What always holds asks for nothing.
        Expr::All(parts) => parts.iter().all(|part| rests_on_negation(part) || truth(part) == Truth::Always),
        Expr::Any(parts) => parts.iter().any(rests_on_negation),
        Expr::Not(part) => !rests_on_negation(part),
        Expr::Clause(clause) => matches!(clause.check, Check::Null),
        Expr::Block(_) => false,
        Expr::Selection(selection) => rests_on_negation(&selection.expr),
    }
}
