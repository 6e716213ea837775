//! The ways through texts that were walked, as a tree: where two shapes part, it forks.

use super::steady::{Steady, value};
use super::trace::{Passed, Trace};
use super::usual::Usual;
use super::{Effect, Stop};
use crate::alert::{AT_ONCE, Steps, alike, begins_number, begins_with};
use std::ops::Range;

/// The number of a node.
pub type NodeId = u32;

/// How many nodes there are at most, and how many bytes between them; then all is forgotten.
const MOST_NODES: usize = 1 << 14;
const MOST_BYTES: usize = 1 << 19;
/// How many effects.
const MOST_EFFECTS: usize = 1 << 16;
/// How many of one text.
const MOST_OF_ONE: usize = u16::MAX as usize;
/// How many ways lead on from one node at most: then the one that was not taken for the longest time is forgotten.
const MOST_WAYS: usize = 32;
/// What every text earns, what one that is of no known shape costs, and how much can be saved up: of texts that are never alike
/// one in four is tried.
const EARNED: u32 = 1;
const COST: u32 = 4;
const MOST_SAVED: u32 = 1_000;
/// Behind a node without a way on, and at the end of a list of ways.
const NONE: NodeId = 0;

/// The tree, with a root for each kind of text.
#[derive(Debug)]
pub struct Shapes {
    nodes: Vec<Node>,
    /// What stood lately at the stop of each: apart from them, since few are asked about.
    usual: Vec<Usual>,
    /// What was saved up with each root.
    saved: Vec<u32>,
    /// What stands between stops, of all nodes one behind the other.
    between: Vec<u8>,
    effects: Vec<Effect>,
    steady: Steady,
    #[cfg(test)]
    along: usize,
    #[cfg(test)]
    forgotten: usize,
}

/// A stop that a way leads to: all that most of them take to be compared, close together.
#[derive(Debug)]
#[repr(align(64))]
struct Node {
    /// What stands before it, as much as is compared at once, and how long it is.
    beginning: [u8; AT_ONCE],
    length: u16,
    /// Where all of it stands.
    between: u32,
    /// Where what is done on the way to it stands, and how much that is.
    effects: u32,
    done: u16,
    stop: Stop,
    /// The way on that was taken last, and the one to be tried after this one.
    first: NodeId,
    next: NodeId,
}

/// Stops of a text that make one step of a way: all before the last are at values that are always the same.
#[derive(Debug, Clone, Copy)]
struct Leg<'t> {
    passed: &'t [Passed],
    last: &'t Passed,
    /// What stands before the last, those values included.
    between: &'t [u8],
}

/// A stop that was come to.
#[derive(Debug)]
pub struct Next<'s> {
    /// Its node, from where it goes on.
    pub node: NodeId,
    /// What kind of stop it is.
    pub stop: Stop,
    /// What is done on the way to it.
    pub effects: &'s [Effect],
}

impl Shapes {
    /// Without any but so many roots.
    pub fn new(roots: usize) -> Self {
        let mut shapes = Self {
            nodes: Vec::new(),
            usual: Vec::new(),
            saved: vec![MOST_SAVED; roots],
            between: Vec::new(),
            effects: Vec::new(),
            steady: Steady::default(),
            #[cfg(test)]
            along: 0,
            #[cfg(test)]
            forgotten: 0,
        };
        shapes.forget();
        shapes
    }

    /// How many texts were walked along others.
    #[cfg(test)]
    pub fn along(&self) -> usize {
        self.along
    }

    fn forget(&mut self) {
        self.nodes.clear();
        self.usual.clear();
        self.between.clear();
        self.effects.clear();
        self.steady.make_room();
        let root = || Node {
            beginning: [0; AT_ONCE],
            length: 0,
            between: 0,
            effects: 0,
            done: 0,
            stop: Stop::End,
            first: NONE,
            next: NONE,
        };
        self.nodes.resize_with(self.saved.len(), root);
        self.usual.resize_with(self.saved.len(), Usual::default);
    }

    /// Whether another text is to be tried, by how many were alike of late.
    pub fn is_worth_trying(&mut self, root: NodeId) -> bool {
        let saved = &mut self.saved[root as usize];
        let is_worth_it = *saved >= COST;
        *saved = (*saved + EARNED).min(MOST_SAVED);
        is_worth_it
    }

