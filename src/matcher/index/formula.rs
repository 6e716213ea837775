//! A condition as a formula over atoms, its negations at the leaves.

use super::atoms::{AtomId, Atoms, FieldId, LAZY, Lazy};
use super::keywords::shown_in_json;
use super::ready::Test;
use crate::alert::field::{Column, Field, Origin};
use crate::matcher::expr::{Block, Check, Clause, Expr};
use crate::matcher::expression;
use crate::matcher::fold::fold_text;
use crate::matcher::pattern::{Required, Shape};
use crate::matcher::predicate::{Order, Predicate, TextTest};
use std::sync::Arc;

/// Lists longer than this become one atom, that any of its members brings about.
const GROUPED: usize = 8;

/// Shorter stretches stand in nearly every text.
const TELLING: usize = 3;

/// A formula over atoms.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// Holds whatever the alert.
    Always,
    /// Never holds.
    Never,
    /// An atom holds, or, negated, does not.
    Atom(AtomId, bool),
    /// All of them hold.
    All(Vec<Formula>),
    /// At least one holds.
    Any(Vec<Formula>),
}

impl Formula {
    fn atom(atom: AtomId) -> Self {
        Self::Atom(atom, true)
    }

    fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Always => {}
                Self::Never => return Self::Never,
                Self::All(inner) => kept.extend(inner),
                part => kept.push(part),
            }
        }
        match kept.len() {
            0 => Self::Always,
            1 => kept.remove(0),
            _ => Self::All(kept),
        }
    }

    fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Never => {}
                Self::Always => return Self::Always,
                Self::Any(inner) => kept.extend(inner),
                part => kept.push(part),
            }
        }
        match kept.len() {
            0 => Self::Never,
            1 => kept.remove(0),
            _ => Self::Any(kept),
        }
    }

    /// The same of other atoms.
    pub fn with_atoms(self, other: &impl Fn(AtomId) -> AtomId) -> Self {
        let each = |parts: Vec<Self>| parts.into_iter().map(|part| part.with_atoms(other)).collect();
        match self {
            Self::Always | Self::Never => self,
            Self::Atom(atom, holds) => Self::Atom(other(atom), holds),
            Self::All(parts) => Self::All(each(parts)),
            Self::Any(parts) => Self::Any(each(parts)),
        }
    }

    fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Atom(atom, holds) => Self::Atom(atom, !holds),
            Self::All(parts) => Self::any(parts.into_iter().map(Self::not)),
            Self::Any(parts) => Self::all(parts.into_iter().map(Self::not)),
        }
    }
}

/// The formula of a condition.
pub fn of_condition(expr: &Expr, atoms: &mut Atoms) -> Formula {
    match expr {
        Expr::All(parts) => Formula::all(parts.iter().map(|part| of_condition(part, atoms)).collect::<Vec<_>>()),
        Expr::Any(parts) => Formula::any(parts.iter().map(|part| of_condition(part, atoms)).collect::<Vec<_>>()),
        Expr::Not(part) => of_condition(part, atoms).not(),
        Expr::Selection(selection) => of_condition(&selection.expr, atoms),
        Expr::Clause(clause) => of_clause(clause, atoms),
        Expr::Block(block) => of_block(block, atoms),
    }
}

fn of_clause(clause: &Clause, atoms: &mut Atoms) -> Formula {
    let field = atoms.field(&clause.field);
    match &clause.check {
        Check::Exists if clause.field.origin == Origin::Everywhere => Formula::Always,
        Check::Exists => Formula::atom(atoms.exists(field)),
        Check::Null if is_found_once(&clause.field) => {
            atoms.exists(field);
            Formula::atom(atoms.null(field))
        }
        Check::Null => Formula::atom(atoms.worked_out(Lazy::Null(clause.field.clone()))),
        Check::AnyOf(tests) if clause.field.origin == Origin::Everywhere => {
            Formula::any(tests.iter().map(|test| keyword(test, field, atoms)).collect::<Vec<_>>())
        }
        Check::AllOf(tests) if clause.field.origin == Origin::Everywhere => {
            Formula::all(tests.iter().map(|test| keyword(test, field, atoms)).collect::<Vec<_>>())
        }
        Check::AnyOf(tests) => any_of(tests, field, atoms, Exactness::Whole),
        Check::AllOf(tests) => {
            Formula::all(tests.iter().map(|test| of_test(test, field, atoms, Exactness::Whole)).collect::<Vec<_>>())
        }
        Check::SameAs(same) => {
            let other = atoms.field(&same.other);
            let present = [field, other].map(|field| Formula::atom(atoms.present(field)));
            let lazy = Formula::atom(atoms.worked_out(Lazy::SameAs(clause.field.clone(), same.clone())));
            Formula::all(present.into_iter().chain([lazy]))
        }
    }
}

