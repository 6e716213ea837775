//! What can be said about a condition without any alert: that it always holds, never, or rests only on negations.

use super::expr::{Check, Clause, Expr};
use super::predicate::{Predicate, WordSet};

/// What a condition comes to, as far as its shape tells. `Depends` is always a safe answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
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
pub(super) fn truth(expr: &Expr) -> Truth {
    match expr {
        Expr::All(parts) => all(parts.iter().map(truth)),
        Expr::Any(parts) => match all(parts.iter().map(|part| truth(part).not())).not() {
            Truth::Depends if covers_all_words(parts.iter().flat_map(word_sets)) => Truth::Always,
            truth => truth,
        },
        Expr::Not(part) => truth(part).not(),
        Expr::Clause(clause) => clause_truth(clause),
        // There may be no element.
        Expr::Block(_) => Truth::Depends,
        Expr::Selection(selection) => truth(selection),
    }
}

fn all(parts: impl Iterator<Item = Truth>) -> Truth {
    parts.fold(Truth::Always, |so_far, part| match (so_far, part) {
        (Truth::Never, _) | (_, Truth::Never) => Truth::Never,
        (Truth::Always, part) => part,
        (Truth::Depends, _) => Truth::Depends,
    })
}

fn clause_truth(clause: &Clause) -> Truth {
    if !clause.field.is_always_present() {
        return Truth::Depends;
    }
    let holds = match &clause.check {
        Check::Exists => true,
        Check::Null => return Truth::Never,
        Check::AllOf(tests) => tests.iter().all(Predicate::is_universal),
        Check::AnyOf(tests) => {
            let bools = |wanted| tests.iter().any(|test| matches!(test, Predicate::Bool(value) if *value == wanted));
            tests.iter().any(Predicate::is_universal)
                || covers_all_words(word_sets_of(clause))
                || bools(true) && bools(false)
        }
    };
    if holds { Truth::Always } else { Truth::Depends }
}

/// The word sets one of which must hold for this part to hold, if that is all it asks.
fn word_sets(part: &Expr) -> Box<dyn Iterator<Item = WordSet> + '_> {
    match part {
        Expr::Clause(clause) => Box::new(word_sets_of(clause)),
        Expr::Selection(selection) => word_sets(selection),
        Expr::Any(parts) => Box::new(parts.iter().flat_map(word_sets)),
        Expr::All(parts) if parts.len() == 1 => word_sets(&parts[0]),
        _ => Box::new(std::iter::empty()),
    }
}

fn word_sets_of(clause: &Clause) -> impl Iterator<Item = WordSet> {
    let tests: &[Predicate] = match &clause.check {
        Check::AnyOf(tests) => tests,
        _ => &[],
    };
    tests.iter().filter_map(|test| match test {
        Predicate::Word(words) => Some(*words),
        _ => None,
    })
}

fn covers_all_words(sets: impl Iterator<Item = WordSet>) -> bool {
    let mut unions: Vec<WordSet> = Vec::new();
    for set in sets {
        match unions.iter_mut().find_map(|union| union.union(set).map(|both| (union, both))) {
            Some((union, both)) => *union = both,
            None => unions.push(set),
        }
    }
    unions.iter().any(|union| union.is_full())
}

/// Whether an alert that has none of the fields meets the condition: nothing in it asks for anything to be there.
pub(super) fn rests_on_negation(expr: &Expr) -> bool {
    match expr {
        Expr::All(parts) => parts.iter().all(rests_on_negation),
        Expr::Any(parts) => parts.iter().any(rests_on_negation),
        Expr::Not(part) => !rests_on_negation(part),
        Expr::Clause(clause) => matches!(clause.check, Check::Null),
        Expr::Block(_) => false,
        Expr::Selection(selection) => rests_on_negation(selection),
    }
}