    /// Steps over what stands before the next stop, and gives that; none if nothing known stands here.
    #[inline]
    pub fn next(&mut self, from: NodeId, steps: &mut Steps<'_>) -> Option<Next<'_>> {
        let first = self.nodes[from as usize].first;
        let (mut before, mut at) = (NONE, first);
        let here = steps.rest_of_text();
        while at != NONE {
            let node = &self.nodes[at as usize];
            if node.stands(here, &self.between) {
                steps.pass(node.length.into());
                let (stop, effects) = (node.stop, node.effects());
                if before != NONE {
                    self.nodes[before as usize].next = self.nodes[at as usize].next;
                    self.nodes[at as usize].next = first;
                    self.nodes[from as usize].first = at;
                }
                #[cfg(test)]
                if stop == Stop::End {
                    self.along += 1;
                }
                return Some(Next { node: at, stop, effects: &self.effects[effects] });
            }
            (before, at) = (at, node.next);
        }
        None
    }

    /// What stood lately at the stop of a node.
    #[inline]
    pub fn usual(&mut self, at: NodeId) -> &mut Usual {
        &mut self.usual[at as usize]
    }

    /// A text was of another shape.
    pub fn missed(&mut self, root: NodeId) {
        let saved = &mut self.saved[root as usize];
        *saved = saved.saturating_sub(COST);
    }

    /// Adds the way of a walk through a text.
    pub fn add(&mut self, root: NodeId, text: &str, trace: &Trace) {
        let Some((passed, effects)) = trace.whole() else { return };
        let mut steady = self.steady.among(text, passed);
        let between: usize = passed.iter().map(|passed| passed.between.len()).sum();
        let values = (0..passed.len()).filter(|number| steady[*number]).filter_map(|number| value(passed, number));
        let mut bytes = between + values.map(|value| value.len()).sum::<usize>();
        // What is as large as this would leave room for little else.
        if bytes > MOST_OF_ONE {
            steady.fill(false);
            bytes = between;
        }
        if bytes > MOST_OF_ONE {
            return;
        }
        if self.nodes.len() + passed.len() > MOST_NODES
            || self.between.len() + bytes > MOST_BYTES
            || self.effects.len() + effects.len() > MOST_EFFECTS
        {
            self.forget();
            #[cfg(test)]
            {
                self.forgotten += 1;
            }
        }
        let (mut at, mut from, mut end) = (root, 0, 0);
        while from < passed.len() {
            if end < from || from == 0 {
                end = from + steady[from..].iter().take_while(|is_steady| **is_steady).count();
            }
            let Some(leg) = self.leg(at, text, passed, from..end + 1) else { return };
            at = self.known(at, leg).unwrap_or_else(|| self.push(at, leg, effects));
            from += leg.passed.len();
        }
    }

    /// The next step of a way from a node through stops at values that are always the same, and one that is not: up to that,
    /// or to the first that is another one on a way from here.
    fn leg<'t>(
        &mut self,
        node: NodeId,
        text: &'t str,
        all: &'t [Passed],
        Range { start, end }: Range<usize>,
    ) -> Option<Leg<'t>> {
        let leg = Leg::new(text, all.get(start..end)?)?;
        if self.known(node, leg).is_some() {
            return Some(leg);
        }
        let parted = self.parted(node, leg);
        parted.iter().for_each(|number| self.steady.note_other(text, &all[..=start + number]));
        parted.first().map_or(Some(leg), |number| Leg::new(text, &all[start..=start + number]))
    }

    /// The ways on from a node, the last taken first.
    fn ways(&self, from: NodeId) -> impl Iterator<Item = NodeId> {
        let next = |way: NodeId| (way != NONE).then_some(way);
        std::iter::successors(next(self.nodes[from as usize].first), move |way| next(self.nodes[*way as usize].next))
    }

    fn known(&self, from: NodeId, leg: Leg<'_>) -> Option<NodeId> {
        let is_it = |way: &NodeId| {
            let node = &self.nodes[*way as usize];
            node.stop == leg.last.stop && self.between[node.between()] == *leg.between
        };
        self.ways(from).find(is_it)
    }

    /// The stops of a leg whose values are others on ways from here.
    fn parted(&self, from: NodeId, leg: Leg<'_>) -> Vec<usize> {
        let start = leg.passed[0].between.start;
        let parted = |way| {
            let way = &self.between[self.nodes[way as usize].between()];
            let at = start + way.iter().zip(leg.between).take_while(|(way, leg)| way == leg).count();
            let number = leg.passed.partition_point(|passed| passed.between.end <= at).checked_sub(1)?;
            value(leg.passed, number)?.contains(&at).then_some(number)
        };
        let mut parted: Vec<usize> = self.ways(from).filter_map(parted).collect();
        parted.sort_unstable();
        parted.dedup();
        parted
    }

    fn push(&mut self, from: NodeId, leg: Leg<'_>, effects: &[Effect]) -> NodeId {
        if !leg.last.is_read {
            self.drop_longer(from, leg);
        }
        let last_kept = self.ways(from).nth(MOST_WAYS - 2);
        last_kept.into_iter().for_each(|way| self.nodes[way as usize].next = NONE);
        let number = self.nodes.len() as NodeId;
        let done = &effects[leg.passed[0].effects.start..leg.last.effects.end];
        let mut beginning = [0; AT_ONCE];
        leg.between.iter().zip(&mut beginning).for_each(|(byte, room)| *room = *byte);
        let next = std::mem::replace(&mut self.nodes[from as usize].first, number);
        self.nodes.push(Node {
            beginning,
            length: leg.between.len() as u16,
            between: self.between.len() as u32,
            effects: self.effects.len() as u32,
            done: done.len() as u16,
            stop: leg.last.stop,
            first: NONE,
            next,
        });
        self.usual.push(Usual::default());
        self.between.extend_from_slice(leg.between);
        self.effects.extend_from_slice(done);
        number
    }

    /// Drops the ways that begin with a leg and go on with some value where that ends, and all that is behind them: texts
    /// that went there are learned anew.
    fn drop_longer(&mut self, from: NodeId, leg: Leg<'_>) {
        let is_longer = |way: &NodeId| {
            let rest = self.between[self.nodes[*way as usize].between()].strip_prefix(leg.between);
            rest.and_then(<[u8]>::first).is_some_and(|byte| match leg.last.stop {
                Stop::Number(_) => begins_number(*byte),
                _ => true,
            })
        };
        let kept: Vec<NodeId> = self.ways(from).filter(|way| !is_longer(way)).collect();
        self.nodes[from as usize].first = kept.first().copied().unwrap_or(NONE);
        for (number, way) in kept.iter().enumerate() {
            self.nodes[*way as usize].next = kept.get(number + 1).copied().unwrap_or(NONE);
        }
    }
}

