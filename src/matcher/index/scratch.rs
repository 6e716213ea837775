//! Working memory for one alert at a time, used again for the next: nothing is cleared, what is of another alert is told
//! by its number.

use super::Engine;
use super::atoms::AtomId;
use std::sync::Arc;

/// Working memory of one index.
#[derive(Debug)]
pub struct Scratch {
    /// Which atoms hold.
    pub marks: Marks,
    /// Unescaped and folded texts, one behind the other.
    pub texts: String,
    /// For each place of a path the object it was last found in.
    pub found_in: Vec<u64>,
    /// The number of the object that is being read.
    pub object: u64,
}

impl Scratch {
    /// For an index.
    pub fn new(engine: &Engine) -> Self {
        Self {
            marks: Marks { groups: engine.groups.clone(), ..Marks::new(engine.atoms.len()) },
            texts: String::new(),
            found_in: vec![0; engine.routes.len()],
            object: 0,
        }
    }

    /// Forgets the last alert.
    pub fn begin(&mut self) {
        // A text that took much memory once need not keep it.
        const MOST_KEPT: usize = 1 << 20;
        self.texts.clear();
        self.texts.shrink_to(MOST_KEPT);
        self.marks.begin();
    }
}

/// For each atom the groups that hold when it does.
#[derive(Debug, Default)]
pub struct Groups {
    starts: Vec<u32>,
    all: Vec<AtomId>,
}

impl Groups {
    /// From a list for each atom.
    pub fn new(lists: &[Vec<AtomId>]) -> Self {
        let mut groups = Self { starts: vec![0], all: lists.concat() };
        let mut end = 0;
        groups.starts.extend(lists.iter().map(|list| {
            end += list.len() as u32;
            end
        }));
        groups
    }

    fn of(&self, atom: AtomId) -> &[AtomId] {
        let at = atom as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => &self.all[*start as usize..*end as usize],
            _ => &[],
        }
    }
}

/// What is known of each atom for the alert at hand.
#[derive(Debug)]
pub struct Marks {
    /// Twice the number of the alert, and one more if the atom holds. Anything else is of another alert.
    known: Vec<u32>,
    alert: u32,
    groups: Arc<Groups>,
    /// The atoms that tables told, in the order they did.
    pub told: Vec<AtomId>,
}

impl Marks {
    /// For so many atoms.
    pub fn new(atoms: usize) -> Self {
        Self { known: vec![0; atoms], alert: 1, groups: Arc::default(), told: Vec::new() }
    }

    fn begin(&mut self) {
        self.told.clear();
        self.alert += 1;
        if self.alert > u32::MAX / 2 {
            self.known.fill(0);
            self.alert = 1;
        }
    }

    /// An atom holds, and with it the groups it is in.
    pub fn mark(&mut self, atom: Option<AtomId>) {
        let Some(atom) = atom else { return };
        let holds = self.alert * 2 + 1;
        if std::mem::replace(&mut self.known[atom as usize], holds) == holds {
            return;
        }
        self.told.push(atom);
        for group in self.groups.of(atom) {
            if std::mem::replace(&mut self.known[*group as usize], holds) != holds {
                self.told.push(*group);
            }
        }
    }

    /// Whether an atom is known to hold.
    pub fn holds(&self, atom: AtomId) -> bool {
        self.known[atom as usize] == self.alert * 2 + 1
    }

    /// What was worked out of an atom, if it was.
    pub fn remembered(&self, atom: AtomId) -> Option<bool> {
        let known = self.known[atom as usize];
        (known / 2 == self.alert).then_some(known % 2 == 1)
    }

    /// Remembers what was worked out.
    pub fn remember(&mut self, atom: AtomId, holds: bool) {
        self.known[atom as usize] = self.alert * 2 + u32::from(holds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_the_last_alert_even_when_numbers_run_out() {
        let mut marks = Marks::new(2);
        for alert in [1, 2, u32::MAX / 2 - 1, u32::MAX / 2] {
            marks.alert = alert;
            marks.mark(Some(0));
            marks.remember(1, false);
            assert!(marks.holds(0) && marks.remembered(1) == Some(false) && marks.told == [0]);
            marks.begin();
            assert!(!marks.holds(0) && marks.remembered(0).is_none() && marks.remembered(1).is_none());
        }
    }
}
