//! What each atom of a table leads to: the conditions it is a witness of, and the groups it brings about.

use super::atoms::AtomId;
use super::code::Address;
use std::ops::Range;

/// Lists for each atom, one behind the other.
#[derive(Debug, Default)]
pub struct AtomTable {
    entries: Vec<Entry>,
    /// A bit for each atom that leads to a condition, and for each that brings about a group: few do, and these stay close to
    /// the processor.
    leading: Bits,
    grouped: Bits,
    postings: Vec<Posting>,
    groups: Vec<AtomId>,
}

/// Where an atom's lists end; they begin where those of the atom before end.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    postings: u32,
    groups: u32,
}

/// A condition and where its code begins.
#[derive(Debug, Clone, Copy)]
pub struct Posting {
    /// The condition's number.
    pub condition: u32,
    /// Its code.
    pub code: Address,
}

impl AtomTable {
    /// Adds the lists of the next atom.
    pub fn push(&mut self, postings: impl Iterator<Item = Posting>, groups: &[AtomId]) {
        let atom = self.entries.len();
        let leading = self.postings.len();
        self.postings.extend(postings);
        self.leading.push(atom, self.postings.len() > leading);
        self.groups.extend(groups);
        self.grouped.push(atom, !groups.is_empty());
        self.entries.push(Entry { postings: self.postings.len() as u32, groups: self.groups.len() as u32 });
    }

    /// Puts those of some atoms that lead to conditions into a list in place of what is there.
    #[inline]
    pub fn leading(&self, atoms: &[AtomId], into: &mut Vec<AtomId>) {
        into.clear();
        into.resize(atoms.len(), 0);
        // No branch, since a processor cannot foresee which of them do.
        let mut count = 0;
        for atom in atoms {
            into[count] = *atom;
            count += usize::from(self.leading.holds(*atom));
        }
        into.truncate(count);
    }

    /// The conditions an atom is a witness of.
    #[inline]
    pub fn postings(&self, atom: AtomId) -> &[Posting] {
        let (start, end) = self.around(atom);
        &self.postings[start.postings as usize..end.postings as usize]
    }

    /// Where the groups of an atom stand.
    #[inline]
    pub fn groups(&self, atom: AtomId) -> Range<usize> {
        if !self.grouped.holds(atom) {
            return 0..0;
        }
        let (start, end) = self.around(atom);
        start.groups as usize..end.groups as usize
    }

    /// The group at a place.
    pub fn group(&self, place: usize) -> AtomId {
        self.groups[place]
    }

    fn around(&self, atom: AtomId) -> (Entry, Entry) {
        let at = atom as usize;
        let start = at.checked_sub(1).and_then(|before| self.entries.get(before)).copied().unwrap_or_default();
        (start, self.entries.get(at).copied().unwrap_or(start))
    }
}

/// A bit for each atom.
#[derive(Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn push(&mut self, atom: usize, holds: bool) {
        self.0.resize(atom / 64 + 1, 0);
        self.0[atom / 64] |= u64::from(holds) << (atom % 64);
    }

    #[inline]
    fn holds(&self, atom: AtomId) -> bool {
        self.0.get(atom as usize / 64).is_some_and(|word| word >> (atom % 64) & 1 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_atom_leads_to_its_own() {
        let mut table = AtomTable::default();
        let posting = |condition| Posting { condition, code: 0 };
        for atom in 0..200_u32 {
            let groups: Vec<AtomId> = (0..atom % 3).map(|group| atom + group).collect();
            table.push((0..atom % 4).map(|number| posting(atom + number)), &groups);
        }
        for atom in 0..200 {
            let conditions: Vec<u32> = table.postings(atom).iter().map(|posting| posting.condition).collect();
            assert_eq!(conditions, (0..atom % 4).map(|number| atom + number).collect::<Vec<_>>());
            let groups: Vec<AtomId> = table.groups(atom).map(|place| table.group(place)).collect();
            assert_eq!(groups, (0..atom % 3).map(|group| atom + group).collect::<Vec<_>>());
        }
        let mut leading = vec![7];
        table.leading(&[0, 3, 4, 6, 200], &mut leading);
        assert_eq!(leading, [3, 6]);
        assert!(table.postings(200).is_empty() && table.groups(200).is_empty());
    }
}
