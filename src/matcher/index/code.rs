//! Formulas as flat code: one operation asks for one atom and says where to go on if it holds, and where if not.

use super::atoms::{AtomId, Atoms};
use super::formula::Formula;

/// Where code begins, or one of its two ends.
pub type Address = u32;

/// The formula holds.
const MET: Address = Address::MAX;
/// It does not.
const FAILED: Address = Address::MAX - 1;

/// The code of every formula, those that are run one after the other beside each other.
#[derive(Debug, Default)]
pub struct Code {
    operations: Vec<Operation>,
}

#[derive(Debug, Clone, Copy)]
struct Operation {
    atom: AtomId,
    if_holds: Address,
    otherwise: Address,
}

impl Code {
    /// Adds a formula; gives where its code begins.
    pub fn add(&mut self, formula: &Formula, atoms: &Atoms) -> Address {
        self.emit(formula, MET, FAILED, atoms)
    }

    /// From the last operation to the first, so that every jump goes to what is there already.
    fn emit(&mut self, formula: &Formula, if_holds: Address, otherwise: Address, atoms: &Atoms) -> Address {
        match formula {
            Formula::Always => if_holds,
            Formula::Never => otherwise,
            Formula::Atom(atom, true) => self.push(Operation { atom: *atom, if_holds, otherwise }),
            Formula::Atom(atom, false) => {
                self.push(Operation { atom: *atom, if_holds: otherwise, otherwise: if_holds })
            }
            Formula::All(parts) => {
                let last_first = in_order(parts, atoms, |odds| odds.holds).into_iter().rev();
                last_first.fold(if_holds, |next, part| self.emit(part, next, otherwise, atoms))
            }
            Formula::Any(parts) => {
                let last_first = in_order(parts, atoms, |odds| 1.0 - odds.holds).into_iter().rev();
                last_first.fold(otherwise, |next, part| self.emit(part, if_holds, next, atoms))
            }
        }
    }

    fn push(&mut self, operation: Operation) -> Address {
        self.operations.push(operation);
        (self.operations.len() - 1) as Address
    }

    /// Whether the formula whose code begins here holds.
    pub fn run(&self, start: Address, mut holds: impl FnMut(AtomId) -> bool) -> bool {
        let mut at = start;
        loop {
            match self.operations.get(at as usize) {
                Some(operation) => at = if holds(operation.atom) { operation.if_holds } else { operation.otherwise },
                None => return at == MET,
            }
        }
    }
}

/// What is expected of a formula before any alert is seen.
#[derive(Debug, Clone, Copy)]
struct Odds {
    /// How often it holds.
    holds: f32,
    /// What it costs where tables do not answer, in nanoseconds.
    cost: f32,
}

/// What tables answer comes first, then what is cheap; of the same cost, what most probably decides the whole.
fn in_order<'f>(parts: &'f [Formula], atoms: &Atoms, stays: impl Fn(Odds) -> f32) -> Vec<&'f Formula> {
    let mut parts: Vec<_> = parts.iter().map(|part| (part, odds(part, atoms))).collect();
    parts.sort_by(|(_, one), (_, other)| one.cost.total_cmp(&other.cost).then(stays(*one).total_cmp(&stays(*other))));
    parts.into_iter().map(|(part, _)| part).collect()
}

fn odds(formula: &Formula, atoms: &Atoms) -> Odds {
    match formula {
        Formula::Always => Odds { holds: 1.0, cost: 0.0 },
        Formula::Never => Odds { holds: 0.0, cost: 0.0 },
        Formula::Atom(atom, positive) => {
            let rate = atoms.rate(*atom);
            let cost = atoms.as_lazy(*atom).map_or(0.0, |lazy| lazy.cost());
            Odds { holds: if *positive { rate } else { 1.0 - rate }, cost }
        }
        Formula::All(parts) => {
            parts.iter().map(|part| odds(part, atoms)).fold(Odds { holds: 1.0, cost: 0.0 }, |all, part| Odds {
                holds: all.holds * part.holds,
                cost: all.cost + part.cost,
            })
        }
        Formula::Any(parts) => {
            let none = parts.iter().map(|part| odds(part, atoms)).fold(Odds { holds: 1.0, cost: 0.0 }, |none, part| {
                Odds { holds: none.holds * (1.0 - part.holds), cost: none.cost + part.cost }
            });
            Odds { holds: 1.0 - none.holds, cost: none.cost }
        }
    }
}

/// What working a formula out costs at most where tables do not answer, in nanoseconds, by estimate.
pub fn cost(formula: &Formula, atoms: &Atoms) -> f32 {
    odds(formula, atoms).cost
}