/// Keywords: each must stand somewhere in what the source wrote. One that a payload's text does not show, such as `@`, is
/// worked out when it is asked for, so that it keeps no payload from being passed over by its text.
fn keyword(test: &Predicate, field: FieldId, atoms: &mut Atoms) -> Formula {
    if is_shown(test) {
        of_test(test, field, atoms, Exactness::Whole)
    } else {
        Formula::atom(atoms.worked_out(Lazy::Anywhere(Test::new(test))))
    }
}

/// Whether a payload's text shows every stretch that an index would look for.
fn is_shown(test: &Predicate) -> bool {
    let shown = |text: &str| shown_in_json(&fold_text(text)).is_some();
    match test {
        Predicate::Text(text) => match text.pattern.shape() {
            Shape::Only(only) => shown(only.text()),
            Shape::AtLeast(list) => {
                let list = telling(list);
                !list.is_empty() && list.into_iter().all(|required| shown(required.text()))
            }
            Shape::Exactly(_) => false,
        },
        Predicate::Regex(regex) => {
            expression::required(regex.as_str()).is_some_and(|literals| literals.iter().all(|text| shown(text)))
        }
        _ => false,
    }
}

/// Of the stretches of a pattern those that say something: what is found everywhere does not, beside what is not.
fn telling(mut list: Vec<Required<'_>>) -> Vec<Required<'_>> {
    let tells = |required: &Required<'_>| required.text().len() >= TELLING;
    if list.iter().any(tells) {
        list.retain(tells);
    }
    list
}

/// Whether the path has at most one place in an alert, so that it is missing there or nowhere.
fn is_found_once(field: &Field) -> bool {
    match field.origin {
        Origin::Alert(Column::Raw | Column::ExtendedProperties) => field.steps.len() == 1,
        Origin::Alert(_) => field.steps.is_empty(),
        Origin::Element | Origin::Everywhere => false,
    }
}

/// How much of a test an atom has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exactness {
    /// All of it.
    Whole,
    /// Only what must hold for it to hold, as far as tables can tell.
    Necessary,
}

fn any_of(tests: &[Predicate], field: FieldId, atoms: &mut Atoms, exactness: Exactness) -> Formula {
    let parts: Vec<Formula> = tests.iter().map(|test| of_test(test, field, atoms, exactness)).collect();
    let mut singles: Vec<AtomId> = Vec::new();
    let mut others: Vec<Formula> = Vec::new();
    for part in parts {
        match part {
            Formula::Atom(atom, true) if atom < LAZY => singles.push(atom),
            part => others.push(part),
        }
    }
    if singles.len() > GROUPED {
        others.push(Formula::atom(atoms.group(singles)));
    } else {
        others.extend(singles.into_iter().map(Formula::atom));
    }
    Formula::any(others)
}

fn of_test(test: &Predicate, field: FieldId, atoms: &mut Atoms, exactness: Exactness) -> Formula {
    let hint = match test {
        Predicate::Text(text) => match text_atoms(text, field, atoms) {
            TextAtoms::Whole(formula) => return formula,
            TextAtoms::Hint(formula) => formula,
        },
        Predicate::Number(Order::Equal, number) => return Formula::atom(atoms.number(field, *number)),
        Predicate::Address(address) => return Formula::atom(atoms.address(field, *address)),
        Predicate::Network(network) => return Formula::atom(atoms.network(field, *network)),
        Predicate::Word(words) => return Formula::atom(atoms.words(field, *words)),
        Predicate::Bool(value) => return Formula::atom(atoms.bool(field, *value)),
        Predicate::Regex(regex) => regex_hint(regex.as_str(), field, atoms),
        Predicate::Number(..) | Predicate::Time(..) | Predicate::TimePart(..) => Formula::atom(atoms.present(field)),
    };
    match exactness {
        Exactness::Necessary => hint,
        Exactness::Whole => Formula::all([hint, Formula::atom(atoms.worked_out(Lazy::Test(field, Test::new(test))))]),
    }
}

