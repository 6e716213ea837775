//! From conditions to the index: formulas, witnesses, postings, code, tables.

use super::Engine;
use super::atoms::{ALWAYS, AtomId, Atoms, Lazy};
use super::code::{self, Code};
use super::formula::{self, Formula};
use super::keywords::Keywords;
use super::probe::ROOM;
use super::route::{NullQuestion, Routes};
use super::table::{AtomTable, Posting};
use super::witness::{self, Witness};
use crate::alert::field::{Column, Origin};
use crate::matcher::expr::{Condition, Expr};
use std::collections::HashMap;
use std::sync::Arc;

/// What it costs to look through an alert for keywords once one is asked for, roughly, in nanoseconds.
const LOOKING_FOR_KEYWORDS: f32 = 1_000.0;

/// And to try one condition, whatever it asks.
const TRYING: f32 = 10.0;

/// Builds the engine of these conditions, in their order.
pub fn engine(conditions: &[Arc<Condition>], opinion: &mut dyn FnMut(f32) -> f32) -> Engine {
    let mut atoms = Atoms::default();
    let formulas: Vec<Formula> =
        conditions.iter().map(|condition| formula::of_condition(&condition.expr, &mut atoms)).collect();
    let mut uses = vec![0; atoms.eager()];
    formulas.iter().for_each(|formula| count_uses(formula, &mut uses));
    atoms.weigh(&uses, conditions.len());

    let mut always: Vec<usize> = Vec::new();
    let mut posted: Vec<Vec<u32>> = vec![Vec::new(); atoms.eager()];
    for (number, formula) in formulas.iter().enumerate() {
        match witness::cheapest(formula, &atoms, opinion) {
            Some(witness) => witness.atoms.iter().for_each(|atom| posted[*atom as usize].push(number as u32)),
            None => always.push(number),
        }
    }

    let leads = |atom: AtomId| !posted[atom as usize].is_empty();
    let keywords = atoms.keywords().and_then(|asked| Keywords::new(asked, leads));
    let late = asked_late(keywords.as_ref(), &mut atoms);
    let when_asked = |atom| late.get(&atom).copied().unwrap_or(atom);
    let formulas: Vec<Formula> = formulas.into_iter().map(|formula| formula.with_atoms(&when_asked)).collect();

    // Code is laid in the order in which it is run.
    let mut code = Code::default();
    let mut starts: Vec<Option<u32>> = vec![None; formulas.len()];
    let mut posting = |number: u32, code: &mut Code| {
        let start = *starts[number as usize].get_or_insert_with(|| code.add(&formulas[number as usize], &atoms));
        Posting { condition: number, code: start }
    };
    let mut table = AtomTable::default();
    for (numbers, groups) in posted.iter().zip(&atoms.groups_of) {
        table.push(numbers.iter().map(|number| posting(*number, &mut code)), groups);
    }
    let always = always.into_iter().map(|number| posting(number as u32, &mut code)).collect();

    let mut routes = Routes::default();
    let (mut probes, mut room) = (Vec::with_capacity(atoms.probes.len()), ROOM);
    for (number, (field, builder)) in std::mem::take(&mut atoms.probes).into_iter().enumerate() {
        routes.add(&field, number as u32);
        let mut probe = builder.finish(&mut room);
        // Events come as logs do, the same values again and again; what alerts name mostly does not, and to look that up in
        // vain takes memory that is not close to the processor.
        probe.is_remembered = matches!(field.origin, Origin::Alert(Column::Raw) | Origin::Everywhere);
        if let Some(null) = probe.null {
            routes.nulls.push(NullQuestion { field: field.into(), exists: probe.exists, null });
        }
        probes.push(probe);
    }
    atoms.finish();
    Engine { routes, keywords, probes, atoms, table: Arc::new(table), always, code }
}

/// What stands for each keyword that leads to no condition where one asks for it.
fn asked_late(keywords: Option<&Keywords>, atoms: &mut Atoms) -> HashMap<AtomId, AtomId> {
    let others = keywords.iter().flat_map(|keywords| &keywords.other_atoms);
    others.map(|atom| (*atom, atoms.worked_out(Lazy::Keyword(*atom)))).collect()
}

fn count_uses(formula: &Formula, uses: &mut [u32]) {
    match formula {
        Formula::Always | Formula::Never => {}
        Formula::Atom(atom, _) => uses.get_mut(*atom as usize).into_iter().for_each(|uses| *uses += 1),
        Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| count_uses(part, uses)),
    }
}

/// If nothing in a condition leads an index to it: what trying it on an alert costs at most, in nanoseconds, by
/// estimate.
pub fn is_tried_on_every_alert(expr: &Expr) -> Option<f32> {
    let mut atoms = Atoms::default();
    let formula = formula::of_condition(expr, &mut atoms);
    let is_everywhere = |atom: &AtomId| atoms.rate(*atom) >= ALWAYS;
    match witness::cheapest(&formula, &atoms, &mut |rate| rate) {
        Some(Witness { atoms, .. }) if !atoms.iter().any(is_everywhere) => None,
        _ => {
            let keywords = atoms.keywords().and_then(|asked| Keywords::new(asked, |_| false));
            let late = asked_late(keywords.as_ref(), &mut atoms);
            let looking = if late.is_empty() { 0.0 } else { LOOKING_FOR_KEYWORDS };
            let formula = formula.with_atoms(&|atom| late.get(&atom).copied().unwrap_or(atom));
            Some((looking + code::cost(&formula, &atoms)).max(TRYING))
        }
    }
}
