//! The ways through texts that were walked, as a tree: where two shapes part, it forks.

use super::steady::{Leg, Steady};
use super::trace::{Passed, Trace};
use super::{Effect, Stop};
use crate::alert::{AT_ONCE, Steps};
use std::ops::Range;

/// The number of a node.
pub type NodeId = u32;

/// How many nodes there are at most, and how many bytes between them; then all is forgotten.
const MOST_NODES: usize = 1 << 14;
const MOST_BYTES: usize = 1 << 19;
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
    /// What was saved up with each root.
    saved: Vec<u32>,
    /// What stands between stops, of all nodes one behind the other, and zeros, so that as many bytes as are compared at
    /// once stand behind each beginning.
    between: Vec<u8>,
    effects: Vec<Effect>,
    steady: Steady,
    #[cfg(test)]
    along: usize,
    #[cfg(test)]
    forgotten: usize,
}

/// A stop that a way leads to.
#[derive(Debug)]
struct Node {
    /// What stands before it.
    between: Range<u32>,
    /// What is done on the way to it.
    effects: Range<u32>,
    stop: Stop,
    /// The way on that was taken last, and the one to be tried after this one.
    first: NodeId,
    next: NodeId,
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
        self.between.clear();
        self.between.resize(AT_ONCE, 0);
        self.effects.clear();
        self.steady.forget();
        let root = || Node { between: 0..0, effects: 0..0, stop: Stop::End, first: NONE, next: NONE };
        self.nodes.resize_with(self.saved.len(), root);
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
        while at != NONE {
            let node = &self.nodes[at as usize];
            if let Some(behind) = node.stop_behind(&self.between, *steps) {
                *steps = behind;
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

    /// A text was of another shape.
    pub fn missed(&mut self, root: NodeId) {
        let saved = &mut self.saved[root as usize];
        *saved = saved.saturating_sub(COST);
    }

    /// Adds the way of a walk through a text.
    pub fn add(&mut self, root: NodeId, text: &str, trace: &Trace) {
        let Some((passed, effects)) = trace.whole() else { return };
        let bytes = self.steady.bytes(text, passed);
        // What is as large as this would leave room for little else.
        if bytes > MOST_BYTES / 4 {
            return;
        }
        if self.nodes.len() + passed.len() > MOST_NODES || self.between.len() + bytes > MOST_BYTES {
            self.forget();
            #[cfg(test)]
            {
                self.forgotten += 1;
            }
        }
        let (mut at, mut ahead) = (root, passed);
        while !ahead.is_empty() {
            let Some(leg) = self.leg(at, text, ahead) else { return };
            at = self.known(at, leg).unwrap_or_else(|| self.push(at, leg, effects));
            ahead = &ahead[leg.passed.len()..];
        }
    }

    /// The next step of a way from a node: up to the first value that is not always the same.
    fn leg<'t>(&mut self, from: NodeId, text: &'t str, ahead: &'t [Passed]) -> Option<Leg<'t>> {
        let leg = self.steady.leg(text, ahead)?;
        let parted = if self.known(from, leg).is_none() { self.parted(from, text, leg) } else { None };
        parted.map_or(Some(leg), |length| Leg::new(text, &ahead[..length]))
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

    /// How many stops of a leg there are up to the first value that is another one on a way from here.
    fn parted(&mut self, from: NodeId, text: &str, leg: Leg<'_>) -> Option<usize> {
        let alike = |way| {
            let way = &self.between[self.nodes[way as usize].between()];
            way.iter().zip(leg.between).take_while(|(way, leg)| way == leg).count()
        };
        let start = leg.passed[0].between.start;
        let places: Vec<usize> = self.ways(from).map(|way| start + alike(way)).collect();
        places.into_iter().filter_map(|place| self.steady.parted(text, leg.passed, place)).min()
    }

    fn push(&mut self, from: NodeId, leg: Leg<'_>, effects: &[Effect]) -> NodeId {
        if !leg.last.is_asked {
            self.drop_longer(from, leg);
        }
        let last_kept = self.ways(from).nth(MOST_WAYS - 2);
        last_kept.into_iter().for_each(|way| self.nodes[way as usize].next = NONE);
        let number = self.nodes.len() as NodeId;
        self.between.truncate(self.between.len() - AT_ONCE);
        let (text, done) = (self.between.len() as u32, self.effects.len() as u32);
        self.between.extend_from_slice(leg.between);
        let end = self.between.len() as u32;
        self.between.resize(self.between.len() + AT_ONCE, 0);
        self.effects.extend_from_slice(&effects[leg.passed[0].effects.start..leg.last.effects.end]);
        let next = std::mem::replace(&mut self.nodes[from as usize].first, number);
        let effects = done..self.effects.len() as u32;
        self.nodes.push(Node { between: text..end, effects, stop: leg.last.stop, first: NONE, next });
        number
    }

    /// Drops the ways that begin with a leg and go on with some value where that ends.
    fn drop_longer(&mut self, from: NodeId, leg: Leg<'_>) {
        let is_longer = |way: &NodeId| {
            let rest = self.between[self.nodes[*way as usize].between()].strip_prefix(leg.between);
            rest.and_then(<[u8]>::first).is_some_and(|byte| match leg.last.stop {
                Stop::Number(_) => matches!(byte, b'-' | b'0'..=b'9'),
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

impl Node {
    fn effects(&self) -> Range<usize> {
        self.effects.start as usize..self.effects.end as usize
    }

    fn between(&self) -> Range<usize> {
        self.between.start as usize..self.between.end as usize
    }

    /// The place of this stop, if what leads to it stands here.
    #[inline]
    fn stop_behind<'t>(&self, between: &[u8], mut steps: Steps<'t>) -> Option<Steps<'t>> {
        let Range { start, end } = self.between();
        match between[start..].first_chunk() {
            Some(word) if end - start <= AT_ONCE => steps.over_beginning(word, end - start)?,
            _ => steps.over(&between[start..end])?,
        }
        let stops = match self.stop {
            Stop::Number(_) => steps.is_at_number(),
            Stop::End => steps.is_at_end(),
            Stop::Text(_) | Stop::Rest(_) | Stop::Payload => true,
        };
        stops.then_some(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::atoms::AtomId;
    use super::*;

    /// The way through a text of values in quotes, which are asked about or are not.
    fn way_of(text: &str, is_asked: bool) -> Trace {
        let mut trace = Trace::default();
        trace.begin(0);
        let mut steps = Steps::new(text);
        while let Some(quote) = text[steps.at()..].find('"') {
            steps.over(&text.as_bytes()[steps.at()..=steps.at() + quote]).unwrap();
            trace.effect(Effect::Mark(steps.at() as u32));
            trace.stop(Stop::Text(is_asked.then_some(0)), steps.at(), is_asked);
            steps.string_rest().unwrap();
            trace.resume(steps.at());
        }
        trace.stop(Stop::End, text.len(), true);
        trace
    }

    fn way(text: &str) -> Trace {
        way_of(text, true)
    }

    /// The atoms that are marked on the way through a text, if it is of a shape that is known.
    fn along(shapes: &mut Shapes, root: NodeId, text: &str) -> Option<Vec<AtomId>> {
        let (mut steps, mut at, mut marked) = (Steps::new(text), root, Vec::new());
        loop {
            let next = shapes.next(at, &mut steps)?;
            at = next.node;
            marked.extend(next.effects.iter().map(|effect| match effect {
                Effect::Mark(atom) => *atom,
                Effect::Put(..) => 0,
            }));
            match next.stop {
                Stop::End => return Some(marked),
                _ => steps.string_rest()?,
            }
        }
    }

    #[test]
    fn what_stands_between_values_decides_whether_a_text_is_alike() {
        let mut shapes = Shapes::new(2);
        for text in [r#"["a"]"#, r#"["a","b"]"#, r#"["a", "b"]"#, r#"{"a"}"#] {
            assert_eq!(along(&mut shapes, 1, text), None, "{text}");
            for _ in 0..2 {
                shapes.add(1, text, &way(text));
                assert!(along(&mut shapes, 1, text).is_some() && along(&mut shapes, 0, text).is_none(), "{text}");
            }
        }
        // Two roots, and no stop of four ways stands twice.
        assert_eq!(shapes.nodes.len(), 2 + 2 + 2 + 2 + 2);
        for _ in 0..3 {
            assert_eq!(along(&mut shapes, 1, r#"["other \" one","b"]"#), Some(vec![2, 6]));
            assert_eq!(along(&mut shapes, 1, r#"["", "b"]"#), Some(vec![2, 7]));
            for other in [r#"["a"], "#, r#"["a","b","c"]"#, r#"["a" ,"b"]"#, r#"["a""#, r#"["a"#, "", r#"{"a"]"#] {
                assert_eq!(along(&mut shapes, 1, other), None, "{other}");
            }
        }
    }

    /// Short stretches are compared at once and long ones are not; whether anything stands behind them does not matter.
    #[test]
    fn stretches_of_any_length_are_compared_to_their_end() {
        for length in 0..=2 * AT_ONCE + 2 {
            let mut shapes = Shapes::new(1);
            for behind in [String::new(), "\0".repeat(AT_ONCE), "é".repeat(AT_ONCE)] {
                let text = |between: &str| format!("{between}\"\"{behind}");
                let between: String = (0..length).map(|at| char::from(b'a' + at as u8 % 26)).collect();
                let text_of = text(&between);
                shapes.add(0, &text_of, &way(&text_of));
                assert!(along(&mut shapes, 0, &text_of).is_some(), "{text_of}");
                for at in 0..length {
                    let mut other = between.clone();
                    other.replace_range(at..=at, "?");
                    assert_eq!(along(&mut shapes, 0, &text(&other)), None, "{other}");
                }
                for other in [format!("{between}\0"), between[..length.saturating_sub(1)].to_owned()] {
                    assert!(other == between || along(&mut shapes, 0, &text(&other)).is_none(), "{other}");
                }
            }
        }
    }

    /// Tells of a text whether it was walked along others; if not, it is remembered.
    fn tell(shapes: &mut Shapes, text: &str) -> bool {
        let is_known = along(shapes, 0, text).is_some();
        if !is_known {
            shapes.add(0, text, &way_of(text, false));
        }
        is_known
    }

    #[test]
    fn what_nobody_asks_about_is_no_stop_until_another_was_seen_in_its_place() {
        let mut shapes = Shapes::new(1);
        for (text, is_known) in [
            (r#"a"1" b"1" c"1""#, false),
            (r#"a"1" b"1" c"1""#, true),
            (r#"a"1" b"2" c"1""#, false),
            (r#"a"1" b"3" c"1""#, true),
            (r#"a"1" b"1" c"2""#, false),
            (r#"a"1" b"4" c"4""#, true),
            (r#"a"2" b"4" c"4""#, false),
            (r#"a"3" b"5" c"""#, true),
            (r#"a"1" b"1" c"1""#, true),
            // What was seen behind a stretch counts wherever that stands.
            (r#"d"1" b"1" c"1""#, false),
            (r#"d"1" b"2" c"2""#, true),
            (r#"d"2" b"2" c"2""#, false),
            (r#"d"3" b"3" c"3""#, true),
        ] {
            assert_eq!(tell(&mut shapes, text), is_known, "{text}");
        }
        // What was taken to be always the same leads nowhere any more.
        assert_eq!(shapes.ways(0).count(), 2);
        // Effects stay where they belong, at whatever values there are no stops.
        assert_eq!(along(&mut shapes, 0, r#"a"7" b"77" c"7""#), Some(vec![2, 7, 12]));
    }

    #[test]
    fn each_value_that_differs_costs_one_look_and_long_ones_none() {
        let mut shapes = Shapes::new(1);
        let text = |number: usize| (0..50).map(|key| format!("{key}\"{number}\" ")).collect::<String>();
        assert_eq!((0..200).filter(|number| !tell(&mut shapes, &text(*number))).count(), 51);
        let long = |number: usize| format!("long\"{number:0200}\"");
        assert_eq!((0..200).filter(|number| !tell(&mut shapes, &long(*number))).count(), 1);
    }

    #[test]
    fn a_number_that_differs_says_nothing_of_a_text_in_its_place() {
        let mut shapes = Shapes::new(1);
        let number = |shapes: &mut Shapes, text: &str| {
            let mut trace = Trace::default();
            trace.begin(0);
            trace.stop(Stop::Number(None), 1, false);
            trace.resume(2);
            trace.stop(Stop::End, 2, true);
            shapes.add(0, text, &trace);
        };
        assert!(!tell(&mut shapes, r#"a"1""#));
        number(&mut shapes, "a1");
        number(&mut shapes, "a2");
        assert!(shapes.next(0, &mut Steps::new("a3")).is_some_and(|next| next.stop == Stop::Number(None)));
        assert!(tell(&mut shapes, r#"a"1""#));
        assert_eq!(shapes.ways(0).count(), 2);
    }

    #[test]
    fn a_number_is_no_text_and_the_end_no_beginning() {
        let mut shapes = Shapes::new(1);
        let text = "[7]";
        let mut trace = Trace::default();
        trace.begin(0);
        trace.stop(Stop::Number(Some(0)), 1, true);
        trace.resume(2);
        trace.stop(Stop::End, 3, true);
        shapes.add(0, text, &trace);
        for (text, is_alike) in
            [("[8]", true), ("[-8]", true), ("[\"8]", false), ("[]", false), ("[8]]", false), ("[8] ", true)]
        {
            let mut steps = Steps::new(text);
            let number = shapes.next(0, &mut steps).map(|next| next.node);
            let end = number.and_then(|number| steps.number().and_then(|_| shapes.next(number, &mut steps)));
            assert_eq!(end.is_some(), is_alike, "{text}");
        }
        // Whichever was there last.
        let text = "[\"x\"]";
        shapes.add(0, text, &way(text));
        for _ in 0..2 {
            assert!(shapes.next(0, &mut Steps::new("[8]")).is_some_and(|next| next.stop == Stop::Number(Some(0))));
            assert!(along(&mut shapes, 0, text).is_some());
        }
    }

    #[test]
    fn nothing_grows_without_end_and_texts_that_are_never_alike_are_seldom_tried() {
        let mut shapes = Shapes::new(2);
        let mut tried = 0;
        for number in 0..40_000 {
            if shapes.is_worth_trying(1) {
                tried += 1;
                shapes.missed(1);
                // As many ways at the beginning as fit, and many more behind them.
                let text = format!("{} \"\"{} {}", number % 30, "x".repeat(number % 300), number);
                shapes.add(1, &text, &way(&text));
                assert!(shapes.nodes.len() <= MOST_NODES && shapes.between.len() <= MOST_BYTES);
            }
        }
        assert!(shapes.forgotten > 0 && tried < 40_000 / COST as usize + MOST_SAVED as usize, "{tried}");
        assert!((0..100).all(|_| shapes.is_worth_trying(0)));
        for _ in 0..COST {
            shapes.is_worth_trying(1);
        }
        assert!(shapes.is_worth_trying(1));
    }

    #[test]
    fn of_many_ways_the_one_that_was_not_taken_for_the_longest_time_is_forgotten() {
        let mut shapes = Shapes::new(1);
        let text = |number: usize| format!("{number} \"\"");
        for number in 0..MOST_WAYS {
            shapes.add(0, &text(number), &way(&text(number)));
        }
        assert!(along(&mut shapes, 0, &text(0)).is_some());
        shapes.add(0, &text(100), &way(&text(100)));
        assert_eq!(shapes.ways(0).count(), MOST_WAYS);
        let is_known = |number| along(&mut shapes, 0, &text(number)).is_some();
        assert_eq!([0, 1, 2, 100].map(is_known), [true, false, true, true]);
    }

    #[test]
    fn a_text_too_large_to_be_remembered_costs_nothing_that_is() {
        let mut shapes = Shapes::new(1);
        shapes.add(0, "[\"\"]", &way("[\"\"]"));
        for large in [format!("{}\"\"", " ".repeat(MOST_BYTES)), "\"\"".repeat(2_000)] {
            shapes.add(0, &large, &way(&large));
            assert!(along(&mut shapes, 0, &large).is_none() && along(&mut shapes, 0, "[\"\"]").is_some());
        }
        let mut trace = Trace::default();
        trace.begin(0);
        (0..10_000).for_each(|atom| trace.effect(Effect::Mark(atom)));
        trace.stop(Stop::End, 0, true);
        assert!(trace.whole().is_none());
        // However long the values are.
        let long = format!("{{\"{}\"}}", "x".repeat(MOST_BYTES));
        shapes.add(0, &long, &way(&long));
        assert!(along(&mut shapes, 0, &long).is_some());
    }
}