/// What tables say of a text test.
enum TextAtoms {
    /// All there is to say.
    Whole(Formula),
    /// What must hold before the test itself is put to the values.
    Hint(Formula),
}

fn text_atoms(test: &TextTest, field: FieldId, atoms: &mut Atoms) -> TextAtoms {
    // A pattern may fit an address's canonical spelling, which tables do not hold.
    if test.is_address {
        return TextAtoms::Hint(Formula::atom(atoms.present(field)));
    }
    let mut required = |required: &Required<'_>| {
        Formula::atom(match required {
            Required::Start(text) => atoms.starts(field, &fold_text(text)),
            Required::End(text) => atoms.ends(field, &fold_text(text)),
            Required::Inside(text) => atoms.contains(field, &fold_text(text)),
        })
    };
    let (formula, is_whole) = match test.pattern.shape() {
        Shape::Only(only) => (required(&only), true),
        Shape::AtLeast(list) if list.is_empty() => (Formula::atom(atoms.present(field)), false),
        Shape::AtLeast(list) => (Formula::all(telling(list).iter().map(required).collect::<Vec<_>>()), false),
        Shape::Exactly(text) => (Formula::atom(atoms.exactly(field, &fold_text(text), test.number)), true),
    };
    // A number may be spelled as no pattern asks: of a text whose dash may be any dash.
    let formula = match test.number {
        Some(number) if !is_whole => Formula::any([formula, Formula::atom(atoms.number(field, number))]),
        _ => formula,
    };
    if is_whole && !test.cased { TextAtoms::Whole(formula) } else { TextAtoms::Hint(formula) }
}

fn regex_hint(source: &str, field: FieldId, atoms: &mut Atoms) -> Formula {
    match expression::required(source) {
        Some(literals) => {
            Formula::any(literals.iter().map(|text| Formula::atom(atoms.contains(field, text))).collect::<Vec<_>>())
        }
        None => Formula::atom(atoms.present(field)),
    }
}

/// A block is worked out element by element, once tables say that its lines may hold at all.
fn of_block(block: &Arc<Block>, atoms: &mut Atoms) -> Formula {
    let hint = necessary(&block.body, &block.field, atoms);
    Formula::all([hint, Formula::atom(atoms.worked_out(Lazy::Block(block.clone())))])
}

/// What must hold of the whole alert for an element of `within` to meet a condition: its positive lines, each for any
/// element.
fn necessary(expr: &Expr, within: &Field, atoms: &mut Atoms) -> Formula {
    match expr {
        Expr::All(parts) => Formula::all(parts.iter().map(|part| necessary(part, within, atoms)).collect::<Vec<_>>()),
        Expr::Any(parts) => Formula::any(parts.iter().map(|part| necessary(part, within, atoms)).collect::<Vec<_>>()),
        Expr::Not(_) => Formula::Always,
        Expr::Selection(selection) => necessary(&selection.expr, within, atoms),
        Expr::Block(block) => necessary(&block.body, &block.field.within(within), atoms),
        Expr::Clause(clause) => {
            let field = atoms.field(&clause.field.within(within));
            match &clause.check {
                Check::Exists => Formula::atom(atoms.exists(field)),
                Check::Null => Formula::Always,
                Check::AnyOf(tests) => any_of(tests, field, atoms, Exactness::Necessary),
                Check::AllOf(tests) => {
                    let parts = tests.iter().map(|test| of_test(test, field, atoms, Exactness::Necessary));
                    Formula::all(parts.collect::<Vec<_>>())
                }
                Check::SameAs(_) => Formula::atom(atoms.present(field)),
            }
        }
    }
}
