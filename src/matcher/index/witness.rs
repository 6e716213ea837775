//! Witnesses: for each formula a set of atoms of which at least one must hold, the one that holds least often.

use super::atoms::{AtomId, Atoms, LAZY};
use super::formula::Formula;

/// Atoms of which at least one holds whenever the formula does.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// The atoms; without any, the formula never holds.
    pub atoms: Vec<AtomId>,
    /// How often one of them holds, by estimate.
    pub rate: f32,
}

/// The cheapest witness of a formula; none if it can hold although no table says anything. `opinion` is the last word
/// on what one costs.
pub fn cheapest(formula: &Formula, atoms: &Atoms, opinion: &mut dyn FnMut(f32) -> f32) -> Option<Witness> {
    match formula {
        Formula::Always => None,
        Formula::Never => Some(Witness { atoms: Vec::new(), rate: 0.0 }),
        Formula::Atom(atom, holds) => {
            (*holds && *atom < LAZY).then(|| Witness { atoms: vec![*atom], rate: opinion(atoms.rate(*atom)) })
        }
        Formula::All(parts) => parts
            .iter()
            .filter_map(|part| cheapest(part, atoms, opinion))
            .min_by(|one, other| one.rate.total_cmp(&other.rate)),
        Formula::Any(parts) => {
            let mut union = Witness { atoms: Vec::new(), rate: 0.0 };
            for part in parts {
                let witness = cheapest(part, atoms, opinion)?;
                union.atoms.extend(witness.atoms);
                union.rate += witness.rate;
            }
            union.atoms.sort_unstable();
            union.atoms.dedup();
            Some(union)
        }
    }
}
