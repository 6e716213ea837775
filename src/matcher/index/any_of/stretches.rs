//! Literals filed under several stretches, each beginning one byte behind the one before: wherever a literal stands, one of
//! them stands at one of the places of a text that are as far apart as they are many. Nearly all stretches at those places
//! are told from every filed one by a look into a bitmap that stays in the processor's cache, and the rest are compared.

use super::super::filing::{Filing, as_number, in_a_row};
use super::{Effort, weight};
use std::collections::BTreeMap;
use std::ops::Range;

/// The steps there are: the longest for which every literal is long enough.
const STEPS: [usize; 4] = [8, 6, 4, 2];

/// The shortest literal that has as many stretches of a length as that is long.
pub const fn shortest(stretch: usize) -> usize {
    2 * stretch - 1
}

/// So many stretches are looked at together.
const LOOK: usize = 8;

/// Literals filed under stretches of one length.
#[derive(Debug)]
pub struct Stretches<const N: usize> {
    filing: Filing<Filed>,
    literals: Vec<Box<[u8]>>,
    /// How far apart the stretches of a text are that are looked at: as many each literal is filed under.
    step: usize,
}

/// A literal and where in it the stretch begins that it is filed under.
#[derive(Debug, Clone, Copy)]
struct Filed {
    literal: u32,
    offset: u32,
}

impl<const N: usize> Stretches<N> {
    /// Of literals that are long enough; none without any.
    pub fn new(literals: Vec<Box<[u8]>>) -> Option<Self> {
        let weigh = |stretch: u32| stretch.to_le_bytes()[..N].iter().map(|byte| weight(*byte)).product();
        let most = literals.iter().map(|literal| literal.len()).min()?.checked_sub(N - 1)?;
        let step = STEPS.into_iter().find(|step| (N..=most).contains(step))?;
        let mut by_stretch: BTreeMap<u32, Vec<Filed>> = BTreeMap::new();
        for (number, literal) in literals.iter().enumerate() {
            for (stretch, offset) in in_a_row::<N>(literal, step, weigh) {
                let filed = Filed { literal: number as u32, offset: offset as u32 };
                by_stretch.entry(stretch).or_default().push(filed);
            }
        }
        Some(Self { filing: Filing::new(by_stretch)?, literals, step })
    }

    /// Whether a literal stands in a text, or the effort does not suffice to tell.
    pub fn may_stand_in(&self, text: &[u8], effort: &mut Effort) -> bool {
        match self.step {
            8 => self.may_stand_by::<8>(text, effort),
            6 => self.may_stand_by::<6>(text, effort),
            4 => self.may_stand_by::<4>(text, effort),
            _ => self.may_stand_by::<2>(text, effort),
        }
    }

    /// With the step known where this is compiled, a look needs no branch.
    fn may_stand_by<const STEP: usize>(&self, text: &[u8], effort: &mut Effort) -> bool {
        let (looks, _) = text.as_chunks::<STEP>().0.as_chunks::<LOOK>();
        let places = (0..).step_by(STEP * LOOK);
        // Whether anything was found is asked once a look: nearly always nothing was.
        let mut found = looks.iter().zip(places).filter(|(look, _)| self.is_any_filed(look));
        found.any(|(_, at)| self.may_stand_at(text, at..at + STEP * LOOK, effort))
            || self.may_stand_at(text, looks.len() * STEP * LOOK..text.len(), effort)
    }

    #[inline]
    fn is_any_filed<const STEP: usize>(&self, look: &[[u8; STEP]; LOOK]) -> bool {
        look.iter().fold(false, |any, step| any | self.filing.may_hold(as_number::<N>(step)))
    }

    fn may_stand_at(&self, text: &[u8], places: Range<usize>, effort: &mut Effort) -> bool {
        let step = self.step;
        places.step_by(step).any(|at| {
            let Some(stretch) = text.get(at..at + N).map(as_number::<N>) else { return false };
            if !self.filing.may_hold(stretch) {
                return false;
            }
            // A sender who knows the rules could make every stretch be looked up.
            if effort.spend(2).is_none() {
                return true;
            }
            let may_begin = |filed: &Filed| {
                let literal = &self.literals[filed.literal as usize];
                effort.may_begin(text, at, filed.offset as usize, literal)
            };
            self.filing.under(stretch).iter().any(may_begin)
        })
    }
}
