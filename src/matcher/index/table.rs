//! What each atom of a table leads to: the conditions it is a witness of, and the groups it brings about.

use super::atoms::AtomId;
use super::code::Address;
use std::ops::Range;

/// Lists for each atom, one behind the other.
#[derive(Debug, Default)]
pub struct AtomTable {
    entries: Vec<Entry>,
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
        self.postings.extend(postings);
        self.groups.extend(groups);
        self.entries.push(Entry { postings: self.postings.len() as u32, groups: self.groups.len() as u32 });
    }

    /// The conditions an atom is a witness of.
    pub fn postings(&self, atom: AtomId) -> &[Posting] {
        let (start, end) = self.around(atom);
        &self.postings[start.postings as usize..end.postings as usize]
    }

    /// Where the groups of an atom stand.
    pub fn groups(&self, atom: AtomId) -> Range<usize> {
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