impl<'t> Leg<'t> {
    /// Through stops of a text; none without any.
    fn new(text: &'t str, passed: &'t [Passed]) -> Option<Self> {
        let (first, last) = (passed.first()?, passed.last()?);
        let between = text.as_bytes().get(first.between.start..last.between.end)?;
        Some(Self { passed, last, between })
    }
}

impl Node {
    fn effects(&self) -> Range<usize> {
        self.effects as usize..self.effects as usize + usize::from(self.done)
    }

    fn between(&self) -> Range<usize> {
        self.between as usize..self.between as usize + usize::from(self.length)
    }

    #[inline]
    fn may_stop_at(&self, behind: &[u8]) -> bool {
        match self.stop {
            Stop::Number(_) => behind.first().is_some_and(|byte| begins_number(*byte)),
            Stop::End => behind.iter().all(u8::is_ascii_whitespace),
            Stop::Text(_) | Stop::Rest(_) | Stop::Payload => true,
        }
    }

    /// Whether what leads to this stop stands here, and such a stop behind it.
    #[inline]
    fn stands(&self, here: &[u8], between: &[u8]) -> bool {
        let length = usize::from(self.length);
        let begins = match here.first_chunk() {
            Some(beginning) => alike(beginning, &self.beginning) >= length.min(AT_ONCE),
            None => here.starts_with(&between[self.between()]),
        };
        if !begins || (length > AT_ONCE && !begins_with(here, &between[self.between()])) {
            return false;
        }
        // No list of cases, which would become a jump: a processor cannot foresee where one leads, texts are nearly all.
        if let Stop::Text(_) = self.stop {
            return true;
        }
        self.may_stop_at(&here[length..])
    }
}

#[cfg(test)]
mod tests;
